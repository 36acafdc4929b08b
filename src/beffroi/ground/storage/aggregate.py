"""Rows that are the sum of their events.

Owns: `Rows`, the way every capability with a life cycle loads, changes and checks its rows.
Promises: a row changes only by events that are recorded with it in one transaction, so that
`fold(events) == row` can be checked at any time (`beffroi fsck` does); the version of a row is the number
of events behind it.
Never does: decide which events; that is the capability's `rules.py`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, RowMapping, Select, Table, exists, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from ..kernel.errors import InvariantViolated, NotFound
from ..kernel.ids import SubjectId
from .events import Event, StoredEvent, event_table, histories, history
from .tables import Json
from .tx import Tx


class Versioned(Protocol):
    """A frozen dataclass with these two fields among others."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def version(self) -> int:
        """How many events made it."""
        ...


S = TypeVar("S", bound=Versioned)

_CHUNK = 500


@dataclass(frozen=True)
class Rows(Generic[S]):
    """The rows of one `table`, each the fold of the events of `aggregate`.

    `apply(state or None, event)` is pure and total over `events`; it need not touch `version`.
    `to_row` and `from_row` are written by hand in the capability's `store.py`.
    """

    table: Table
    aggregate: str
    events: tuple[type[Event], ...]
    apply: Callable[[S | None, Any], S]
    to_row: Callable[[S], dict[str, Any]]
    from_row: Callable[[Any], S]

    def get(self, conn: Connection, row_id: str, *, lock: bool = False) -> S | None:
        """The row, or None; with `lock`, nobody else changes it before this transaction is over.

        A change needs no lock: it is refused where the row moved on. What is decided from a row that is not changed
        in the same breath needs one where several processes share a PostgreSQL; SQLite has one writer anyway.
        """
        query = select(self.table).where(self.table.c.id == row_id)
        row = conn.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else self.from_row(row)

    def load(self, conn: Connection, row_id: str, *, lock: bool = False) -> S:
        """The row; `lock`: see `get`.

        Raises:
            NotFound: there is none.

        """
        found = self.get(conn, row_id, lock=lock)
        if found is None:
            raise NotFound(f"no-such-{self.aggregate}", f"there is no {self.aggregate} with this id")
        return found

    def find(self, conn: Connection, query: Select[Any]) -> list[S]:
        """All rows that `query` (over all columns of the table) selects."""
        return [self.from_row(row) for row in conn.execute(query).mappings()]

    def change(
        self, tx: Tx, before: S | None, events: Iterable[Event], personal: Mapping[SubjectId, bytes] | None = None
    ) -> S:
        """Apply `events` to `before` (None: it is new), store the row and record the events.

        `personal` is committed to with the first event.

        Raises:
            Conflict: somebody else changed the row since `before` was read.

        """
        after, first = before, personal
        for event in events:
            after = self._step(after, event)
            tx.record(event, first)
            first = None
        if after is None:
            raise InvariantViolated("nothing-happened", f"a {self.aggregate} cannot come from no event")
        tx.save(self.table, self.to_row(after), version=before.version if before else 0, becomes=after.version)
        return after

    def fold(self, conn: Connection, row_id: str) -> S | None:
        """The row as its events tell it."""
        return self._told(history(conn, self.aggregate, row_id))

    def disagreements(self, conn: Connection) -> list[str]:
        """Ids of rows that are not the fold of their events; for tests and `fsck`."""
        return [row_id for row_id, _ in self.compare(conn)]

    def compare(
        self, conn: Connection, progress: Callable[[int], None] = lambda _done: None
    ) -> Iterator[tuple[str, str]]:
        """Id of each row that is not the fold of its events, and in what way; one damaged row hides no other.

        `progress` is told how many rows were compared so far.
        """
        query = select(self.table.c.id).execution_options(yield_per=_CHUNK)
        done = 0
        for ids in conn.execute(query).scalars().partitions():
            yield from self._compare(conn, ids)
            done += len(ids)
            progress(done)
        c, rows = event_table.c, self.table.alias()
        told = select(c.aggregate_id).where(c.aggregate == self.aggregate, c.type.in_([e.type() for e in self.events]))
        gone = told.where(~exists().where(rows.c.id == c.aggregate_id)).distinct()
        for row_id in conn.execute(gone).scalars():
            yield row_id, "its events tell of it, but the row is gone"

    def _compare(self, conn: Connection, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        try:
            stored = conn.execute(select(self.table).where(self.table.c.id.in_(ids))).mappings()
            rows = {row["id"]: (row, self.from_row(row)) for row in stored}
            folded = {row_id: self._told(story) for row_id, story in histories(conn, self.aggregate, ids).items()}
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a damaged value raises on its way)
            if len(ids) == 1:
                yield ids[0], f"the row or one of its events cannot be read ({type(error).__name__})"
            else:
                for row_id in ids:
                    yield from self._compare(conn, [row_id])
            return
        for row_id in ids:
            told, (row, read) = folded[row_id], rows[row_id]
            if told is None:
                yield row_id, "there is no event behind this row"
            elif told != read or (odd := self._odd_columns(row, told)):
                where = f" ({', '.join(odd)})" if told == read else ""
                yield row_id, f"the row is not the sum of its events: one of them was changed{where}"

    def _odd_columns(self, row: RowMapping, told: S) -> list[str]:
        """Columns that are kept for searching only must say the same as the rest."""
        wanted = {**self.to_row(told), "version": told.version}
        return [name for name, value in wanted.items() if _as_stored(self.table.c[name].type, value) != row[name]]

    def _told(self, story: Iterable[StoredEvent]) -> S | None:
        by_type = {event.type(): event for event in self.events}
        state: S | None = None
        for stored in story:
            state = self._step(state, by_type[stored.type].from_facts(stored.facts))
        return state

    def _step(self, state: S | None, event: Event) -> S:
        version = state.version if state is not None else 0
        after: S = replace(self.apply(state, event), version=version + 1)  # type: ignore[type-var]
        return after


def _as_stored(kind: TypeEngine[Any], value: Any) -> Any:
    """A value as it comes back: in JSON there are no tuples."""
    return json.loads(json.dumps(value)) if isinstance(kind, Json) else value
