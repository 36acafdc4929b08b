"""A warning to work on, in tests: a case, a register of invented bodies, and the commands in one word each."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from beffroi.cases.model import Case
from beffroi.content.model import AccountGiven
from beffroi.ground.kernel.ids import PersonId, RecipientId, ThreatId
from beffroi.ground.storage import Actor
from beffroi.parties import service as parties
from beffroi.threats import service, store
from beffroi.threats.model import (
    Danger,
    Entry,
    Function,
    LetterKind,
    Link,
    Mark,
    Part,
    Recipient,
    StateConcerned,
    Threat,
    Window,
)
from beffroi.threats.rules import Sign
from tests.databases import HouseDb
from tests.unit.cases.scene import IOANA, NOOR, TOMAS, item, opened
from tests.unit.parties.invented import AGORA

__all__ = ["IOANA", "NOOR", "TOMAS"]

WORDS = "Night bus. At the lamp hall when it opens at six, with the tin. You will see."
REASONS = "The poster says they will be at the lamp hall at six with the tin. Two replies ask to stop."
VALMERE = Entry(
    "Valmere Criminal Police, night desk", Function.INVESTIGATE, "XV", "+99 0 555 0107", "always",
    "night@police.valmere.example", source="the list of Valmere's ministry",
)  # fmt: skip
OOSTMARK = replace(VALMERE, name="Oostmark Criminal Police", country="XO", email="desk@police.oostmark.example")
CONTACT = replace(VALMERE, name="Oostmark contact point", function=Function.CONTACT_POINT, country="XO")
EUROPOL = replace(VALMERE, name="Union police", function=Function.EUROPOL, country="")
SIGN = Sign(
    threat=ThreatId(""),
    danger=Danger.LIFE,
    window=Window.HOURS,
    marks=(Mark.INTENT, Mark.CAPABILITY, Mark.PLACE),
    states=(StateConcerned("XV", Link.OFFENCE, True), StateConcerned("XO", Link.SUSPECT, False)),
    reasons=REASONS,
    parts=(Part.POST, Part.ACCOUNT),
    connection="",
)


def do(house: HouseDb, command: Any, *arguments: Any, person: PersonId = NOOR, **named: Any) -> Any:
    return house.run(lambda tx: command(tx, *arguments, **named), actor=Actor("person", person))


def established(house: HouseDb) -> None:
    do(house, parties.establish, replace(AGORA, country="XO"))


def pinned(house: HouseDb, entry: Entry) -> Recipient:
    """An entry behind which two persons stand."""
    made = do(house, service.pin, entry, TOMAS)
    return do(house, service.confirm_recipient, made.id, IOANA)


def register(house: HouseDb) -> dict[str, RecipientId]:
    """A whole register; ids by name."""
    return {entry.name: pinned(house, entry).id for entry in (VALMERE, OOSTMARK, CONTACT, EUROPOL)}


def case(house: HouseDb, number: int = 1) -> Case:
    author = AccountGiven(f"u-{number}", "night.tin.7", "https://agora.example/u/7", "lamps and tins")
    return opened(house, item(house, number, text=WORDS, account=author))


def draft(house: HouseDb, number: int = 1) -> Threat:
    return do(house, service.open_, case(house, number).id, NOOR)


def shown(house: HouseDb, threat: Threat, *, can_mail: bool = True, **changes: Any) -> Sign:
    """What a person signs who has seen what leaves."""
    sign = replace(SIGN, threat=threat.id, **changes)
    now = house.clock.now()
    made = house.ask(lambda conn: service.compose(conn, house.vault, threat, sign, NOOR, now, can_mail=can_mail))
    return replace(sign, shown=made.letter.digest)


def signed(house: HouseDb, threat: Threat | None = None, *, can_mail: bool = True, **changes: Any) -> Threat:
    sign = shown(house, threat or draft(house), can_mail=can_mail, **changes)
    return do(house, service.sign, sign, NOOR, can_mail=can_mail)


def load(house: HouseDb, threat: Threat) -> Threat:
    return house.ask(lambda conn: store.THREATS.load(conn, threat.id))


def letter(house: HouseDb, threat: Threat, number: int = 1) -> Any:
    return house.ask(lambda conn: store.letter(conn, house.vault, threat.id, number))


def supplement(house: HouseDb, threat: Threat, kind: LetterKind = LetterKind.SUPPLEMENT) -> Threat:
    return do(house, service.add, threat.id, NOOR, kind, "We know now that the bus arrives at five.")


def sound(house: HouseDb) -> bool:
    odd = house.ask(lambda conn: store.THREATS.disagreements(conn) + store.RECIPIENTS.disagreements(conn))
    return odd == []


MINUTES_11 = timedelta(minutes=11)
