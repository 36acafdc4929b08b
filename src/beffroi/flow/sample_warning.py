"""The demo's warning: a post that pointed to a danger, and the invented police that were told of it.

Owns: the sample register and one warning: confirmed by both, not yet looked at by a second person.
Promises: every body, place, number and word is invented; nothing is mailed.
Never does: run outside `demo`.
"""

from collections.abc import Mapping
from dataclasses import replace

from beffroi.cases import store as cases
from beffroi.content.model import AccountGiven, Submission
from beffroi.ground.kernel.errors import Refusal, ensure
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.tx import NODE
from beffroi.threats import service as threats
from beffroi.threats.model import (
    Danger,
    Entry,
    Function,
    Link,
    Mark,
    Part,
    Receipt,
    StateConcerned,
    Threat,
    Window,
)
from beffroi.threats.rules import Sign

from . import platform_events, screening, warn
from .house import House

_POST = "Night bus. At the lamp hall when it opens at six, with the tin. You will see: the lamps go out on market day."
_REASONS = (
    "The poster claims to be on the night bus and will be at the lamp hall when it opens at six, with the tin. "
    "Two replies ask to stop. A photo of a ticket for tonight was in the post, which the poster has deleted since."
)
_ITEM, _LIST = "sample-night-bus", "invented for this demo"
_REGISTER = (
    Entry("Valmere Criminal Police, night desk", Function.INVESTIGATE, "XV", "+99 0 555 0107", "always", source=_LIST),
    Entry("Oostmark Criminal Police", Function.INVESTIGATE, "XA", "+99 0 555 0142", "always", source=_LIST),
    Entry("Oostmark contact point", Function.CONTACT_POINT, "XA", "+99 0 555 0100", "08 to 20", source=_LIST),
    Entry("Union police, front desk", Function.EUROPOL, "", "+99 0 555 0190", "always", source=_LIST),
)


def fill(house: House, people: Mapping[str, PersonId]) -> None:
    """The register, then the warning."""
    noor = people["moderator"]
    house.write("law", NODE, lambda tx: _register(tx, people["senior_moderator"], people["policy_lead"]))
    author = AccountGiven("sample-night-tin", "night.tin.7", bio="Tins and buses")
    post = Submission(_ITEM, author, text=_POST, language="en", url="https://agora.example/square/p/99188")
    [verdict] = screening.screen(house, NODE, [post], awaited=False)
    ensure(not isinstance(verdict, Refusal) and verdict.case, "sample-post", "the sample post opened no case")
    threat = house.write("law", Actor("person", noor), lambda tx: _opened(tx, verdict.case, noor))  # type: ignore[union-attr, arg-type]
    wanted = Sign(
        threat=threat.id,
        danger=Danger.LIFE,
        window=Window.HOURS,
        marks=(Mark.INTENT, Mark.CAPABILITY, Mark.PLACE),
        states=(StateConcerned("XV", Link.OFFENCE, stated=True), StateConcerned("XA", Link.SUSPECT, stated=False)),
        reasons=_REASONS,
        parts=(Part.POST, Part.ACCOUNT),
        connection="",
    )
    shown = warn.shown(house, noor, wanted).letter.digest
    warn.sign(house, Actor("person", noor), noor, replace(wanted, shown=shown))
    house.write("law", Actor("person", noor), lambda tx: _confirmed(tx, threat, noor))
    platform_events.item_deleted(house, NODE, _ITEM)


def _register(tx: Tx, first: PersonId, second: PersonId) -> None:
    for entry in _REGISTER:
        pinned = threats.pin(tx, entry, first)
        threats.confirm_recipient(tx, pinned.id, second)


def _opened(tx: Tx, ref: str, person: PersonId) -> Threat:
    case = cases.by_ref(tx.conn, ref)
    ensure(case, "sample-post", "the sample post opened no case")
    return threats.open_(tx, case.id, person)  # type: ignore[union-attr]


def _confirmed(tx: Tx, threat: Threat, person: PersonId) -> None:
    for each in threats.addressed(tx.conn, threat.id):
        threats.called(tx, threat.id, 1, each, person, answered=True)
        threats.confirm(tx, threat.id, 1, each, Receipt.TELEPHONE, person)
