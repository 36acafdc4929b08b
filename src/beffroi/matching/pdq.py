"""Which known PDQ hashes lie within a radius of these: all of them, with their distances.

Owns: `PdqIndex`.
Promises: exact: every hash within the radius is found, none outside; results come in one canonical order, the same
with and without the native extension; a search sees the index as it was when it began, whatever is added meanwhile.
Never does: approximate; know what an id stands for. Several hashes may carry the same id.
"""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import PDQ_RADIUS_MAX, PDQ_ROWS_MAX

from . import pdq_file, pdq_ring
from .pdq_ring import Ids, Pairs
from .pdq_state import State

HASH_BYTES = 32


class PdqIndex:
    """Hashes with ids; `search` may run in many threads while one adds and removes."""

    def __init__(self, state: State) -> None:
        """Use `build` or `open`."""
        self._state = state
        self._changing = threading.Lock()

    @classmethod
    def build(cls, hashes: ArrayLike, ids: ArrayLike) -> "PdqIndex":
        """An index of `hashes`, uint8 (n, 32), with `ids`, uint64 (n,).

        Raises:
            Invalid: wrong shape or type, not as many ids as hashes, or more than an index holds.

        """
        index = cls(State())
        index.add(hashes, ids)
        return index

    @classmethod
    def open(cls, path: Path | str) -> "PdqIndex":
        """The index saved at `path`, mapped, not read into memory: all processes that open it share it.

        Raises:
            NotFound: there is no such file.
            Invalid: it is cut, changed, or from another version.

        """
        return cls(pdq_file.read(Path(path)))

    def save(self, path: Path | str) -> None:
        """Write to `path`: the old file or the whole new one, durable on return."""
        pdq_file.write(Path(path), self._state)

    def __len__(self) -> int:
        return len(self._state)

    @property
    def size_bytes(self) -> int:
        """Memory, or file, that it takes."""
        return self._state.size_bytes

    def copy(self) -> "PdqIndex":
        """A second index of the same hashes; it shares memory and changes apart."""
        return PdqIndex(self._state)

    def add(self, hashes: ArrayLike, ids: ArrayLike) -> None:
        """Add `hashes`, uint8 (n, 32), with `ids`, uint64 (n,); they are found from the next search on.

        Raises:
            Invalid: as for `build`; nothing was added.

        """
        given = _hashes(hashes, "hashes")
        fresh = _ids(ids, len(given))
        with self._changing:
            if len(self._state) + len(given) > PDQ_ROWS_MAX:
                raise Invalid("too-many-hashes", f"one index holds {PDQ_ROWS_MAX} hashes", where="hashes")
            self._state = self._state.settled().with_more(pdq_ring.spread(given), fresh)

    def remove(self, ids: ArrayLike) -> int:
        """Remove every hash with one of `ids`; how many went. Unknown ids are no error.

        Raises:
            Invalid: ids that are none; nothing was removed.

        """
        gone = _ids(ids, None)
        with self._changing:
            before = len(self._state)
            self._state = self._state.settled().without(gone)
            return before - len(self._state)

    def search(self, queries: ArrayLike, radius: int = 31) -> Pairs:
        """All pairs of a query, uint8 (m, 32), and a hash at most `radius` bits (0 to 47) away.

        Returns row numbers of queries, ids, Hamming distances: three arrays of equal length, in the order of
        row, distance, id.

        Raises:
            Invalid: wrong shape or type of `queries`, or a radius out of bounds.

        """
        if not 0 <= radius <= PDQ_RADIUS_MAX:
            raise Invalid("bad-radius", f"the radius is 0 to {PDQ_RADIUS_MAX} bits", where="radius")
        wanted = _hashes(queries, "queries")
        if self._state.merge is not None:
            with self._changing:
                self._state = self._state.settled()
        state = self._state
        return pdq_ring.search(state.ring, state.dead, (state.tail_rows, state.tail_ids), wanted, radius)

    def wait(self) -> None:
        """Until nothing is being rearranged beside the work; for measurements and tests."""
        with self._changing:
            if self._state.merge is not None:
                self._state.merge.wait()
                self._state = self._state.settled()


def _hashes(hashes: ArrayLike, where: str) -> NDArray[np.uint8]:
    given = np.asarray(hashes)
    if given.dtype == np.uint8 and given.ndim == 2 and given.shape[1] == HASH_BYTES:  # noqa: PLR2004
        return np.ascontiguousarray(given)
    if given.size == 0 and given.ndim in {1, 2}:
        return np.empty((0, HASH_BYTES), np.uint8)
    message = f"{where} are uint8 of shape (n, {HASH_BYTES}), not {given.dtype} of shape {given.shape}"
    raise Invalid("bad-hashes", message, where=where)


def _ids(ids: ArrayLike, count: int | None) -> Ids:
    given = np.asarray(ids)
    if given.size == 0 and count in {0, None}:
        return np.empty(0, np.uint64)
    if given.dtype.kind not in "iu" or given.ndim != 1 or count not in {given.size, None}:
        raise Invalid("bad-ids", "ids are whole numbers, one for each hash", where="ids")
    if given.dtype.kind == "i" and given.min() < 0:
        raise Invalid("bad-ids", "ids are not negative", where="ids")
    return given.astype(np.uint64)
