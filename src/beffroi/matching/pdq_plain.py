"""The search of `pdq_ring` with numpy alone: the same tables, the same pairs.

Owns: how tables are made and asked where there is no native extension.
Promises: equal to `kernels/` in every byte of the tables and every pair, found in the same way (its `pdq.h` explains).
Never does: put pairs in order; know of ids.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

WORDS = 16
KEYS = 1 << 16
PAD = 32
_CHUNK_ROWS = 65_536
"""Rows compared at a time: half a megabyte a plane, so that intermediate results stay in the processor's cache."""
_LINE_BYTES = 64
_CHUNK_MET = 1 << 20
"""Table rows looked at in one go."""

Item = TypeVar("Item", bound=np.unsignedinteger)
Rows: TypeAlias = NDArray[np.uint64]
"""(n, 4): hashes with their bits in the order of the tables."""
Tables: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint32]]
"""offsets (16 × 65,537), nexts (16 × n + 32), places (16 × n)."""
Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]
"""Rows of queries, places of hashes, distances: equal lengths."""

_NONE: Pairs = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.uint16))


def aligned(items: int, kind: type[Item]) -> NDArray[Item]:
    """Room for so many, begun where a line of the processor's cache does: half of all hashes would else lie on two."""
    room = np.empty(items * np.dtype(kind).itemsize + _LINE_BYTES, np.uint8)
    at = -room.ctypes.data % _LINE_BYTES
    return room[at : at + items * np.dtype(kind).itemsize].view(kind)


def spread(hashes: NDArray[np.uint8], order: NDArray[np.intp]) -> Rows:
    """Rows of `hashes` (n, 32): bit i is their bit `order[i]`, counted from the lowest of the first byte."""
    rows = np.empty((len(hashes), 32), np.uint8)
    for at in range(0, len(hashes), _CHUNK_ROWS):
        bits = np.unpackbits(hashes[at : at + _CHUNK_ROWS], axis=1, bitorder="little")
        rows[at : at + _CHUNK_ROWS] = np.packbits(bits[:, order], axis=1, bitorder="little")
    return rows.view("<u8")


def tables_of(rows: Rows) -> Tables:
    """For each word all rows sorted by it, with the word that follows and the row's place."""
    words, count = _words(rows), len(rows)
    offsets = np.zeros((WORDS, KEYS + 1), np.uint32)
    nexts = np.zeros(WORDS * count + PAD, np.uint16)
    places = np.empty((WORDS, count), np.uint32)
    for table in range(WORDS):
        keys = words[:, table]
        places[table] = order = np.argsort(keys, kind="stable")
        nexts[table * count : (table + 1) * count] = words[order, (table + 1) % WORDS]
        np.cumsum(np.bincount(keys, minlength=KEYS), out=offsets[table, 1:])
    return offsets.reshape(-1), nexts, places.reshape(-1)


def search(rows: Rows, tables: Tables, queries: Rows, radius: int) -> Pairs:
    """All pairs of a query and a row at most `radius` bits apart.

    A query that would meet more than half of all rows in the tables is compared with each row instead, so that a bank
    of near-identical hashes costs no more than that.
    """
    masks, budgets = _probes(radius)
    offsets = tables[0].reshape(WORDS, KEYS + 1)
    keys = _words(queries)[:, :, None] ^ masks
    each = np.arange(WORDS)[:, None]
    begins, ends = offsets[each, keys].astype(np.intp), offsets[each, keys.astype(np.intp) + 1].astype(np.intp)
    met = (ends - begins).sum((1, 2))
    crowded = met > len(rows) // 2
    parts = [_compared(rows, queries, radius, np.flatnonzero(crowded))]
    for some in _in_portions(np.flatnonzero(~crowded), met):
        parts += [
            _looked_up(rows, tables, queries, radius, table, some, begins[some, table], ends[some, table], budgets)
            for table in range(WORDS)
        ]
    return _joined(parts)


def compare(rows: Rows, queries: Rows, radius: int) -> Pairs:
    """The same by comparing each query with each row."""
    planes = np.ascontiguousarray(rows.T)
    return _joined([_compare(queries.T, planes, start, radius) for start in range(0, len(rows), _CHUNK_ROWS)])


