"""The form of a warning: what is offered, what was filled in, and the command it becomes.

Owns: the reading of the form.
Promises: nothing is chosen beforehand but that a life is in danger, that the post and the account's name leave; no
score fills anything in.
Never does: check what a warning needs; `threats.rules` does, and what it refuses comes back into the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import ThreatId
from beffroi.ground.kernel.limits import WARNING_CONNECTION_CHARS_MAX, WARNING_REASONS_CHARS_MAX
from beffroi.threats.model import Danger, Link, Mark, Part, StateConcerned, Window
from beffroi.threats.rules import Sign

from ..web.forms import Form
from ..web.words import N_

_Choice = TypeVar("_Choice", bound=StrEnum)
_COUNTRY_CHARS_MAX = 8
_DIGEST_CHARS = 64

WINDOWS = (
    (Window.HOURS, N_("Within hours"), N_("Tonight, a time or a way there is named")),
    (Window.DAYS, N_("Within days"), N_("A date is named")),
    (Window.HAPPENED, N_("Has happened"), N_("An offence seems to have taken place")),
    (Window.UNKNOWN, N_("No time is named"), N_("Soon, some day, when ready")),
)
"""When, in the order that is kept for ever."""
MARKS = (
    (Mark.INTENT, N_("They say they will")),
    (Mark.CAPABILITY, N_("They have the means")),
    (Mark.TARGET, N_("Somebody or something is named")),
    (Mark.PLACE, N_("A place is named")),
)
LINKS = (
    (Link.OFFENCE, N_("Where it would happen, or happened")),
    (Link.SUSPECT, N_("Where the poster seems to be")),
    (Link.VICTIM, N_("Where those threatened are")),
)
PARTS = (
    (Part.POST, N_("The post"), N_("Words, link, time with zone")),
    (Part.FILES, N_("What was attached"), N_("Kind, size and digest; never the file")),
    (Part.ACCOUNT, N_("Account name and number"), N_("As the platform calls it")),
    (Part.PROFILE, N_("Profile"), N_("Its address and what it says of itself")),
    (Part.CONNECTION, N_("Last connection"), N_("Address, port, time with zone; of the post only")),
)


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the form; strings, as they were written. `stated`: links whose State the post itself names."""

    danger: str = Danger.LIFE.value
    window: str = ""
    marks: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    stated: tuple[str, ...] = ()
    reasons: str = ""
    parts: tuple[str, ...] = (Part.POST.value, Part.ACCOUNT.value)
    connection: str = ""
    shown: str = ""


def given(form: Form) -> Given:
    """What was filled in."""
    return Given(
        danger=form.text("danger"),
        window=form.text("window"),
        marks=tuple(form.all("marks")),
        states={link.value: form.text(f"state.{link.value}", _COUNTRY_CHARS_MAX) for link in Link},
        stated=tuple(form.all("stated")),
        reasons=form.text("reasons", WARNING_REASONS_CHARS_MAX),
        parts=tuple(form.all("parts")),
        connection=form.text("connection", WARNING_CONNECTION_CHARS_MAX),
        shown=form.text("shown", _DIGEST_CHARS),
    )


def command(threat: ThreatId, filled: Given) -> Sign:
    """The warning that the form means so far; a window that was not chosen yet reads as unknown."""
    return Sign(
        threat=threat,
        danger=_one(Danger, filled.danger) or Danger.LIFE,
        window=_one(Window, filled.window) or Window.UNKNOWN,
        marks=tuple(mark for mark in Mark if mark.value in filled.marks),
        states=tuple(
            StateConcerned(filled.states[link.value].upper(), link, stated=link.value in filled.stated)
            for link in Link
            if filled.states.get(link.value)
        ),
        reasons=filled.reasons,
        parts=tuple(part for part in Part if part.value in filled.parts),
        connection=filled.connection,
        shown=filled.shown,
    )


def signed(threat: ThreatId, filled: Given) -> Sign:
    """The warning that a person signs.

    Raises:
        Invalid: nobody chose when it would be.

    """
    if filled.window not in set(Window):
        told = "choose when: within hours, within days, it has happened, or no time is named"
        raise Invalid("no-window", told, where="window")
    return command(threat, filled)


def _one(kind: type[_Choice], value: str) -> _Choice | None:
    return kind(value) if value in set(kind) else None
