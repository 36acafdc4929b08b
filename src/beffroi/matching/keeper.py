"""The index of this process, kept in step with the banks.

Owns: `IndexKeeper`: how an `Index` is read from the database and renewed.
Promises: a committed change of banks by any process is in force here within a second, by this process at once
(`invalidate`); only what changed is read; searches go on with the index they began with.
Never does: write.
"""

import threading

from sqlalchemy import Connection

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.limits import INDEX_CHECK_S
from beffroi.ground.storage import Database

from . import store
from .index import Index
from .roster import Arrivals


class IndexKeeper:
    """Hands out the current index; thread-safe."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is read before the first `current()`."""
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._index = Index.empty()
        self._asked_at: float | None = None

    def current(self) -> Index:
        """The index, renewed if banks have changed; who comes during a renewal waits for it."""
        if self._is_due():
            with self._lock:
                if self._is_due():
                    asked_at = self._clock.monotonic()
                    self._asked_at = asked_at  # before reading: an `invalidate` meanwhile must not be lost
                    self._renew()
        return self._index

    def invalidate(self) -> None:
        """Ask the database again at the next `current()`: this process has just committed a change."""
        self._asked_at = None

    def _is_due(self) -> bool:
        asked_at = self._asked_at
        return asked_at is None or self._clock.monotonic() - asked_at >= INDEX_CHECK_S

    def _renew(self) -> None:
        try:
            with self._database.read() as conn:
                newest = store.seq(conn)
                if newest != self._index.seq:
                    self._index = renewed(self._index, conn, newest)
        except BaseException:
            self._asked_at = None
            raise


def renewed(index: Index, conn: Connection, seq: int) -> Index:
    """`index` with everything that changed after it; `seq` was read first, so that nothing is missed.

    On PostgreSQL later statements may see later changes; they are read again the next time, which does no harm.
    """
    arrivals = Arrivals.after(index.roster)
    for number, entry, bank, kind, value, opinion, confirmed, enabled in store.entries_after(conn, index.seq):
        if enabled:
            arrivals.arrive(number, entry, bank, opinion, confirmed=confirmed)
            arrivals.compare(number, kind, value)
        elif index.seq:
            arrivals.leave(number)
    return index.changed(seq, store.all_banks(conn), arrivals)
