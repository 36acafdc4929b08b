"""Which known PDQ hashes lie within a radius of these: all of them, with their distances.

Owns: `PdqIndex`.
Promises: exact: every hash within the radius is found, none outside; results come in one canonical order;
32 bytes a hash and 8 for its id; a search sees the index as it was when it began, whatever is added meanwhile.
Never does: approximate; know what an id stands for. Several hashes may carry the same id.
"""

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import PDQ_RADIUS_MAX

from . import pdq_file

HASH_BYTES = 32
_WORDS = 4
_CHUNK_ROWS = 65_536
"""Rows compared at a time: half a megabyte a plane, so that intermediate results stay in the processor's cache."""

Planes: TypeAlias = NDArray[np.uint64]
"""(4, n): the first 64 bits of all hashes, then the second, so that most rows are settled by half their bits."""
Ids: TypeAlias = NDArray[np.uint64]
Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.uint16]]


class PdqIndex:
    """Hashes with ids; `search` may run in many threads while one adds and removes."""

    def __init__(self, planes: Planes, ids: Ids) -> None:
        """Use `build` or `open`; `planes` is (4, n) and never changed in place."""
        self._state = planes, ids

    @classmethod
    def build(cls, hashes: ArrayLike, ids: ArrayLike) -> "PdqIndex":
        """An index of `hashes`, uint8 (n, 32), with `ids`, uint64 (n,).

        Raises:
            Invalid: wrong shape or type, or not as many ids as hashes.

        """
        planes = _planes(hashes, "hashes")
        return cls(planes, _ids(ids, planes.shape[1]))

    @classmethod
    def open(cls, path: Path | str) -> "PdqIndex":
        """The index saved at `path`, mapped, not read into memory.

        Raises:
            NotFound: there is no such file.
            Invalid: it is cut, changed, or from a newer version.

        """
        return cls(*pdq_file.read(Path(path)))

    def save(self, path: Path | str) -> None:
        """Write to `path`: the old file or the whole new one, durable on return."""
        pdq_file.write(Path(path), *self._state)

    def __len__(self) -> int:
        return int(self._state[1].size)

    def copy(self) -> "PdqIndex":
        """A second index of the same hashes; it shares memory and changes apart."""
        return PdqIndex(*self._state)

    def add(self, hashes: ArrayLike, ids: ArrayLike) -> None:
        """Add `hashes`, uint8 (n, 32), with `ids`, uint64 (n,).

        Raises:
            Invalid: as for `build`; nothing was added.

        """
        planes = _planes(hashes, "hashes")
        fresh = _ids(ids, planes.shape[1])
        old_planes, old_ids = self._state
        if fresh.size:
            self._state = np.concatenate((old_planes, planes), axis=1), np.concatenate((old_ids, fresh))

    def remove(self, ids: ArrayLike) -> int:
        """Remove every hash with one of `ids`; how many went. Unknown ids are no error."""
        planes, present = self._state
        stays = ~np.isin(present, _ids(ids, None))
        gone = present.size - int(np.count_nonzero(stays))
        if gone:
            self._state = planes[:, stays], present[stays]
        return gone

    def search(self, queries: ArrayLike, radius: int = 31) -> Pairs:
        """All pairs of a query, uint8 (m, 32), and a hash at most `radius` bits (0 to 47) away.

        Returns row numbers of queries, ids, Hamming distances: three arrays of equal length, in the order of
        row, distance, id.

        Raises:
            Invalid: wrong shape or type of `queries`, or a radius out of bounds.

        """
        if not 0 <= radius <= PDQ_RADIUS_MAX:
            raise Invalid("bad-radius", f"the radius is 0 to {PDQ_RADIUS_MAX} bits", where="radius")
        words = _planes(queries, "queries")
        planes, ids = self._state
        parts = [_compare(words, planes, start, radius) for start in range(0, ids.size, _CHUNK_ROWS)]
        rows, columns, distances = (np.concatenate(part) for part in zip(*(_NONE, *parts), strict=True))
        found = ids[columns]
        order = np.lexsort((found, distances, rows))
        return rows[order], found[order], distances[order]


_NONE = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.uint16))


def _compare(words: Planes, planes: Planes, start: int, radius: int) -> Pairs:
    """Rows of `words` (4, m), columns and distances of one chunk of `planes` within `radius`."""
    chunk = planes[:, start : start + _CHUNK_ROWS]
    block = max(1, _CHUNK_ROWS // max(1, chunk.shape[1]))
    parts = [_compare_block(words[:, at : at + block], chunk, radius, at) for at in range(0, words.shape[1], block)]
    rows, columns, distances = (np.concatenate(part) for part in zip(*(_NONE, *parts), strict=True))
    return rows, columns + start, distances


def _compare_block(words: Planes, chunk: Planes, radius: int, first_row: int) -> Pairs:
    """Half the bits settle nearly every pair (chance agreement of 128 bits within 31: 2e-9); the rest is exact."""
    half = np.bitwise_count(words[0, :, None] ^ chunk[0])  # at most 64 + 64, so that bytes suffice
    half += np.bitwise_count(words[1, :, None] ^ chunk[1])
    rows, columns = np.nonzero(half <= radius)
    distances = half[rows, columns].astype(np.uint16)
    for plane in range(2, _WORDS):
        distances += np.bitwise_count(words[plane, rows] ^ chunk[plane, columns])
    near = distances <= radius
    return rows[near] + first_row, columns[near], distances[near]


def _planes(hashes: ArrayLike, where: str) -> Planes:
    given = np.asarray(hashes)
    if given.size == 0 and given.ndim in {1, 2}:
        return np.empty((_WORDS, 0), np.uint64)
    if given.dtype != np.uint8 or given.ndim != 2 or given.shape[1] != HASH_BYTES:  # noqa: PLR2004
        message = f"{where} are uint8 of shape (n, {HASH_BYTES}), not {given.dtype} of shape {given.shape}"
        raise Invalid("bad-hashes", message, where=where)
    return np.ascontiguousarray(np.ascontiguousarray(given).view(np.uint64).T)


def _ids(ids: ArrayLike, count: int | None) -> Ids:
    given = np.asarray(ids)
    if given.size == 0 and count in {0, None}:
        return np.empty(0, np.uint64)
    if given.dtype.kind not in "iu" or given.ndim != 1 or count not in {given.size, None}:
        raise Invalid("bad-ids", "ids are whole numbers, one for each hash", where="ids")
    if given.dtype.kind == "i" and given.min() < 0:
        raise Invalid("bad-ids", "ids are not negative", where="ids")
    return given.astype(np.uint64)
