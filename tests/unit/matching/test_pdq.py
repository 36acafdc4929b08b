from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from beffroi.ground.kernel import native
from beffroi.ground.kernel.errors import Invalid
from beffroi.matching import pdq_plain, pdq_state
from beffroi.matching.pdq import PdqIndex

RNG = np.random.default_rng(7)
HASHES = RNG.integers(0, 256, (300, 32), dtype=np.uint8)


def turned(one: np.ndarray, bits: int) -> np.ndarray:
    """`one` with `bits` of its bits turned over, spread over all words."""
    flat = np.unpackbits(one)
    flat[RNG.permutation(256)[:bits]] ^= 1
    return np.packbits(flat)


def test_the_radius_is_inclusive_and_exact():
    index = PdqIndex.build(HASHES, np.arange(300, dtype=np.uint64))
    queries = np.stack([turned(HASHES[5], 31), turned(HASHES[6], 32), HASHES[7]])
    rows, found, distances = index.search(queries, radius=31)
    assert (rows.tolist(), found.tolist(), distances.tolist()) == ([0, 2], [5, 7], [31, 0])


def test_opposite_hashes_are_256_apart_and_not_equal():
    index = PdqIndex.build(np.zeros((1, 32), np.uint8), [1])
    assert index.search(np.full((1, 32), 255, np.uint8), radius=47)[0].size == 0


def test_results_come_by_row_then_distance_then_id():
    hashes = np.stack([turned(HASHES[0], 3), HASHES[0], HASHES[0], HASHES[1]])
    index = PdqIndex.build(hashes, np.array([4, 9, 2, 1], np.uint64))
    rows, found, distances = index.search(HASHES[[1, 0]], radius=10)
    assert list(zip(rows, found, distances, strict=True)) == [(0, 1, 0), (1, 2, 0), (1, 9, 0), (1, 4, 3)]


def test_chunks_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch):
    whole = PdqIndex.build(HASHES, np.arange(300)).search(HASHES, radius=47)
    monkeypatch.setattr(native, "route", lambda: native.NUMPY)
    monkeypatch.setattr(pdq_plain, "_CHUNK_ROWS", 7)
    cut = PdqIndex.build(HASHES, np.arange(300)).search(HASHES, radius=47)
    assert [part.tolist() for part in whole] == [part.tolist() for part in cut]
    assert set(range(300)) <= set(whole[1].tolist())


def test_one_id_may_have_several_hashes_and_loses_all_of_them():
    index = PdqIndex.build(HASHES[:3], [8, 8, 9])
    assert index.remove([8, 77]) == 2
    assert (len(index), index.search(HASHES[:3], radius=0)[1].tolist()) == (1, [9])


def test_what_is_added_is_found_and_a_copy_stays_as_it_was():
    index = PdqIndex.build(HASHES[:2], [0, 1])
    before = index.copy()
    index.add(HASHES[2:3], [2])
    assert index.search(HASHES[2:3], radius=0)[1].tolist() == [2]
    assert before.search(HASHES[2:3], radius=0)[1].tolist() == []


def test_an_empty_index_and_no_queries_find_nothing():
    empty = PdqIndex.build(np.empty((0, 32), np.uint8), np.empty(0, np.uint64))
    assert [part.size for part in empty.search(HASHES[:2])] == [0, 0, 0]
    full = PdqIndex.build(HASHES, np.arange(300))
    assert [part.size for part in full.search(np.empty((0, 32), np.uint8))] == [0, 0, 0]
    assert empty.remove([]) == 0


