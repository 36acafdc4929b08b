"""Many PDQ hashes, arranged so that those near a query are found without touching the others; never changed.

Owns: `Ring`, and which route (`ground.kernel.native`) makes and asks it.
Promises: exact; the same arrays and the same pairs on every route; 128 bytes a hash, 4 or 8 for its id, and 4 MB.
Never does: take hashes in or out; `pdq_state` does that beside it. How it finds is told in `kernels/pdq.h`.
"""

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel import native

from . import pdq_plain
from .pdq_plain import KEYS, PAD, WORDS, Rows, aligned

Ids: TypeAlias = NDArray[np.uint64]
Bits: TypeAlias = NDArray[np.uint8]
"""A bit a row, the lowest first; empty: none is set."""
Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.uint16]]

# Bits of a picture's hash that stand together are alike; far apart they fill the tables more evenly. Any fixed order
# would do; this one is nobody's choice. It is part of the file's form.
ORDER = np.array(sorted(range(256), key=lambda bit: hashlib.sha256(bytes([bit])).digest()), np.intp)


def _half_bytes() -> NDArray[np.uint8]:
    """(64 × 16, 32): hashes in which one half byte has one value and all else is 0."""
    lone = np.zeros((64, 16, 32), np.uint8)
    for half in range(64):
        lone[half, :, half // 2] = np.arange(16) << (4 * (half % 2))
    return lone.reshape(-1, 32)


_SPREAD = pdq_plain.spread(_half_bytes(), ORDER)
_NO_BITS: Bits = np.empty(0, np.uint8)


@dataclass(frozen=True, slots=True)
class Ring:
    """`rows` (n, 4) with ascending `ids` (n,), uint32 where that suffices, and the tables over them."""

    rows: Rows
    ids: NDArray[np.uint32] | Ids
    offsets: NDArray[np.uint32]
    nexts: NDArray[np.uint16]
    places: NDArray[np.uint32]

    @classmethod
    def build(cls, rows: Rows, ids: Ids) -> "Ring":
        """The ring of `rows` (n, 4), uint64, with `ids` (n,)."""
        if (ids[1:] < ids[:-1]).any():
            order = np.argsort(ids, kind="stable")
            rows, ids = rows[order], ids[order]
        own = aligned(rows.size, np.uint64).reshape(-1, 4)
        own[:] = rows
        return cls(own, _narrowed(ids), *_tables_of(own))

    @classmethod
    def empty(cls) -> "Ring":
        """No hash; it has no tables either."""
        nothing = np.empty(0, np.uint32)
        return cls(np.empty((0, 4), np.uint64), nothing, nothing, np.empty(0, np.uint16), nothing)

    def __len__(self) -> int:
        return len(self.rows)

    def is_sound(self) -> bool:
        """Whether the tables could be those of a ring: for what was read from a file."""
        if np.any(self.ids[1:] < self.ids[:-1]):
            return False
        built = native.extension()
        if built is not None:
            return bool(built.pdq_is_sound(self.offsets, self.nexts, self.places))
        offsets, count = self.offsets.reshape(WORDS, KEYS + 1), len(self)
        ends = (offsets[:, 0] == 0) & (offsets[:, -1] == count)
        return bool(ends.all() and (offsets[:, 1:] >= offsets[:, :-1]).all() and (self.places < count).all())

    @property
    def size_bytes(self) -> int:
        """Memory, or file, that it takes."""
        return sum(part.nbytes for part in (self.rows, self.ids, self.offsets, self.nexts, self.places))


def spread(hashes: NDArray[np.uint8]) -> Rows:
    """Rows (n, 4) of `hashes`, contiguous uint8 (n, 32)."""
    built = native.extension()
    if native.route() == native.NUMPY or built is None:
        return pdq_plain.spread(hashes, ORDER)
    rows = np.empty((len(hashes), 4), np.uint64)
    if hashes.size:
        built.pdq_spread(_SPREAD, hashes, rows)
    return rows


def search(ring: Ring, dead: Bits, tail: tuple[Rows, Ids], queries: NDArray[np.uint8], radius: int) -> Pairs:
    """All pairs of `queries`, contiguous uint8 (m, 32), with living rows of `ring` and those of `tail`.

    In the order of query, distance, id.
    """
    route, built = native.route(), native.extension()
    if route == native.NUMPY or built is None:
        return _search_plainly(ring, dead, tail, pdq_plain.spread(queries, ORDER), radius)
    rows, ids, distances = built.pdq_search(
        native.NUMBERS[route], radius, _SPREAD, ring.rows, ring.ids, dead, ring.offsets, ring.nexts, ring.places,
        *tail, queries,
    )  # fmt: skip
    return np.frombuffer(rows, np.int64), np.frombuffer(ids, np.uint64), np.frombuffer(distances, np.uint16)


def is_set(bits: Bits, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of `places` are set."""
    if not bits.size:
        return np.zeros(places.size, np.bool_)
    found: NDArray[np.bool_] = (bits[places >> 3] >> (places & 7).astype(np.uint8) & 1).astype(np.bool_)
    return found


def _search_plainly(ring: Ring, dead: Bits, tail: tuple[Rows, Ids], queries: Rows, radius: int) -> Pairs:
    tail_rows, tail_ids = tail
    which, places, distances = pdq_plain.compare(tail_rows, queries, radius)
    ids = tail_ids[places]
    if len(ring):
        tables = ring.offsets, ring.nexts, ring.places
        more, places, further = pdq_plain.search(ring.rows, tables, queries, radius)
        lives = ~is_set(dead, places)
        which = np.concatenate((which, more[lives]))
        ids = np.concatenate((ids, ring.ids[places[lives]].astype(np.uint64)))
        distances = np.concatenate((distances, further[lives]))
    order = np.lexsort((ids, distances, which))
    return which[order], ids[order], distances[order]


def _tables_of(rows: Rows) -> pdq_plain.Tables:
    built = native.extension()
    if native.route() == native.NUMPY or built is None:
        return pdq_plain.tables_of(rows)
    offsets = aligned(WORDS * (KEYS + 1), np.uint32)
    nexts = aligned(WORDS * len(rows) + PAD, np.uint16)
    places = aligned(WORDS * len(rows), np.uint32)
    built.pdq_build(rows, offsets, nexts, places, aligned(len(rows), np.uint64))
    return offsets, nexts, places


def _narrowed(ids: Ids) -> NDArray[np.uint32] | Ids:
    """In four bytes each, if they fit: ids here are numbers of entries."""
    fits = not ids.size or int(ids[-1]) <= np.iinfo(np.uint32).max
    return ids.astype(np.uint32) if fits else np.ascontiguousarray(ids, np.uint64)
