"""How periods end, in two readings, on nights when the clocks change and over weekends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.errors import Invalid
from beffroi.orders.periods import Place, Span, Unit, earliest, latest

PARIS = Place(ZoneInfo("Europe/Paris"))
HOUR, TWO_DAYS = Span(1, Unit.HOURS), Span(48, Unit.HOURS)


def z(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-10-25T00:30", "2026-10-25T01:30"),  # 02:30 CEST, one hour later it is 02:30 CET
        ("2027-03-28T00:30", "2027-03-28T01:30"),  # 01:30 CET, one hour later it is 03:30 CEST
    ],
)
def test_an_hour_is_an_hour_in_both_nights_of_the_clocks(start: str, ends: str) -> None:
    assert earliest(z(start), HOUR, PARIS) == z(ends)


def test_the_hour_in_which_it_began_may_be_left_out() -> None:
    assert latest(z("2026-06-01T14:10"), HOUR, PARIS) == z("2026-06-01T16:00")
    assert latest(z("2026-06-01T14:00"), HOUR, PARIS) == z("2026-06-01T15:00")


def test_two_days_hold_two_working_days_in_the_latest_reading() -> None:
    friday = z("2026-06-05T08:00")
    assert earliest(friday, TWO_DAYS, PARIS) == z("2026-06-07T08:00")
    assert latest(friday, TWO_DAYS, PARIS) == z("2026-06-09T08:00")
    monday = z("2026-06-08T08:00")
    assert latest(monday, TWO_DAYS, PARIS) == z("2026-06-10T08:00")
    with_a_holiday = Place(PARIS.zone, frozenset({date(2026, 6, 9)}))
    assert latest(monday, TWO_DAYS, with_a_holiday) == z("2026-06-11T08:00")


def test_weeks_end_with_the_day_and_roll_in_the_latest_reading_only() -> None:
    six = Span(6, Unit.WEEKS)
    assert earliest(z("2026-11-02T09:00"), six, PARIS) == z("2026-12-14T09:00")
    assert latest(z("2026-11-02T09:00"), six, PARIS) == z("2026-12-14T23:00")
    assert latest(z("2026-11-07T09:00"), six, PARIS) == z("2026-12-21T23:00"), "a Saturday rolls to Monday"


def test_a_missing_date_is_the_last_of_its_month() -> None:
    six = Span(6, Unit.MONTHS)
    assert earliest(z("2026-08-31T10:00"), six, PARIS) == z("2027-02-28T10:00")
    assert latest(z("2026-08-31T10:00"), six, PARIS) == z("2027-03-01T23:00"), "28 February 2027 is a Sunday"


def test_working_days_over_christmas() -> None:
    london = Place(ZoneInfo("Europe/London"), frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    two = Span(2, Unit.WORKING_DAYS)
    for read in (earliest, latest):
        assert read(z("2026-12-24T11:00"), two, london) == z("2026-12-31T00:00")


def test_what_starts_no_period() -> None:
    with pytest.raises(Invalid):
        earliest(datetime(2026, 6, 1), HOUR, PARIS)  # noqa: DTZ001 (that is the point)
    with pytest.raises(Invalid):
        latest(z("2026-06-01T00:00"), Span(0, Unit.DAYS), PARIS)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(Span, st.integers(1, 400), st.sampled_from(Unit)),
    st.sampled_from(["UTC", "Europe/Paris", "Europe/Helsinki", "Atlantic/Azores"]).map(
        lambda name: Place(ZoneInfo(name))
    ),
)
def test_the_later_reading_is_never_earlier(start: datetime, span: Span, place: Place) -> None:
    first, last = earliest(start, span, place), latest(start, span, place)
    assert start < first <= last
    if span.unit is Unit.HOURS:
        assert first - start == timedelta(hours=span.count)
