"""Every route against brute force, byte for byte and pair for pair."""

import contextlib
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.ground.kernel import native
from beffroi.matching import pdq_plain, pdq_ring
from beffroi.matching.pdq_ring import Ring

ROUTES = native.available()
NATIVE = [route for route in ROUTES if route != native.NUMPY]
CENTRES = np.random.default_rng(11).integers(0, 256, (3, 32), dtype=np.uint8)
NO_TAIL = np.empty((0, 4), np.uint64), np.empty(0, np.uint64)
NONE_DEAD = np.empty(0, np.uint8)


@contextlib.contextmanager
def on(route: str) -> Iterator[None]:
    with patch.object(native, "route", lambda: route):
        yield


@st.composite
def near_hashes(draw: st.DrawFn, size_min: int, size_max: int) -> np.ndarray:
    """Hashes that crowd around few centres, so that every distance near every radius occurs."""
    count = draw(st.integers(size_min, size_max))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    crowd = draw(st.sampled_from([0, 5, 40, 70]))
    bits = np.unpackbits(CENTRES[rng.integers(0, draw(st.integers(1, 3)), count)], axis=1)
    for row in bits:
        row[rng.permutation(256)[: rng.integers(0, crowd + 1)]] ^= 1
    return np.packbits(bits, axis=1).reshape(-1, 32)


def brute_force(hashes: np.ndarray, ids: np.ndarray, queries: np.ndarray, radius: int) -> list[tuple[int, int, int]]:
    distances = np.bitwise_count(queries[:, None] ^ hashes[None]).sum(2, np.int64)
    rows, places = np.nonzero(distances <= radius)
    found = zip(rows.tolist(), distances[rows, places].tolist(), ids[places].tolist(), strict=True)
    return [(row, number, distance) for row, distance, number in sorted(found)]


def listed(pairs: pdq_ring.Pairs) -> list[tuple[int, int, int]]:
    return list(zip(*(part.tolist() for part in pairs), strict=True))


