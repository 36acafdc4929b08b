from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.clock import EPOCH, FakeClock, SystemClock, from_micros, rfc3339, to_micros

OFFSETS = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001 (bounds have no zone)


def test_the_system_clock_is_in_utc_and_runs_forward() -> None:
    clock = SystemClock()
    before, after = clock.now(), clock.now()
    assert before.tzinfo is UTC
    assert EPOCH < before <= after
    assert clock.monotonic() <= clock.monotonic()


def test_a_fake_clock_stands_until_moved() -> None:
    clock = FakeClock()
    began = clock.now()
    assert clock.now() == began
    clock.move(timedelta(hours=1))
    assert clock.now() - began == timedelta(hours=1)
    assert clock.monotonic() == 3600


def test_moved_back_the_wall_clock_goes_back_and_the_monotonic_one_does_not() -> None:
    clock = FakeClock(datetime(2026, 10, 25, 1, tzinfo=UTC))
    clock.move(-timedelta(hours=2))
    assert clock.now() == datetime(2026, 10, 24, 23, tzinfo=UTC)
    assert clock.monotonic() == 0


@given(INSTANTS)
def test_stored_instants_come_back_to_the_microsecond(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at
    assert from_micros(to_micros(at)).tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_stored_instants_sort_as_instants(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_an_instant_without_a_zone_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        to_micros(datetime(2026, 6, 1))  # noqa: DTZ001 (that is what is refused)


def test_the_one_textual_form() -> None:
    summer = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 6, 1, 10, tzinfo=summer)) == "2026-06-01T08:00:00.000000Z"
    assert rfc3339(datetime(2026, 6, 1, 8, 0, 0, 5, tzinfo=UTC)) == "2026-06-01T08:00:00.000005Z"
