"""What a process knows of itself: which loops turn, and whether its clock went back."""

import threading
from datetime import timedelta

import pytest

from beffroi.flow.watch import Watch
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.limits import LOOP_SILENT_S_MAX


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def watch(clock):
    return Watch(clock)


def move(clock, **by):
    clock.move(timedelta(**by))


def test_a_loop_is_silent_once_it_has_not_turned_for_too_long(watch, clock):
    watch.begun("sweep", threading.current_thread(), 1.0)
    move(clock, seconds=LOOP_SILENT_S_MAX + 1)
    assert watch.silent() == {}
    move(clock, seconds=1)
    assert watch.silent() == {"sweep": LOOP_SILENT_S_MAX + 2}
    watch.turned("sweep")
    assert watch.silent() == {}


def test_a_loop_that_rests_long_is_not_silent_while_it_rests(watch, clock):
    watch.begun("heartbeat", threading.current_thread(), 900)
    move(clock, seconds=900)
    assert watch.silent() == {}


def test_a_thread_that_died_is_silent_at_once(watch, clock):
    dead = threading.Thread(target=lambda: None)
    dead.start()
    dead.join()
    watch.begun("ledger", dead, 1.0)
    move(clock, seconds=3)
    assert watch.silent() == {"ledger": 3}
    watch.ended("ledger")
    assert watch.silent() == {}


def test_a_clock_that_is_set_back_is_noticed_until_it_is_past_what_it_showed(watch, clock):
    move(clock, hours=1)
    assert watch.clock_back_s() == 0
    move(clock, seconds=-30)
    assert watch.clock_back_s() == 30
    move(clock, seconds=29)
    assert watch.clock_back_s() == 30
    move(clock, seconds=1)
    assert watch.clock_back_s() == 0


def test_what_passed_between_two_looks_does_not_hide_a_jump(watch, clock):
    """The monotonic clock goes on: ten seconds pass and the wall clock is set back by twelve."""
    clock._monotonic += 10
    clock._now -= timedelta(seconds=2)
    assert watch.clock_back_s() == 12


def test_going_forward_is_no_fault(watch, clock):
    move(clock, days=2)
    assert watch.clock_back_s() == 0
    move(clock, seconds=1)
    assert watch.clock_back_s() == 0


def test_since_when_an_alarm_is_raised_is_kept_while_it_lasts(watch, clock):
    began = clock.now()
    assert watch.noted(["disk-full"]) == ({"disk-full"}, frozenset())
    move(clock, minutes=7)
    assert watch.noted(["disk-full", "clock-back"]) == ({"clock-back"}, frozenset())
    assert watch.raised == {"disk-full": began, "clock-back": clock.now()}
    assert watch.noted(["clock-back"]) == (frozenset(), {"disk-full"})
    watch.noted(["clock-back", "disk-full"])
    assert watch.raised["disk-full"] == clock.now()
