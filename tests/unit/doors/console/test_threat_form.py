"""The form of a warning as a command: nothing is guessed, and what no form of ours has is left out."""

import pytest
from starlette.datastructures import FormData

from beffroi.doors.console import threat_form
from beffroi.doors.web.forms import Form
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import ThreatId
from beffroi.threats.model import Danger, Link, Mark, Part, StateConcerned, Window

THREAT = ThreatId("thr_1")


def read(*pairs):
    return threat_form.given(Form(FormData([*pairs])))


def test_what_was_filled_in_becomes_the_command():
    filled = read(
        ("danger", "safety"), ("window", "days"), ("marks", "place"), ("marks", "intent"), ("marks", "score"),
        ("state.offence", "xv"), ("state.suspect", ""), ("stated", "offence"), ("reasons", " They say so. "),
        ("parts", "connection"), ("parts", "contacts"), ("connection", "192.0.2.44"), ("shown", "ab" * 32),
    )  # fmt: skip
    made = threat_form.signed(THREAT, filled)
    assert (made.danger, made.window) == (Danger.SAFETY, Window.DAYS)
    assert made.marks == (Mark.INTENT, Mark.PLACE)
    assert made.states == (StateConcerned("XV", Link.OFFENCE, stated=True),)
    assert (made.parts, made.connection, made.reasons) == ((Part.CONNECTION,), "192.0.2.44", "They say so.")
    assert made.shown == "ab" * 32


def test_an_empty_form_says_when_nobody_chose():
    made = threat_form.command(THREAT, read())
    assert (made.danger, made.window, made.parts, made.states) == (Danger.LIFE, Window.UNKNOWN, (), ())
    with pytest.raises(Invalid, match="choose when"):
        threat_form.signed(THREAT, read(("window", "soon")))


def test_a_field_beyond_its_length_is_refused():
    for name, most in (("reasons", 4000), ("connection", 500), ("shown", 64), ("state.offence", 8)):
        assert read((name, "x" * most))
        with pytest.raises(Invalid) as refused:
            read((name, "x" * (most + 1)))
        assert refused.value.where == name
