"""A PDQ index at one moment: a ring, what was taken out of it, what came since.

Owns: `State` and how one follows from another; `Merge`, the building of a new ring beside the work.
Promises: a state is never changed; a change costs by its own size, not by the ring's, but for the bits of the dead; a
search meets at most a tail that is short, or, while a merge runs, shorter than the ring.
Never does: search; lock.
"""

import threading
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel.limits import PDQ_MERGE_AT_ONCE_MAX, PDQ_TAIL_ROWS_MAX

from .pdq_plain import Rows
from .pdq_ring import Bits, Ids, Ring, is_set

NO_ROWS: Rows = np.empty((0, 4), np.uint64)
NO_IDS: Ids = np.empty(0, np.uint64)
_NO_BITS: Bits = np.empty(0, np.uint8)


@dataclass(frozen=True, slots=True)
class State:
    """`ring` without its `dead` (a bit a row, `gone` of them), and a tail that has no tables.

    While `merge` runs, or has ended and was not taken over: the first `covered` rows of the tail are in its ring too,
    and `removed` are ids taken out since it began.
    """

    ring: Ring = field(default_factory=Ring.empty)
    dead: Bits = field(default_factory=_NO_BITS.copy)
    gone: int = 0
    tail_rows: Rows = field(default_factory=NO_ROWS.copy)
    tail_ids: Ids = field(default_factory=NO_IDS.copy)
    merge: "Merge | None" = None
    covered: int = 0
    removed: Ids = field(default_factory=NO_IDS.copy)

    def __len__(self) -> int:
        return len(self.ring) - self.gone + len(self.tail_ids)

    @property
    def size_bytes(self) -> int:
        """Memory, or file, that it takes."""
        return self.ring.size_bytes + sum(part.nbytes for part in (self.dead, self.tail_rows, self.tail_ids))

    def with_more(self, rows: Rows, ids: Ids) -> "State":
        """The state with these too."""
        if not ids.size:
            return self
        tail_rows, tail_ids = np.concatenate((self.tail_rows, rows)), np.concatenate((self.tail_ids, ids))
        return replace(self, tail_rows=tail_rows, tail_ids=tail_ids).in_shape()

    def without(self, ids: Ids) -> "State":
        """The state without every hash of these ids."""
        wanted = np.unique(ids)
        places = _places_of(self.ring.ids, wanted)
        fresh = places[~is_set(self.dead, places)]
        stays = ~np.isin(self.tail_ids, wanted)
        if not fresh.size and stays.all():
            return self
        after = replace(
            self,
            dead=_with(self.dead, fresh, len(self.ring)),
            gone=self.gone + fresh.size,
            tail_rows=self.tail_rows[stays],
            tail_ids=self.tail_ids[stays],
            covered=int(np.count_nonzero(stays[: self.covered])),
            removed=np.concatenate((self.removed, wanted)) if self.merge is not None else self.removed,
        )
        return after.in_shape()

    def settled(self) -> "State":
        """The state over the ring of its merge, if that has ended."""
        if self.merge is None or self.merge.is_running:
            return self
        if self.merge.ring is None:
            return replace(self, merge=None, covered=0, removed=NO_IDS)  # it failed; the next change tries again
        ring = self.merge.ring
        places = _places_of(ring.ids, np.unique(self.removed))
        return State(
            ring,
            _with(_NO_BITS, places, len(ring)),
            places.size,
            self.tail_rows[self.covered :],
            self.tail_ids[self.covered :],
        )

    def living(self) -> tuple[Rows, Ids]:
        """All rows and their ids."""
        lives = ~is_set(self.dead, np.arange(len(self.ring)))
        ids = self.ring.ids[lives].astype(np.uint64)
        return np.concatenate((self.ring.rows[lives], self.tail_rows)), np.concatenate((ids, self.tail_ids))

    def in_shape(self) -> "State":
        """The same, or rebuilt, or with a merge begun: where the tail or the dead have become too many."""
        tail, kept = len(self.tail_ids), len(self.ring) - self.gone
        if tail <= PDQ_TAIL_ROWS_MAX and self.gone <= len(self.ring) // 2:
            return self
        if len(self) <= PDQ_TAIL_ROWS_MAX:
            rows, ids = self.living()
            return State(tail_rows=rows, tail_ids=ids)
        if len(self) <= PDQ_MERGE_AT_ONCE_MAX or tail >= kept:
            return State(Ring.build(*self.living()))
        if self.merge is not None:
            return self
        return replace(self, merge=Merge(self), covered=tail, removed=NO_IDS)


class Merge:
    """A ring of all that lives in a state, being built in a thread of its own."""

    def __init__(self, state: State) -> None:
        """Begins."""
        self.ring: Ring | None = None
        """The result; None as long as it runs, and if it failed for want of memory."""
        self._thread = threading.Thread(target=self._build, args=(state,), name="pdq-merge", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Until it has ended."""
        self._thread.join()

    def _build(self, state: State) -> None:
        try:
            self.ring = Ring.build(*state.living())
        except MemoryError:
            return


def _places_of(ids: NDArray[np.unsignedinteger], wanted: Ids) -> NDArray[np.intp]:
    """Where `wanted`, each once, stand in ascending `ids`; an id may stand there several times."""
    wanted = wanted[wanted <= np.iinfo(ids.dtype).max].astype(ids.dtype)
    begins, ends = np.searchsorted(ids, wanted, "left"), np.searchsorted(ids, wanted, "right")
    many = ends - begins
    places: NDArray[np.intp] = np.arange(many.sum()) + np.repeat(begins - (np.cumsum(many) - many), many)
    return places


def _with(bits: Bits, places: NDArray[np.intp], count: int) -> Bits:
    """`bits` of `count` rows with those at `places` set too."""
    if not places.size:
        return bits
    after = bits.copy() if bits.size else np.zeros((count + 7) // 8, np.uint8)
    np.bitwise_or.at(after, places >> 3, (1 << (places & 7)).astype(np.uint8))
    return after