@pytest.mark.slow
@settings(max_examples=max(60, settings.default.max_examples // 2))
@given(near_hashes(1, 120), near_hashes(0, 12), near_hashes(0, 20), st.integers(0, 47), st.randoms())
def test_every_route_is_brute_force(hashes, tail, queries, radius, chance):
    ids = np.array([chance.randrange(2**33 if chance.random() < 0.3 else 50) for _ in hashes], np.uint64)
    dead = np.array([chance.random() < 0.2 for _ in hashes])
    tail_ids = np.arange(len(tail), dtype=np.uint64)
    ring = Ring.build(pdq_ring.spread(hashes), ids)
    bits = np.packbits(dead[np.argsort(ids, kind="stable")], bitorder="little")
    expected = brute_force(
        np.concatenate((hashes[~dead], tail)), np.concatenate((ids[~dead], tail_ids)), queries, radius
    )
    for route in ROUTES:
        with on(route):
            pairs = pdq_ring.search(ring, bits, (pdq_ring.spread(tail), tail_ids), queries, radius)
            assert listed(pairs) == expected, route


@pytest.mark.slow
@pytest.mark.parametrize("route", NATIVE)
@settings(max_examples=20)
@given(hashes=near_hashes(0, 200))
def test_the_tables_are_the_same_bytes(route: str, hashes: np.ndarray):
    ids = np.arange(len(hashes), dtype=np.uint64)[::-1]
    with on(route):
        built = Ring.build(pdq_ring.spread(hashes), ids)
    with on(native.NUMPY):
        plain = Ring.build(pdq_ring.spread(hashes), ids)
    for name in Ring.__slots__:
        one, other = getattr(built, name), getattr(plain, name)
        assert (one.dtype, one.tobytes()) == (other.dtype, other.tobytes()), name
    assert built.is_sound()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("radius", [0, 15, 16, 31, 32, 47])
def test_planted_at_the_radius_and_one_beyond(route: str, radius: int):
    """Among 20,000 that are far away; in a batch, one by one and with the last hash of the tables."""
    rng = np.random.default_rng(radius)
    hashes = rng.integers(0, 256, (20_000, 32), dtype=np.uint8)
    planted = np.unpackbits(hashes[-60:], axis=1)
    for number, row in enumerate(planted):
        row[rng.permutation(256)[: radius + number % 2]] ^= 1
    queries = np.packbits(planted, axis=1)
    with on(route):
        ring = Ring.build(pdq_ring.spread(hashes), np.arange(20_000, dtype=np.uint64))
        pairs = listed(pdq_ring.search(ring, NONE_DEAD, NO_TAIL, queries, radius))
        assert pairs == [(row, 19_940 + row, radius) for row in range(0, 60, 2)]
        for row in range(3):
            alone = pdq_ring.search(ring, NONE_DEAD, NO_TAIL, queries[row : row + 1], radius)
            assert listed(alone) == ([(0, 19_940 + row, radius)] if row % 2 == 0 else [])


def test_the_order_of_bits_is_a_fixed_permutation():
    """It is part of the form of files."""
    assert sorted(pdq_ring.ORDER.tolist()) == list(range(256))
    assert pdq_ring.ORDER[:8].tolist() == [10, 123, 115, 251, 185, 154, 141, 3]
    hashes = np.random.default_rng(1).integers(0, 256, (9, 32), dtype=np.uint8)
    by_route = []
    for route in ROUTES:
        with on(route):
            by_route.append(pdq_ring.spread(hashes).tolist())
    assert all(rows == by_route[0] for rows in by_route)
    bits = np.unpackbits(hashes, axis=1, bitorder="little")[:, pdq_ring.ORDER]
    assert np.ascontiguousarray(np.packbits(bits, axis=1, bitorder="little")).view(np.uint64).tolist() == by_route[0]


def test_ids_take_four_bytes_where_they_fit():
    rows = pdq_ring.spread(CENTRES)
    assert Ring.build(rows, np.array([1, 2, 2**32 - 1], np.uint64)).ids.dtype == np.uint32
    assert Ring.build(rows, np.array([1, 2, 2**32], np.uint64)).ids.dtype == np.uint64


@pytest.mark.skipif(not NATIVE, reason="the extension was not built")
@pytest.mark.parametrize(
    ("which", "given_instead"),
    [
        (0, 3),  # no such path
        (0, -1),
        (1, 48),
        (1, -1),
        (2, b"x" * 32),
        (3, b"x" * 31),
        (4, b"x"),
        (5, b"xx"),
        (6, b"x" * 4),
        (7, b"x" * 4),
        (8, b"x" * 4),
        (9, b"x" * 31),
        (10, b"x" * 8),
        (11, b"x" * 33),
    ],
)
def test_the_extension_refuses_arrays_of_other_sizes(which: int, given_instead: object):
    built = native.extension()
    ring = Ring.build(pdq_ring.spread(CENTRES), np.arange(3, dtype=np.uint64))
    right = [0, 31, pdq_ring._SPREAD, ring.rows, ring.ids, NONE_DEAD, ring.offsets, ring.nexts, ring.places, *NO_TAIL]
    right.append(CENTRES)
    assert built.pdq_search(*right)[0]
    with pytest.raises(ValueError, match=r"pdq_search|whole units"):
        built.pdq_search(*(given_instead if at == which else one for at, one in enumerate(right)))


@pytest.mark.skipif(not NATIVE, reason="the extension was not built")
def test_the_extension_refuses_other_arguments():
    built = native.extension()
    with pytest.raises(TypeError):
        built.pdq_search(0, 31)
    with pytest.raises(TypeError):
        built.pdq_spread(b"", b"")
    with pytest.raises(TypeError):
        built.pdq_is_sound(b"", b"", 3)
    with pytest.raises(ValueError, match="pdq_build"):
        built.pdq_build(*(np.zeros(4, kind) for kind in (np.uint64, np.uint32, np.uint16, np.uint32, np.uint64)))
    with pytest.raises(ValueError, match="pdq_spread"):
        built.pdq_spread(pdq_ring._SPREAD, CENTRES, np.zeros(4, np.uint64))
    with pytest.raises(BufferError):
        built.pdq_spread(pdq_ring._SPREAD, CENTRES, CENTRES.tobytes())
    assert built.pdq_is_sound(b"", b"", b"") is False


def test_empty_rings_and_no_queries_find_nothing():
    ring = Ring.build(pdq_ring.spread(CENTRES), np.arange(3, dtype=np.uint64))
    for route in ROUTES:
        with on(route):
            for place in (Ring.empty(), ring):
                assert listed(pdq_ring.search(place, NONE_DEAD, NO_TAIL, CENTRES[:0], 31)) == []
            assert listed(pdq_ring.search(Ring.empty(), NONE_DEAD, NO_TAIL, CENTRES, 31)) == []


def test_a_budget_is_what_the_radius_leaves():
    for radius, (probes, most) in {0: (1, 0), 15: (1, 1), 16: (17, 2), 31: (17, 3), 32: (137, 4), 47: (137, 5)}.items():
        masks, budgets = pdq_plain._probes(radius)
        assert (masks.size, int(budgets[0])) == (probes, most)
