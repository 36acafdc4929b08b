"""That something changed."""

from concurrent.futures import ThreadPoolExecutor

from beffroi.flow.changes import Changes


def test_it_counts():
    changes = Changes()
    for _ in range(3):
        changes.tell()
    assert changes.number == 3


def test_who_waits_is_woken():
    changes = Changes()
    with ThreadPoolExecutor(4) as many:
        waiting = [many.submit(changes.wait, 0, 60) for _ in range(4)]
        changes.tell()
        assert {one.result() for one in waiting} == {1}


def test_who_comes_late_does_not_wait_and_who_waits_in_vain_is_told_so():
    changes = Changes()
    changes.tell()
    assert changes.wait(0, 60) == 1
    assert changes.wait(1, 0.01) == 1
