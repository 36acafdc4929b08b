"""Somebody asks to be erased (GDPR Art 17).

    what nothing needs     goes in the same transaction
    the rest               waits for an open case, the end of remedies, or a hold; then it goes by itself

Owns: finding whose data it is, and the road of a wish; holds from the command line.
Promises: what is asked is recorded at once and is never forgotten; who waits is told until when at least.
Never does: erase under a hold; ask a second time.
"""

from dataclasses import dataclass
from datetime import datetime

from beffroi.cases import store as cases
from beffroi.content import store as content
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import AccountId, PersonId, SubjectId
from beffroi.ground.records import erase, holds
from beffroi.ground.records import erasure as wishes
from beffroi.ground.records.holds import HoldWhy, LegalHold
from beffroi.ground.storage import Actor, Tx
from beffroi.parties import store as parties
from beffroi.staff import store as staff
from beffroi.staff.model import PersonState

from .house import House
from .records import KEEPINGS
from .retention import drop_blobs, subject_needed


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose data it is, and what became of the wish: `waits_until` is None once everything is erased."""

    subject: SubjectId
    waits_until: datetime | None


def ask(house: House, actor: Actor, whom: str) -> Asked:
    """Erase `whom` as far as nothing forbids it, the rest when nothing does any more. See `subject_of`.

    Raises:
        NotFound: nobody here is called that.
        Conflict: erased before; works here still; represents the organisation still.

    """

    def work(tx: Tx) -> Asked:
        subject = subject_of(tx, whom)
        _may_go(tx, subject)
        until = subject_needed(tx.conn, subject, tx.now)
        if until is None:
            erase(tx, subject, "request", KEEPINGS)
        else:
            content.drop_unkept_of(tx, AccountId(subject))
            wishes.wish(tx, subject, until)
        return Asked(subject, until)

    asked = house.write("law", actor, work)
    drop_blobs(house)
    house.database.empty_log()
    return asked


def hold(house: House, actor: Actor, whom: str, until: datetime, why: HoldWhy) -> LegalHold:
    """Keep what there is of `whom` until then; see `holds.place`.

    Raises:
        NotFound: nobody here is called that.

    """
    return house.write("law", actor, lambda tx: holds.place(tx, subject_of(tx, whom), until, why))


def release(house: House, actor: Actor, hold_id: str) -> LegalHold:
    """End a hold before its time; see `holds.release`."""
    return house.write("law", actor, lambda tx: holds.release(tx, hold_id))


def standing_holds(house: House) -> list[LegalHold]:
    """Every hold that stands."""
    with house.read() as conn:
        return holds.live(conn, house.clock.now())


def subject_of(tx: Tx, whom: str) -> SubjectId:
    """Whose data it is: an account by the platform's id or ours, a notifier by reference, a person or subject by id.

    Raises:
        NotFound: nobody here is called that.

    """
    if tx.vault.knows(SubjectId(whom)):
        return SubjectId(whom)
    account = content.account_by_platform_id(tx.conn, whom)
    if account is not None:
        return content.subject_of(account.id)
    notifier = cases.notifier_by_reference(tx.conn, whom)
    if notifier is not None:
        return notifier
    raise NotFound("no-such-subject", "no account, notifier or person here is called that")


def _may_go(tx: Tx, subject: SubjectId) -> None:
    if tx.vault.is_destroyed(subject):
        raise Conflict("erased", "this subject was erased before")
    person = staff.PEOPLE.get(tx.conn, PersonId(subject))
    if person is not None and person.state is not PersonState.LEFT:
        raise Conflict("still-here", "this person works here; let them leave first")
    organisation = parties.organisation(tx.conn)
    if organisation is not None and organisation.representative == subject:
        raise Conflict("still-here", "this person represents the organisation; name somebody else first")
