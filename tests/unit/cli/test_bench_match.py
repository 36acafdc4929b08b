"""The measurement on a few hashes: every pair is compared before anything is told. Not how long it takes."""

import numpy as np
import pytest

from beffroi.cli import bench_match
from beffroi.cli.bench_match import Contender, Row, _agree, _contenders, _measured, _scattered
from beffroi.ground.kernel import native

pytest.importorskip("faiss", reason="faiss is not installed: ./run sync --group bench")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench_match, "_QUERIES", 100)
    monkeypatch.setattr(bench_match, "_SINGLES", 3)
    monkeypatch.setenv(native.ENVIRONMENT, "numpy")  # put back afterwards
    yield
    native.route.cache_clear()


@pytest.mark.slow
def test_all_contenders_find_what_was_planted():
    hashes, queries, planted = _scattered(6000)
    rows = _measured(_contenders(6000), hashes, queries, planted)
    assert len(planted) == 27  # of 41 planted, a third at 32 bits
    assert {row.pairs_compared for row in rows} == {len(planted)}
    assert [row.name for row in rows][-3:] == ["faiss Flat", "faiss MultiHash 16 × 16", "faiss MultiHash 11 × 23"]
    assert len(rows) == len(native.available()) + 3
    assert all(row.queries_per_cpu_s > 0 and row.one_call_p99_us >= row.one_call_p50_us > 0 for row in rows)


def test_who_is_not_exact_is_named():
    hashes, queries, planted = _scattered(500)
    good = next(each for each in _contenders(500) if each.name == "faiss Flat")

    def all_but_one(index, asked):
        rows, ids, distances = good.ask(index, asked)
        return rows[1:], ids[1:], distances[1:]

    lossy = Contender("lossy", good.build, all_but_one, 40, "x")
    contenders = [good, lossy]
    rows = [Row(each.name, 0, 0, 0, 0, 0, each.queries, 0) for each in contenders]
    with pytest.raises(RuntimeError, match="lossy and faiss Flat: 1 missing, 0 more"):
        _agree(contenders, [good.build(hashes)] * 2, rows, queries, planted)
    with pytest.raises(RuntimeError, match="planted: 1 missing"):
        _agree([good], [good.build(hashes)], rows[:1], queries, planted | {(1, 1, 1)})


def test_its_radius_is_exclusive_and_ours_is_not():
    hashes = np.zeros((1, 32), np.uint8)
    query = np.packbits([1] * 31 + [0] * 225)[None]
    for each in _contenders(1):
        bench_match._run_on(each)
        assert [part.tolist() for part in each.ask(each.build(hashes), query)] == [[0], [0], [31]]
