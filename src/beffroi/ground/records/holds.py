"""Holds: what the law or a proceeding obliges to keep is neither erased nor let go until the hold ends.

Owns: the table `legal_hold`; placing and releasing a hold on a subject; until when one is held.
Promises: a hold has a reason of a closed list, a person, an end that is at most a year away, and two events.
Never does: keep "for an investigation": that needs an instrument of its own (TCO Art 6(2); law.md, scenario 23).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Column, Connection, Index, Integer, Text, func, select

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import SubjectId, fresh
from beffroi.ground.kernel.limits import LEGAL_HOLD_DAYS_MAX
from beffroi.ground.storage import Event, Instant, Rows, Tx, table

from .keeping import Keeping, Retention

hold_table = table(
    "legal_hold",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("released_at", Instant),
    Index("ix_legal_hold_subject", "subject", "until"),
)


class HoldWhy(StrEnum):
    """Why something is kept beyond its time."""

    REVIEW = "review"  # administrative or judicial review that is under way (TCO Art 6(2))
    COMPLAINT = "complaint"  # a complaint that is being handled (TCO Art 10, DSA Arts 20 and 21)
    CLAIM = "claim"  # legal claims (GDPR Art 17(3)(e))


@dataclass(frozen=True, slots=True)
class LegalHold:
    """One hold on one subject; over at `until`, or earlier when released."""

    id: str
    version: int
    subject: SubjectId
    until: datetime
    why: HoldWhy
    placed_by: str
    placed_at: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldPlaced(Event):
    """What is kept of this subject stays until then."""

    aggregate: ClassVar[str] = "legal-hold"

    hold: str
    subject: SubjectId
    until: datetime
    why: HoldWhy
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldReleased(Event):
    """The hold ended before its time."""

    aggregate: ClassVar[str] = "legal-hold"

    hold: str
    by: str
    at: datetime


def _apply(hold: LegalHold | None, event: Event) -> LegalHold:
    if hold is None and isinstance(event, HoldPlaced):
        return LegalHold(event.hold, 0, event.subject, event.until, event.why, event.by, event.at, None)
    if hold is not None and isinstance(event, HoldReleased) and hold.released_at is None:
        return replace(hold, released_at=event.at)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a hold")


def _row(hold: LegalHold) -> dict[str, Any]:
    return {name: getattr(hold, name) for name in LegalHold.__dataclass_fields__}


HOLDS: Rows[LegalHold] = Rows(
    hold_table,
    "legal-hold",
    (HoldPlaced, HoldReleased),
    _apply,
    _row,
    lambda row: LegalHold(**{**row, "why": HoldWhy(row["why"])}),
)


def place(tx: Tx, subject: SubjectId, until: datetime, why: HoldWhy) -> LegalHold:
    """Keep what there is of a subject until then.

    Raises:
        Invalid: the end has passed or is more than a year away; renew it instead.
        Conflict: the subject was erased; there is nothing to keep.

    """
    if not tx.now < until <= tx.now + timedelta(days=LEGAL_HOLD_DAYS_MAX):
        raise Invalid("bad-end", f"a hold ends within {LEGAL_HOLD_DAYS_MAX} days; renew it if need be", where="until")
    if tx.vault.is_destroyed(subject):
        raise Conflict("erased", "this subject was erased; there is nothing to keep")
    event = HoldPlaced(fresh("hld", tx.now), subject, until, why, str(tx.actor), tx.now)
    return HOLDS.change(tx, None, [event])


def release(tx: Tx, hold_id: str) -> LegalHold:
    """End a hold before its time.

    Raises:
        NotFound: there is none with this id.
        Conflict: it was released before.

    """
    hold = HOLDS.load(tx.conn, hold_id)
    return HOLDS.change(tx, hold, [HoldReleased(hold.id, str(tx.actor), tx.now)])


def held_until(conn: Connection, subject: str, now: datetime) -> datetime | None:
    """Until when a subject is held; None if it is not."""
    c = hold_table.c
    live = (c.subject == subject) & c.released_at.is_(None) & (c.until > now)
    found: datetime | None = conn.execute(select(func.max(c.until)).where(live)).scalar()
    return found


def live(conn: Connection, now: datetime) -> list[LegalHold]:
    """Every hold that stands, the one that ends first before the others."""
    c = hold_table.c
    return HOLDS.find(conn, select(hold_table).where(c.released_at.is_(None), c.until > now).order_by(c.until, c.id))


RECORD = Keeping(
    hold_table,
    "what may not be erased yet, and why (TCO Art 6(2), GDPR Art 17(3))",
    Retention("as long as the node's record; holds no personal data"),
)