def _words(rows: Rows) -> NDArray[np.uint16]:
    return np.ascontiguousarray(rows).view("<u2").reshape(-1, WORDS)


def _probes(radius: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Which bits of a key may differ, and how many are then left for the next word."""
    differing = [bits for many in range(radius // WORDS + 1) for bits in combinations(range(16), many)]
    masks = [sum(1 << bit for bit in bits) for bits in differing]
    return np.array(masks, np.uint16), np.array([2 * radius // WORDS - len(bits) for bits in differing], np.uint8)


def _in_portions(queries: NDArray[np.intp], met: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Queries in groups that meet about `_CHUNK_MET` rows."""
    portion = np.cumsum(met[queries]) // _CHUNK_MET
    for at in np.split(queries, np.flatnonzero(np.diff(portion)) + 1):
        if at.size:
            yield at


def _looked_up(  # noqa: PLR0913, PLR0917 (a table and what is asked of it)
    rows: Rows,
    tables: Tables,
    queries: Rows,
    radius: int,
    table: int,
    some: NDArray[np.intp],
    begins: NDArray[np.intp],
    ends: NDArray[np.intp],
    budgets: NDArray[np.uint8],
) -> Pairs:
    """What one table leads to; a pair counts in the first table that leads to it."""
    many = (ends - begins).reshape(-1)
    probe = np.repeat(np.arange(many.size), many)
    at = np.arange(probe.size) - np.repeat(np.cumsum(many) - many, many) + begins.reshape(-1)[probe]
    at += table * len(rows)
    which = some[probe // budgets.size]
    follows = _words(queries)[which, (table + 1) % WORDS]
    near = np.bitwise_count(tables[1][at] ^ follows) <= budgets[probe % budgets.size]
    which, places = which[near], tables[2][at[near]].astype(np.intp)
    differ = rows[places] ^ queries[which]
    distances = np.bitwise_count(differ).sum(1, np.uint16)
    close = distances <= radius
    first = _first_table(_words(differ[close]), radius) == table
    return which[close][first], places[close][first], distances[close][first]


def _first_table(differ: NDArray[np.uint16], radius: int) -> NDArray[np.intp]:
    bits = np.bitwise_count(differ)
    leads = (bits <= radius // WORDS) & (bits + np.roll(bits, -1, 1) <= 2 * radius // WORDS)
    first: NDArray[np.intp] = np.argmax(leads, 1)
    return first


def _compared(rows: Rows, queries: Rows, radius: int, some: NDArray[np.intp]) -> Pairs:
    if not some.size:
        return _NONE
    which, places, distances = compare(rows, queries[some], radius)
    return some[which], places, distances


def _joined(parts: list[Pairs]) -> Pairs:
    which, places, distances = (np.concatenate(part) for part in zip(*(_NONE, *parts), strict=True))
    return which, places, distances


def _compare(words: Rows, planes: Rows, start: int, radius: int) -> Pairs:
    """Rows of `words` (4, m), columns and distances of one chunk of `planes` (4, n) within `radius`."""
    chunk = planes[:, start : start + _CHUNK_ROWS]
    block = max(1, _CHUNK_ROWS // max(1, chunk.shape[1]))
    parts = [_compare_block(words[:, at : at + block], chunk, radius, at) for at in range(0, words.shape[1], block)]
    rows, columns, distances = _joined(parts)
    return rows, columns + start, distances


def _compare_block(words: Rows, chunk: Rows, radius: int, first_row: int) -> Pairs:
    """Half the bits settle nearly every pair (chance agreement of 128 bits within 31: 2e-9); the rest is exact."""
    half = np.bitwise_count(words[0, :, None] ^ chunk[0])  # at most 64 + 64, so that bytes suffice
    half += np.bitwise_count(words[1, :, None] ^ chunk[1])
    rows, columns = np.nonzero(half <= radius)
    distances = half[rows, columns].astype(np.uint16)
    for plane in range(2, 4):
        distances += np.bitwise_count(words[plane, rows] ^ chunk[plane, columns])
    near = distances <= radius
    return rows[near] + first_row, columns[near], distances[near]
