"""What follows from what a person found; and that nobody but a person finds it."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.doors.api.routes import ROUTES as API
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.limits import WARNING_RING_LATER_S, WARNING_RING_S, WARNING_RINGS_OFTEN
from beffroi.staff.permissions import SCOPES, Permission
from beffroi.threats.model import Basis, Danger, Level, Mark, ThreatRung, Window
from beffroi.threats.rules import apply, bases, level, ring_after
from tests.tidy.sources import sources

MARKS = st.lists(st.sampled_from(Mark), unique=True).map(tuple)


@pytest.mark.parametrize(
    ("marks", "window", "expected"),
    [
        ((), Window.HOURS, Level.LOW),
        ((Mark.CAPABILITY, Mark.TARGET), Window.DAYS, Level.LOW),
        ((Mark.INTENT,), Window.HOURS, Level.MEDIUM),
        ((Mark.INTENT, Mark.CAPABILITY), Window.UNKNOWN, Level.HIGH_UNSPECIFIC),
        ((Mark.INTENT, Mark.CAPABILITY), Window.HOURS, Level.HIGH_SPECIFIC),
        ((Mark.INTENT, Mark.CAPABILITY, Mark.PLACE), Window.UNKNOWN, Level.HIGH_SPECIFIC),
        ((Mark.INTENT, Mark.CAPABILITY, Mark.TARGET), Window.HAPPENED, Level.HIGH_SPECIFIC),
    ],
)
def test_the_level_is_made_of_what_the_words_show(marks, window, expected):
    assert level(marks, window) is expected


@given(MARKS, st.sampled_from(Mark), st.sampled_from(Window))
def test_more_that_is_shown_never_lowers_the_level(marks, more, window):
    order = list(Level)
    assert order.index(level((*marks, more), window)) >= order.index(level(marks, window))


@pytest.mark.parametrize(
    ("danger", "window", "home", "expected"),
    [
        (Danger.LIFE, Window.HOURS, "XO", {Basis.TCO_14_5, Basis.DSA_18}),
        (Danger.LIFE, Window.DAYS, "XO", {Basis.TCO_14_5, Basis.DSA_18}),
        (Danger.LIFE, Window.HAPPENED, "XO", {Basis.DSA_18}),
        (Danger.SAFETY, Window.HOURS, "XO", {Basis.DSA_18}),
        (Danger.SERIOUS_INJURY, Window.HOURS, "US", {Basis.DSA_18, Basis.US_2702}),
        (Danger.SAFETY, Window.HOURS, "US", {Basis.DSA_18}),
        (Danger.LIFE, Window.HAPPENED, "US", {Basis.DSA_18}),
    ],
)
def test_under_which_law_it_is_told(danger, window, home, expected):
    """TCO 14(5): imminent, and a life. 2702(b)(8): an emergency, death or serious physical injury."""
    assert set(bases(danger, window, home)) == expected


def test_it_pages_often_at_first():
    assert [ring_after(times).total_seconds() for times in (0, WARNING_RINGS_OFTEN - 1, WARNING_RINGS_OFTEN)] == [
        WARNING_RING_S, WARNING_RING_S, WARNING_RING_LATER_S,
    ]  # fmt: skip


def test_nothing_happens_to_a_warning_that_nobody_opened():
    with pytest.raises(Conflict):
        apply(None, ThreatRung("thr_1", 1, None))  # type: ignore[arg-type]


@pytest.mark.slow
def test_no_machine_begins_signs_or_sends_one():
    """No key can hold the permission, no route of the API does it, and only a person's click and the demo call it."""
    assert not {p for p in SCOPES if p.value.startswith(("threats:", "recipients:"))}
    assert {row.method for row in API if "threat" in row.path} == {"GET"}
    assert {row.permission for row in API if "threat" in row.path} == {Permission.THREATS_READ}
    callers = {
        (file.module, node.func.attr)
        for file in sources("src/")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.attr in {"open_", "sign", "add"}
        and node.func.value.id in {"threats", "warn", "service"}
        and ("threat" in file.module or "warn" in file.module or "threats" in ast.unparse(node.func))
    }
    assert callers == {
        ("beffroi.doors.console.threats", "open_"),
        ("beffroi.doors.console.threats", "sign"),
        ("beffroi.doors.console.threats", "add"),
        ("beffroi.flow.sample_warning", "open_"),
        ("beffroi.flow.sample_warning", "sign"),
        ("beffroi.flow.warn", "sign"),
    }
