"""The statement of reasons, built from the decision whenever it is read (DSA Art 17).

Owns: `statement`, what the public page and its JSON form show.
Promises: every element of Art 17(3) comes from the decision, its clause in the version that was in force, and
the charter; nothing is written twice; an erased account has no statement any more.
Never does: name the notifier or the moderator; show the media or a thumbnail.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from beffroi.actions import store as actions_store
from beffroi.actions import views as actions_views
from beffroi.actions.model import Restriction
from beffroi.actions.views import DecisionRead
from beffroi.content import store as content
from beffroi.content.model import Item, Posted
from beffroi.decisions.remedies import Basis, Remedy, remedies
from beffroi.ground.storage import Vault
from beffroi.parties import charter
from beffroi.parties import store as parties
from beffroi.parties.model import NodeKind, Organisation, Service, Size

from . import store
from .model import Statement


@dataclass(frozen=True, slots=True)
class StatementRead:
    """What one person is told."""

    statement: Statement
    organisation: Organisation | None
    decision: DecisionRead
    restriction: Restriction | None
    item: Item | None
    posted: Posted | None
    is_detected_by_machine: bool
    is_decided_by_machine: bool
    remedies: tuple[Remedy, ...]
    challenge_until: datetime
    out_of_court: str
    """Certified bodies, in the platform's words; empty where none are named."""

    @property
    def is_over(self) -> bool:
        """Whether what it tells has ended since."""
        return self.restriction is not None and not self.restriction.live_causes


def statement(conn: Connection, vault: Vault, token: str) -> StatementRead | None:
    """The statement behind a link; None for a wrong link, and once the account was erased."""
    found = store.by_token(conn, token)
    return None if found is None else read(conn, vault, found)


def read(conn: Connection, vault: Vault, found: Statement) -> StatementRead:
    """A statement with everything it says."""
    return built(conn, vault, found, actions_views.decision(conn, vault, found.decision))


def built(conn: Connection, vault: Vault, found: Statement, decision: DecisionRead) -> StatementRead:
    """A statement of a decision, which may be one that was not made yet: a moderator reads it first."""
    organisation = parties.organisation(conn)
    item = content.ITEMS.load(conn, found.item) if found.item is not None else None
    months = int(charter.get(conn, "remedies.complaint_months"))
    return StatementRead(
        statement=found,
        organisation=organisation,
        decision=decision,
        restriction=actions_store.RESTRICTIONS.load(conn, found.restriction) if found.restriction else None,
        item=item,
        posted=content.posted(conn, vault, item.id, found.revision) if item is not None else None,
        is_detected_by_machine=decision.decision.source == "own_screening",
        is_decided_by_machine=decision.decision.rule is not None,
        remedies=_remedies(conn, organisation, by_rule=decision.decision.rule is not None),
        challenge_until=challenge_until(found.issued_at, months),
        out_of_court=str(charter.get(conn, "remedies.out_of_court")),
    )


def challenge_until(told_at: datetime, months: int) -> datetime:
    """The last instant to complain: the end of the day `months` later (DSA Art 20(1)); a right, so the latest reading.

    A missing date clamps to the end of the month (Reg 1182/71 Art 3(2)(c)); the day ends twelve hours later in UTC
    than where it ends last on earth, so that no time zone loses an hour.
    """
    years, month = divmod(told_at.month - 1 + months, 12)
    year = told_at.year + years
    day = min(told_at.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day, tzinfo=UTC) + timedelta(days=1, hours=12)


def _remedies(conn: Connection, organisation: Organisation | None, *, by_rule: bool) -> tuple[Remedy, ...]:
    size, service = Size.MICRO, Service.HOSTING
    if organisation is not None and organisation.particulars.kind is NodeKind.PLATFORM:
        size = organisation.particulars.size or size
        service = organisation.particulars.service or service
    return remedies(
        Basis.RULE if by_rule else Basis.TERMS,
        size,
        service=service,
        cross_border=False,
        secret=False,
        offers_own_complaint=bool(charter.get(conn, "remedies.own_complaint")),
    )
