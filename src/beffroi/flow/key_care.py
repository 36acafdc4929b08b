"""Looking after the node's keys: a ceremony that people attend, and one key after another.

Owns: what a ceremony records and shows; what a rotation records.
Promises: what is shown can be written down and compared later, and holds no secret; who was present stands in the log,
by id; a log under a new name names the checkpoint of the old one, and who opened it.
Never does: show or move a secret.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.kernel.limits import CEREMONY_PRESENT_MIN
from beffroi.ground.ledger import store as ledger
from beffroi.ground.ledger.checkpoint import Checkpoint, log_keys, read_checkpoint
from beffroi.ground.ledger.events import KeyRotated, KeysAttested, LogOpened
from beffroi.ground.ledger.store import StoredCheckpoint
from beffroi.ground.storage import Actor, Tx, events
from beffroi.ground.trust.keys import KeyFacts, Purpose
from beffroi.staff import store as staff
from beffroi.staff.model import Person, PersonState
from beffroi.staff.proof import tokens

from .house import House


@dataclass(frozen=True, slots=True)
class Sheet:
    """What those present write down."""

    origin: str
    vkeys: tuple[str, ...]
    """What others configure to check the log (C2SP signed-note), newest first."""
    keys: tuple[KeyFacts, ...]
    checkpoint: Checkpoint
    """Signed at the end, so that what was recorded is in it."""
    follows: Checkpoint | None
    """The last one under the log's old name, where it has a new one."""
    present: tuple[Person, ...]


def ceremony(house: House, actor: Actor, emails: Sequence[str]) -> Sheet:
    """Record that those with these addresses are present, seal it, and return what they write down.

    Raises:
        Invalid: fewer than two people.
        NotFound: an address is not that of somebody who is active here.
        InvariantViolated: the log cannot be signed; the record stands, and the message says why.

    """
    present = _present(house, emails)
    origin, ids = house.settings.origin, tuple(person.id for person in present)
    with house.read() as conn:
        last, follows = _read(ledger.latest_checkpoint(conn)), _followed(conn, origin)
    keys = tuple(house.ring.listing())
    in_use = tuple(key.id for key in keys if key.retires_at is None)

    def work(tx: Tx) -> None:
        if follows is not None:
            tx.record(LogOpened(origin, follows.origin, follows.size, follows.root.hex(), ids))
        size, root = (last.size, last.root.hex()) if last else (0, "")
        tx.record(KeysAttested(origin, in_use, size, root, ids))

    house.write("law", actor, work)
    sealed = read_checkpoint(house.integrator.beat().note)
    vkeys = tuple(key.vkey for key in log_keys(origin, house.ring.verifying(Purpose.LEDGER)))
    return Sheet(origin, vkeys, keys, sealed, follows, present)


def rotate(house: House, actor: Actor, purpose: Purpose, overlap: timedelta) -> KeyFacts:
    """A new key for `purpose`; the old one is accepted until `overlap` has passed.

    The file comes first: a key that was made and not recorded is found by the next ceremony, one that was recorded and
    not made is nowhere.
    """
    old = next(key for key in house.ring.listing() if key.purpose is purpose)
    fresh = house.ring.rotate(purpose, overlap)
    until = house.clock.now() + overlap
    told = KeyRotated(house.settings.origin, purpose.value, old.id, fresh.id, until)
    house.write("law", actor, lambda tx: tx.record(told))
    return fresh


def _present(house: House, emails: Collection[str]) -> tuple[Person, ...]:
    with house.read() as conn:
        found = {email: staff.person_by_lookup(conn, tokens.lookup_of(house.pepper, email)) for email in emails}
        people = [_active(conn, email, person) for email, person in found.items()]
    present = tuple({person.id: person for person in people}.values())
    if len(present) < CEREMONY_PRESENT_MIN:
        raise Invalid(
            "too-few-present", f"a ceremony needs {CEREMONY_PRESENT_MIN} people of this node", where="present"
        )
    return present


def _active(conn: Connection, email: str, person: PersonId | None) -> Person:
    found = None if person is None else staff.PEOPLE.load(conn, person)
    if found is None or found.state is not PersonState.ACTIVE:
        raise NotFound("not-here", f"{email} is not the address of anybody who is active here")
    return found


def _followed(conn: Connection, origin: str) -> Checkpoint | None:
    """The last checkpoint under the old name, until a ceremony has named it."""
    if any(opened.aggregate_id == origin for opened in events.of_type(conn, LogOpened.type())):
        return None
    return _read(ledger.last_under_another_name(conn, origin))


def _read(stored: StoredCheckpoint | None) -> Checkpoint | None:
    return None if stored is None else read_checkpoint(stored.note)
