"""Rows that are the sum of their events.

Owns: `Rows`, the way every capability with a life cycle loads, changes and checks its rows.
Promises: a row changes only by events that are recorded with it in one transaction, so that
`fold(events) == row` can be checked at any time (`beffroi fsck` does); the version of a row is the number
of events behind it.
Never does: decide which events; that is the capability's `rules.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Select, Table, select

from ..kernel.errors import InvariantViolated, NotFound
from ..kernel.ids import SubjectId
from .events import Event, history
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

    def get(self, conn: Connection, row_id: str) -> S | None:
        """The row, or None."""
        row = conn.execute(select(self.table).where(self.table.c.id == row_id)).mappings().first()
        return None if row is None else self.from_row(row)

    def load(self, conn: Connection, row_id: str) -> S:
        """The row.

        Raises:
            NotFound: there is none.

        """
        found = self.get(conn, row_id)
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
        by_type = {event.type(): event for event in self.events}
        state: S | None = None
        for stored in history(conn, self.aggregate, row_id):
            state = self._step(state, by_type[stored.type].from_facts(stored.facts))
        return state

    def disagreements(self, conn: Connection) -> list[str]:
        """Ids of rows that are not the fold of their events; for `fsck`."""
        query = select(self.table).execution_options(yield_per=500)
        rows = (self.from_row(row) for row in conn.execute(query).mappings())
        return [row.id for row in rows if self.fold(conn, row.id) != row]

    def _step(self, state: S | None, event: Event) -> S:
        version = state.version if state is not None else 0
        after: S = replace(self.apply(state, event), version=version + 1)  # type: ignore[type-var]
        return after
