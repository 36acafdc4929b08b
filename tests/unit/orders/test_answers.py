"""The filled forms: true times, and no measure ticked that was not taken."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from beffroi.ground.kernel.ids import OrderItemId
from beffroi.ground.kernel.limits import NAME_CHARS_MAX
from beffroi.orders.annexes import Officer
from beffroi.orders.answers import Facts, Line, annex_ii, annex_iii
from beffroi.orders.model import ItemState, Measure, Obstacle
from tests.unit.orders.scene import FORM
from tests.unit.orders.test_rules import NOW, SOON, listed, received


def lines(*states: ItemState) -> list[Line]:
    return [
        Line(
            replace(listed(), id=OrderItemId(f"ori_{n}"), number=n, state=one, done_at=NOW + timedelta(minutes=n)),
            f"https://agora.example/p/{n}",
        )
        for n, one in enumerate(states, 1)
    ]


def facts(*states: ItemState, **changes) -> Facts:
    return Facts(replace(received(authentic=True), **changes), FORM, lines(*states), None, SOON)


def test_a_form_for_each_measure_with_the_time_of_the_last_item():
    removed, disabled = annex_ii(
        facts(ItemState.REMOVED, ItemState.DISABLED, ItemState.DISABLED, ItemState.ALREADY_UNAVAILABLE)
    )
    assert (removed.measure, removed.measure_taken_at) == (Measure.REMOVED, NOW + timedelta(minutes=1))
    assert (disabled.measure, disabled.measure_taken_at) == (
        Measure.DISABLED_IN_MEMBER_STATES,
        NOW + timedelta(minutes=3),
    )
    assert (removed.already_gone, disabled.already_gone) == (("https://agora.example/p/4",), ())
    assert removed.authority_file_reference == FORM.reference_number


def test_what_was_gone_ticks_nothing_and_nothing_done_is_no_form():
    [gone] = annex_ii(facts(ItemState.ALREADY_UNAVAILABLE))
    assert (gone.measure, gone.measure_taken_at, gone.urls) == (None, None, ())
    assert annex_ii(facts(ItemState.PENDING, ItemState.OUT_OF_SCOPE, ItemState.NOT_FOUND)) == ()


def test_annex_iii_speaks_of_what_is_open():
    assert annex_iii(facts(ItemState.PENDING)) is None
    told = annex_iii(
        facts(ItemState.DISABLED, ItemState.PENDING, obstacle_at=SOON, obstacles=(Obstacle.MANIFEST_ERRORS,))
    )
    assert told is not None
    assert (told.urls, told.reasons, told.date) == (
        ("https://agora.example/p/2",),
        (Obstacle.MANIFEST_ERRORS,),
        SOON,
    )


def test_blanks_count_towards_a_length_and_are_not_kept():
    """As the schema says, which knows nothing of blanks that go."""
    assert Officer(name=" " + "n" * (NAME_CHARS_MAX - 1)).name == "n" * (NAME_CHARS_MAX - 1)
    with pytest.raises(ValidationError):
        Officer(name=" " + "n" * NAME_CHARS_MAX)
