"""One transaction: what services are handed, and all they may do to durable state.

Owns: `Tx` and `Actor`.
Promises: `now` and `actor` are the same throughout; a stale version raises `Conflict`; every recorded
event waits in `recorded` for `flow` to react to it in the same transaction.
Never does: begin, commit or roll back; the writer thread does.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, update

from ..kernel.errors import Conflict
from ..kernel.ids import SubjectId, fresh, random_bytes
from . import effects
from .effects import Effect, EffectState, effect_table
from .events import Event, event_table
from .vault import Vault


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: `person`, `key` (an API key), `rule`, `public` (no login), `command-line` or `node`."""

    kind: str
    id: str = ""

    def __str__(self) -> str:
        """`person:prs_…`, the form in which events keep it."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


NODE = Actor("node")
"""The node itself: sweeps, workers, the ledger."""


class Tx:
    """One open write transaction."""

    def __init__(self, conn: Connection, vault: Vault, now: datetime, actor: Actor) -> None:
        """Made by the writer only."""
        self.conn = conn
        self.vault = vault
        self.now = now
        self.actor = actor
        self.recorded: deque[Event] = deque()
        self.written: list[dict[str, Any]] = []
        """The rows of all events so far, those too that are flushed already."""
        self._event_rows: list[dict[str, Any]] = []
        self._effect_rows: list[dict[str, Any]] = []

    def add(self, table: Table, rows: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
        """Insert one row or many (one executemany)."""
        many = [dict(rows)] if isinstance(rows, Mapping) else [dict(row) for row in rows]
        if many:
            self.conn.execute(insert(table), many)

    def save(self, table: Table, row: Mapping[str, Any], *, version: int, becomes: int | None = None) -> None:
        """Write `row` (with its `id`) over the one at `version`; 0 means it must be new.

        The stored version becomes `becomes`, or `version + 1`.

        Raises:
            Conflict: the row is not at `version` any more.

        """
        values = {**row, "version": becomes or version + 1}
        if version == 0:
            self.conn.execute(insert(table), [values])
            return
        unchanged = (table.c.id == row["id"]) & (table.c.version == version)
        if self.conn.execute(update(table).where(unchanged).values(values)).rowcount != 1:
            raise Conflict("stale-version", f"this {table.name} has changed since you read it", version=version)

    def record(self, event: Event, personal: Mapping[SubjectId, bytes] | None = None) -> None:
        """Write down what happened; `personal` bytes leave only a commitment under their subject's salt."""
        commitments = {subject: self.vault.commitment(subject, value) for subject, value in (personal or {}).items()}
        self._event_rows.append(
            {
                "id": fresh("evt", self.now),
                "type": event.type(),
                "aggregate": event.aggregate,
                "aggregate_id": event.aggregate_id,
                "at": self.now,
                "actor": str(self.actor),
                "schema": 1,
                "facts": event.facts(),
                "personal": commitments,
                "salt": random_bytes(32),
            }
        )
        self.recorded.append(event)

    def intend(self, effect: Effect, *, not_before: datetime | None = None) -> None:
        """Mean to do something outside, from `not_before` (now unless told) on."""
        self._effect_rows.append(
            {
                "id": fresh("eff", self.now),
                "kind": effect.kind,
                "key": effect.key,
                "lane": effect.lane,
                "payload": effect.payload,
                "state": EffectState.INTENDED,
                "attempts": 0,
                "due_at": not_before or self.now,
                "lease_until": None,
                "intended_at": self.now,
                "settled_at": None,
                "outcome": None,
            }
        )

    def take_back(self, key: str) -> bool:
        """Cancel an intended effect nobody has begun; see `effects.cancel`."""
        self.flush()
        return effects.cancel(self.conn, key, self.now)

    def flush(self) -> None:
        """Write what was recorded and intended so far; one executemany per table."""
        self.written += self._event_rows
        for table, rows in ((event_table, self._event_rows), (effect_table, self._effect_rows)):
            if rows:
                self.conn.execute(insert(table), rows)
                rows.clear()
