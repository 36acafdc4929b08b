"""What the pages of warnings show.

Owns: reading a warning with its letters, its case's post and the register.
Promises: read-only; a letter is shown as it left, byte for byte.
Never does: change anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from beffroi.cases import store as cases_store
from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.ids import PersonId, RecipientId, ThreatId
from beffroi.ground.storage import Vault

from . import routing, rules, service, store
from .letter import ThreatNotification, script, text
from .model import Dispatch, Letter, Recipient, Threat, ThreatState
from .service import Known


@dataclass(frozen=True, slots=True)
class LetterRead:
    """A letter with its words; they are None once their time is over."""

    letter: Letter
    words: ThreatNotification | None

    @property
    def text(self) -> str:
        """As people read it."""
        return "" if self.words is None else text(self.words)

    @property
    def data(self) -> str:
        """As machines read it."""
        return "" if self.words is None else self.words.data().decode()

    @property
    def script(self) -> str:
        """What to say on the telephone."""
        return "" if self.words is None else script(self.words)


@dataclass(frozen=True, slots=True)
class ThreatRead:
    """A warning with everything on its page."""

    threat: Threat
    case_ref: str
    letters: tuple[LetterRead, ...]
    recipients: dict[RecipientId, Recipient]
    known: Known
    second_due_at: datetime | None


def threat(conn: Connection, vault: Vault, threat_id: ThreatId, person: PersonId, now: datetime) -> ThreatRead:
    """One warning.

    Raises:
        NotFound: there is none.

    """
    found = store.THREATS.load(conn, threat_id)
    letters = tuple(LetterRead(letter, store.letter(conn, vault, threat_id, letter.number)) for letter in found.letters)
    named = {each.recipient for letter in found.letters for each in letter.dispatches}
    return ThreatRead(
        threat=found,
        case_ref=cases_store.CASES.load(conn, found.case).ref,
        letters=letters,
        recipients={id_: store.RECIPIENTS.load(conn, id_) for id_ in named if id_ != routing.EMERGENCY},
        known=service.known(conn, vault, found, person, now),
        second_due_at=rules.second_due_at(found),
    )


def warnings(conn: Connection, limit: int) -> tuple[Threat, ...]:
    """The last warnings: those that wait for somebody first, then newest first."""
    found = store.newest(conn, limit)
    return tuple(sorted(found, key=lambda each: each.state not in {ThreatState.DRAFT, ThreatState.UNCONFIRMED}))


@dataclass(frozen=True, slots=True)
class RegisterRead:
    """The register: who would be warned now, who is not confirmed, who has expired."""

    recipients: tuple[Recipient, ...]
    live: frozenset[RecipientId]


def register(conn: Connection, now: datetime) -> RegisterRead:
    """Every entry that has not ended."""
    found = tuple(store.register(conn))
    return RegisterRead(found, frozenset(each.id for each in found if routing.is_live(each, now)))


def row(threat: Threat) -> dict[str, Any]:
    """The facts of a warning, flat: what the command line and the API show; no word of a letter."""
    found = threat.findings
    return {
        "id": threat.id,
        "ref": threat.ref,
        "case": threat.case,
        "state": threat.state.value,
        "opened_at": rfc3339(threat.opened_at),
        "bases": tuple(basis.value for basis in threat.bases),
        "danger": found.danger.value if found else None,
        "window": found.window.value if found else None,
        "level": rules.level(found.marks, found.window).value if found else None,
        "states": tuple(f"{state.country}:{state.link.value}" for state in found.states) if found else (),
        "sent": tuple(part.value for part in found.sent) if found else (),
        "held_back": tuple(part.value for part in found.held_back) if found else (),
        "dispatches": tuple(_dispatch_row(letter, each) for letter in threat.letters for each in letter.dispatches),
        "rings": threat.rings,
        "ring_at": _at(threat.ring_at),
        "second_due_at": _at(rules.second_due_at(threat)),
        "seconded_at": _at(threat.seconded_at),
        "agrees": threat.agrees,
        "outcome": threat.outcome.value if threat.outcome else None,
        "closed_at": _at(threat.closed_at),
    }


def _dispatch_row(letter: Letter, each: Dispatch) -> dict[str, Any]:
    return {
        "letter": letter.number,
        "kind": letter.kind.value,
        "recipient": each.recipient,
        "way": each.way.value,
        "state": each.state.value,
        "signed_at": rfc3339(letter.signed_at),
        "sent_at": _at(each.sent_at),
        "called_at": _at(each.called_at),
        "confirmed_at": _at(each.confirmed_at),
        "receipt": each.receipt.value if each.receipt else None,
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
