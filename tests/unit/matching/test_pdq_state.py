import numpy as np
import pytest

from beffroi.matching import pdq_ring, pdq_state
from beffroi.matching.pdq_ring import Ring
from beffroi.matching.pdq_state import Merge, State

HASHES = np.random.default_rng(9).integers(0, 256, (200, 32), dtype=np.uint8)
ROWS = pdq_ring.spread(HASHES)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdq_state, "PDQ_TAIL_ROWS_MAX", 10)
    monkeypatch.setattr(pdq_state, "PDQ_MERGE_AT_ONCE_MAX", 50)


def state_of(first: int, last: int) -> State:
    return State().with_more(ROWS[first:last], np.arange(first, last, dtype=np.uint64))


def ids_in(state: State) -> list[int]:
    return sorted(state.living()[1].tolist())


def found_in(state: State) -> list[int]:
    pairs = pdq_ring.search(state.ring, state.dead, (state.tail_rows, state.tail_ids), HASHES, 0)
    assert pairs[0].tolist() == pairs[1].tolist()
    return pairs[1].tolist()


def numbers(*given: int) -> np.ndarray:
    return np.array(given, np.uint64)


def test_few_have_no_tables_and_many_do():
    assert len(state_of(0, 10).ring) == 0
    state = state_of(0, 11)
    assert (len(state.ring), len(state.tail_ids), len(state)) == (11, 0, 11)


def test_what_is_taken_out_of_the_ring_is_dead_and_not_moved():
    before = state_of(0, 40)
    after = before.without(numbers(3, 39, 77, 2**50))
    assert after.ring is before.ring
    assert (len(after), after.gone, ids_in(before)) == (38, 2, list(range(40)))
    assert found_in(after) == ids_in(after) == [*range(3), *range(4, 39)]
    again = after.without(numbers(3))
    assert again is after


def test_half_of_it_dead_it_is_arranged_anew():
    state = state_of(0, 40).without(np.arange(21, dtype=np.uint64))
    assert (len(state.ring), state.gone, found_in(state)) == (19, 0, list(range(21, 40)))
    few = state_of(0, 12).without(np.arange(8, dtype=np.uint64))
    assert (len(few.ring), found_in(few)) == (0, [8, 9, 10, 11])


def test_an_id_comes_back():
    state = state_of(0, 40).without(numbers(5)).with_more(ROWS[5:6], numbers(5))
    assert (len(state), found_in(state)) == (40, list(range(40)))
    assert found_in(state.without(numbers(5))) == [*range(5), *range(6, 40)]


def test_a_tail_too_long_is_merged_beside_the_work():
    state = state_of(0, 60).with_more(ROWS[60:71], np.arange(60, 71, dtype=np.uint64))
    assert state.merge is not None
    assert found_in(state) == list(range(71))
    state.merge.wait()
    settled = state.settled()
    assert (len(settled.ring), len(settled.tail_ids), settled.merge) == (71, 0, None)
    assert found_in(settled) == list(range(71))


def test_what_happens_meanwhile_is_in_the_merged_state_too():
    state = state_of(0, 60).with_more(ROWS[60:71], np.arange(60, 71, dtype=np.uint64))
    merge = state.merge
    state = state.without(numbers(3, 65)).with_more(ROWS[80:83], numbers(80, 81, 82))  # from ring and covered tail
    state = state.without(numbers(81)).with_more(ROWS[3:4], numbers(3))  # gone again, and back again
    assert state.merge is merge
    merge.wait()
    settled = state.settled()
    assert found_in(settled) == found_in(state) == sorted({*range(71), 80, 82} - {65})
    assert (settled.gone, settled.tail_ids.tolist(), len(settled)) == (2, [80, 82, 3], len(state))


def test_a_state_from_before_is_as_it_was():
    before = state_of(0, 60)
    after = before.with_more(ROWS[60:90], np.arange(60, 90, dtype=np.uint64)).without(numbers(1))
    after.merge.wait()
    after.settled()
    assert found_in(before) == list(range(60))


def test_a_tail_longer_than_the_ring_is_not_waited_for():
    state = state_of(0, 60)
    for start in range(60, 180, 40):
        state = state.with_more(ROWS[start : start + 40], np.arange(start, start + 40, dtype=np.uint64))
        assert len(state.tail_ids) < max(len(state.ring), 1)
    assert found_in(state) == list(range(180))


def test_a_merge_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    start = state_of(0, 60)
    with monkeypatch.context() as patched:
        patched.setattr(Ring, "build", _no_memory)
        state = start.with_more(ROWS[60:75], np.arange(60, 75, dtype=np.uint64))
        state.merge.wait()
    settled = state.settled()
    assert (settled.merge, found_in(settled)) == (None, list(range(75)))
    again = settled.without(numbers(1))
    assert isinstance(again.merge, Merge)
    again.merge.wait()
    assert found_in(again.settled()) == [0, *range(2, 75)]


def _no_memory(*_given: object) -> Ring:
    raise MemoryError


def test_nothing_changes_nothing():
    state = state_of(0, 20)
    assert state.with_more(ROWS[:0], numbers()) is state
    assert state.without(numbers(50)) is state
    assert state.settled() is state
