"""What is not seen through `pdq_ring`: the seams between portions."""

import numpy as np
import pytest

from beffroi.matching import pdq_plain

ROWS = np.random.default_rng(5).integers(0, 2**64, (60, 4), dtype=np.uint64)
NEAR = ROWS ^ np.array([7, 0, 1 << 40, 0], np.uint64)


def sorted_pairs(pairs: pdq_plain.Pairs) -> list[tuple[int, int, int]]:
    return sorted(zip(*(part.tolist() for part in pairs), strict=True))


def test_portions_and_chunks_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch):
    tables = pdq_plain.tables_of(ROWS)
    whole = sorted_pairs(pdq_plain.search(ROWS, tables, NEAR, 31))
    assert whole == [(row, row, 4) for row in range(60)]
    monkeypatch.setattr(pdq_plain, "_CHUNK_MET", 3)
    monkeypatch.setattr(pdq_plain, "_CHUNK_ROWS", 7)
    assert sorted_pairs(pdq_plain.search(ROWS, tables, NEAR, 31)) == whole
    assert sorted_pairs(pdq_plain.compare(ROWS, NEAR, 31)) == whole


def test_a_crowded_query_is_compared_with_all(monkeypatch: pytest.MonkeyPatch):
    crowd = np.repeat(ROWS[:1], 50, axis=0)
    crowd[:, 1] ^= np.arange(50, dtype=np.uint64)
    tables = pdq_plain.tables_of(crowd)
    monkeypatch.setattr(pdq_plain, "_looked_up", lambda *_: pytest.fail("the tables were asked"))
    assert len(pdq_plain.search(crowd, tables, ROWS[:1], 31)[0]) == 50
