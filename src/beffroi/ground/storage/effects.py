"""What we mean to do outside: intended effects, claimed and settled by workers.

Owns: the table `effect`; intent → effect → outcome.
Promises: an effect is intended in the same transaction as the decision behind it; it is claimed by one
worker at a time under a lease; an unknown outcome is tried again under the same key; nothing is dropped,
an effect that cannot succeed ends as `failed` and is shown.
Never does: the effect itself; `doors.workers` call out, with no transaction open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Index, Integer, Text, func, select, update

from ..kernel.ids import EffectId
from .tables import Instant, Json, table


class EffectState(StrEnum):
    """Who acts next is in the comment."""

    INTENDED = "intended"  # a worker, from due_at on
    DONE = "done"  # nobody
    FAILED = "failed"  # a person: see the deliveries page
    CANCELLED = "cancelled"  # nobody: undone before it began


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done outside: `kind` names the performer, `payload` holds ids, never personal data.

    `key` is the idempotency key: the same key is never stored twice and never changes over retries.
    """

    kind: str
    key: str
    payload: dict[str, Any]
    lane: str = "bulk"


@dataclass(frozen=True, slots=True)
class StoredEffect:
    """One row of `effect`."""

    id: EffectId
    kind: str
    key: str
    lane: str
    payload: dict[str, Any]
    state: EffectState
    attempts: int
    due_at: datetime
    lease_until: datetime | None
    intended_at: datetime
    settled_at: datetime | None
    outcome: dict[str, Any] | None