@pytest.fixture(params=native.available())
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each one that this machine has."""
    monkeypatch.setattr(native, "route", lambda: request.param)
    return str(request.param)


def test_a_large_index_finds_what_a_small_one_does(route: str, monkeypatch: pytest.MonkeyPatch):
    hashes = np.stack([turned(HASHES[row % 300], row % 50) for row in range(1500)])
    queries = np.concatenate((HASHES[:20], hashes[:20]))
    plain = PdqIndex.build(hashes, np.arange(1500)).search(queries, radius=40)
    monkeypatch.setattr(pdq_state, "PDQ_TAIL_ROWS_MAX", 10)
    arranged = PdqIndex.build(hashes, np.arange(1500))
    assert [part.tolist() for part in arranged.search(queries, radius=40)] == [part.tolist() for part in plain]
    assert [part.dtype for part in plain] == [np.intp, np.uint64, np.uint16]


def test_a_bank_of_near_identical_hashes(route: str):
    """100,000 within 6 bits of one another: each key of each table leads to all of them."""
    count = 100_000
    bits = np.tile(np.unpackbits(HASHES[0]), (count, 1))
    bits[np.repeat(np.arange(count), 3), RNG.integers(0, 256, 3 * count)] ^= 1
    hashes = np.packbits(bits, axis=1)
    index = PdqIndex.build(hashes, np.arange(count))
    queries = np.stack([HASHES[0], turned(HASHES[0], 20), turned(HASHES[0], 60), HASHES[1]])
    rows, found, distances = index.search(queries)
    expected = np.bitwise_count(queries[:, None] ^ hashes[None, ::1000]).sum(2, np.uint16)
    assert np.bincount(rows, minlength=4).tolist() == [count, count, 0, 0]
    order = np.argsort(found[:count])
    assert distances[:count][order][::1000].tolist() == expected[0].tolist()
    assert np.array_equal(np.sort(found[count:]), np.arange(count))


def test_a_bank_of_equal_hashes(route: str):
    index = PdqIndex.build(np.tile(HASHES[:1], (10_000, 1)), np.arange(10_000))
    rows, found, distances = index.search(np.tile(HASHES[:1], (12, 1)), radius=0)
    assert np.array_equal(found.reshape(12, -1), np.tile(np.arange(10_000, dtype=np.uint64), (12, 1)))
    assert (rows.size, distances.max()) == (120_000, 0)


def test_all_equal_hashes_are_all_found():
    index = PdqIndex.build(np.zeros((1000, 32), np.uint8), np.arange(1000))
    assert index.search(np.zeros((2, 32), np.uint8), radius=0)[0].size == 2000


@pytest.mark.parametrize("radius", [0, 47])
def test_radii_at_the_bounds_are_taken(radius: int):
    assert PdqIndex.build(HASHES, np.arange(300)).search(HASHES[:1], radius)[1].tolist() == [0]


@pytest.mark.parametrize("radius", [-1, 48])
def test_radii_beyond_the_bounds_are_refused(radius: int):
    with pytest.raises(Invalid) as refused:
        PdqIndex.build(HASHES, np.arange(300)).search(HASHES[:1], radius)
    assert refused.value.code == "bad-radius"


@pytest.mark.parametrize(
    "hashes",
    [np.zeros((3, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((3, 32), np.int64), [["x" * 32]]],
)
def test_hashes_of_another_form_are_refused(hashes: object):
    with pytest.raises(Invalid) as refused:
        PdqIndex.build(hashes, [1, 2, 3])  # type: ignore[arg-type]
    assert refused.value.code == "bad-hashes"


@pytest.mark.parametrize("ids", [[1, 2], [[1], [2], [3]], [0.5, 1.5, 2.5], [-1, 2, 3]])
def test_ids_of_another_form_are_refused_and_nothing_is_added(ids: list[float]):
    index = PdqIndex.build(HASHES[:1], [0])
    with pytest.raises(Invalid) as refused:
        index.add(HASHES[:3], ids)
    assert (refused.value.code, len(index)) == ("bad-ids", 1)


def test_more_than_an_index_holds_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("beffroi.matching.pdq.PDQ_ROWS_MAX", 2)
    index = PdqIndex.build(HASHES[:2], [0, 1])
    with pytest.raises(Invalid) as refused:
        index.add(HASHES[:1], [2])
    assert (refused.value.code, len(index)) == ("too-many-hashes", 2)


def test_threads_search_while_one_adds_and_removes(monkeypatch: pytest.MonkeyPatch):
    """What was there all the time is found by every search, whatever is rearranged."""
    for limit in ("PDQ_TAIL_ROWS_MAX", "PDQ_MERGE_AT_ONCE_MAX"):
        monkeypatch.setattr(pdq_state, limit, 20)
    index = PdqIndex.build(HASHES[:100], np.arange(100))
    with ThreadPoolExecutor(2) as pool:
        searches = [pool.submit(index.search, HASHES[:50], 0) for _ in range(50)]
        for number in range(100, 300):
            index.add(HASHES[number : number + 1], [number])
            index.remove([number - 50])
        assert all(found.result()[1].tolist() == list(range(50)) for found in searches)
    index.wait()
    assert index.search(HASHES, radius=0)[1].tolist() == [*range(50), *range(250, 300)]


def test_large_ids_survive(tmp_path: Path):
    index = PdqIndex.build(HASHES[:1], np.array([2**64 - 1], np.uint64))
    index.save(tmp_path / "x.pdq")
    assert PdqIndex.open(tmp_path / "x.pdq").search(HASHES[:1])[1].tolist() == [2**64 - 1]