effect_table = table(
    "effect",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("lane", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("intended_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("outcome", Json),
    Index("ix_effect_due", "state", "due_at"),
)


def claim(conn: Connection, now: datetime, *, limit: int, lease: timedelta) -> list[StoredEffect]:
    """Take up to `limit` due effects for `lease`, law lane first; nobody else gets them meanwhile.

    Must run inside a write transaction. On SQLite that is `BEGIN IMMEDIATE`, which excludes every other
    writer; on PostgreSQL the rows are locked and skipped. (`SKIP LOCKED` alone is silently dropped on SQLite.)
    """
    c = effect_table.c
    free = c.lease_until.is_(None) | (c.lease_until <= now)
    due = select(effect_table).where(c.state == EffectState.INTENDED, c.due_at <= now, free)
    due = due.order_by((c.lane != "law"), c.due_at, c.id).limit(limit).with_for_update(skip_locked=True)
    rows = [_from_row(row) for row in conn.execute(due).mappings()]
    if rows:
        taken = update(effect_table).where(c.id.in_([row.id for row in rows]))
        conn.execute(taken.values(lease_until=now + lease, attempts=c.attempts + 1))
    return rows


def release_all(conn: Connection) -> int:
    """End every lease: for a node that is the only one and has just started, so that nobody else holds any."""
    held = effect_table.c.lease_until.is_not(None) & (effect_table.c.state == EffectState.INTENDED)
    return conn.execute(update(effect_table).where(held).values(lease_until=None)).rowcount


def any_due(conn: Connection, now: datetime) -> bool:
    """Whether a claim would find anything; a read, so that idle workers never take the write lock."""
    c = effect_table.c
    free = c.lease_until.is_(None) | (c.lease_until <= now)
    due = select(c.id).where(c.state == EffectState.INTENDED, c.due_at <= now, free).limit(1)
    return conn.execute(due).first() is not None


def settle(conn: Connection, effect_id: EffectId, now: datetime, state: EffectState, outcome: dict[str, Any]) -> None:
    """The effect came to an end (`done`, `failed`, `cancelled`) with this outcome; the first end stays."""
    values = {"state": state, "outcome": outcome, "settled_at": now, "lease_until": None}
    conn.execute(update(effect_table).where(_is_open(effect_id)).values(values))


def postpone(conn: Connection, effect_id: EffectId, due_at: datetime, outcome: dict[str, Any]) -> None:
    """Try again at `due_at` under the same key, unless it has ended; `outcome` says what happened this time."""
    values = {"due_at": due_at, "outcome": outcome, "lease_until": None}
    conn.execute(update(effect_table).where(_is_open(effect_id)).values(values))


def cancel(conn: Connection, key: str, now: datetime) -> bool:
    """Take back an effect that nobody has begun; false if it was begun, ended or never intended."""
    c = effect_table.c
    unbegun = (c.key == key) & (c.state == EffectState.INTENDED) & (c.attempts == 0)
    values = {"state": EffectState.CANCELLED, "settled_at": now}
    return conn.execute(update(effect_table).where(unbegun).values(values)).rowcount == 1


def retry(conn: Connection, effect_id: EffectId, now: datetime) -> bool:
    """Let workers try a failed effect again, under its own key; false if it has not failed."""
    c = effect_table.c
    failed = (c.id == effect_id) & (c.state == EffectState.FAILED)
    values = {"state": EffectState.INTENDED, "due_at": now, "settled_at": None, "lease_until": None}
    return conn.execute(update(effect_table).where(failed).values(values)).rowcount == 1


def hasten(conn: Connection, effect_id: EffectId, now: datetime) -> bool:
    """Let workers try a waiting effect now; false if it does not wait, or a worker is at it."""
    c = effect_table.c
    waits = _is_open(effect_id) & (c.lease_until.is_(None) | (c.lease_until <= now)) & (c.due_at > now)
    return conn.execute(update(effect_table).where(waits).values(due_at=now)).rowcount == 1


def counts(conn: Connection) -> dict[EffectState, int]:
    """How many effects there are in each state; states without any are missing."""
    c = effect_table.c
    rows = conn.execute(select(c.state, func.count()).group_by(c.state))
    return {EffectState(state): count for state, count in rows}


def of_other_kinds(conn: Connection, kinds: Collection[str]) -> list[tuple[EffectId, str]]:
    """Id and kind of those still to be done that are of none of these kinds."""
    c = effect_table.c
    strange = select(c.id, c.kind).where(c.state == EffectState.INTENDED, c.kind.not_in(kinds)).order_by(c.id)
    return [(EffectId(effect_id), kind) for effect_id, kind in conn.execute(strange)]


def failed_before(conn: Connection, kind: str, at: datetime) -> list[StoredEffect]:
    """Effects of one kind that failed for good before that instant."""
    c = effect_table.c
    failed = (c.state == EffectState.FAILED) & (c.kind == kind) & (c.settled_at <= at)
    return [_from_row(row) for row in conn.execute(select(effect_table).where(failed)).mappings()]


def oldest_due(conn: Connection, now: datetime) -> datetime | None:
    """Since when the effect has been due that waits longest for a worker; None if every due one has its worker."""
    c = effect_table.c
    free = c.lease_until.is_(None) | (c.lease_until <= now)
    due = select(func.min(c.due_at)).where(c.state == EffectState.INTENDED, c.due_at <= now, free)
    found: datetime | None = conn.execute(due).scalar()
    return found


def oldest_tried(conn: Connection) -> datetime | None:
    """When the oldest effect was intended that was tried and is not done; None if there is none."""
    c = effect_table.c
    tried = select(func.min(c.intended_at)).where(c.state == EffectState.INTENDED, c.attempts > 0)
    found: datetime | None = conn.execute(tried).scalar()
    return found


def by_key(conn: Connection, key: str) -> StoredEffect | None:
    """The effect with this idempotency key."""
    row = conn.execute(select(effect_table).where(effect_table.c.key == key)).mappings().first()
    return None if row is None else _from_row(row)


def recent(conn: Connection, *, limit: int, state: EffectState | None = None) -> list[StoredEffect]:
    """The newest effects, for the deliveries page."""
    query = select(effect_table).order_by(effect_table.c.intended_at.desc(), effect_table.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(effect_table.c.state == state)
    return [_from_row(row) for row in conn.execute(query).mappings()]


def _is_open(effect_id: EffectId) -> ColumnElement[bool]:
    """A worker whose lease ran out while it called may come after the one that took over."""
    return (effect_table.c.id == effect_id) & (effect_table.c.state == EffectState.INTENDED)


def _from_row(row: Any) -> StoredEffect:
    return StoredEffect(**{**row, "id": EffectId(row["id"]), "state": EffectState(row["state"])})
