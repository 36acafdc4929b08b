"""Each clock of the catalogue, by the dates of law and of the acceptance scenarios."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.orders.deadlines import CATALOGUE, VERSION, Class, Reading, deadline
from beffroi.orders.periods import Place, Span, Unit

VIENNA = Place(ZoneInfo("Europe/Vienna"))
LONDON = Place(ZoneInfo("Europe/London"), frozenset({date(2026, 12, 25), date(2026, 12, 28)}))


def z(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "start", "place", "due"),
    [
        ("first_contact", "2026-06-01T08:00", VIENNA, "2026-06-01T20:00"),
        ("execute", "2026-11-28T02:12", VIENNA, "2026-11-28T03:12"),
        ("execute", "2026-10-25T00:30", VIENNA, "2026-10-25T01:30"),
        ("execute", "2027-03-28T00:30", VIENNA, "2027-03-28T01:30"),
        ("feedback", "2026-06-01T08:20", VIENNA, "2026-06-01T09:20"),
        ("scrutiny_own_motion", "2026-06-05T08:00", VIENNA, "2026-06-08T08:00"),
        ("scrutiny_request", "2026-06-05T08:00", VIENNA, "2026-06-09T08:00"),
        ("scrutiny_decision", "2026-06-05T08:00", VIENNA, "2026-06-08T08:00"),
        ("gag", "2026-11-02T09:00", VIENNA, "2026-12-14T09:00"),
        ("gag_extension", "2026-12-14T09:00", VIENNA, "2027-01-25T09:00"),
        ("preserve", "2026-06-01T08:00", VIENNA, "2026-12-01T23:00"),
        ("tco_complaint", "2026-06-01T08:00", VIENNA, "2026-06-15T08:00"),
        ("dsa_complaint_window", "2026-06-01T08:00", VIENNA, "2026-12-01T23:00"),
        ("tco_report", "2026-12-31T22:00", VIENNA, "2027-02-28T23:00"),
        ("tco_report", "2027-06-01T08:00", VIENNA, "2028-02-29T23:00"),
        ("measures_report", "2026-06-01T08:00", VIENNA, "2026-09-01T08:00"),
        ("measures_report_yearly", "2026-06-01T08:00", VIENNA, "2027-06-01T08:00"),
        ("exposure_review", "2026-06-01T08:00", VIENNA, "2026-09-01T08:00"),
        ("fr_removal", "2026-06-06T08:00", VIENNA, "2026-06-07T08:00"),
        ("fr_challenge", "2026-06-08T08:00", VIENNA, "2026-06-10T08:00"),
        ("fr_ruling", "2026-06-08T08:00", VIENNA, "2026-06-11T08:00"),
        ("uk_s3", "2026-12-24T11:00", LONDON, "2026-12-31T00:00"),
        ("us_preserve", "2026-06-01T08:00", VIENNA, "2026-08-30T08:00"),
        ("epoc", "2026-06-01T08:00", VIENNA, "2026-06-11T08:00"),
        ("epoc_emergency", "2026-06-01T08:00", VIENNA, "2026-06-01T16:00"),
        ("epoc_pr", "2026-06-01T08:00", VIENNA, "2026-07-31T08:00"),
    ],
)
def test_when_it_is_due(rule: str, start: str, place: Place, due: str) -> None:
    assert deadline(rule, z(start), place).due == z(due)


def test_both_readings_stand_in_it_with_the_rule_and_its_version() -> None:
    hour = deadline("execute", z("2026-06-01T14:10"), VIENNA)
    assert (hour.rule, hour.version, hour.kind) == ("execute", VERSION, Class.DUTY)
    assert (hour.earliest, hour.latest) == (z("2026-06-01T15:10"), z("2026-06-01T16:00"))
    assert hour.due == hour.earliest, "a duty takes the earlier end"


def test_whose_time_it_is_says_which_reading_counts() -> None:
    for clock in CATALOGUE.values():
        expected = Reading.LATEST if clock.kind is Class.RIGHT or clock.rule == "preserve" else Reading.EARLIEST
        assert clock.reading is expected, clock.rule


def test_how_long_an_appeal_is_stands_in_the_order() -> None:
    with pytest.raises(Invalid):
        deadline("national_appeal", z("2026-06-01T08:00"), VIENNA)
    month = deadline("national_appeal", z("2026-06-05T08:00"), VIENNA, Span(1, Unit.MONTHS))
    assert month.due == z("2026-07-06T22:00"), "5 July 2026 is a Sunday"


def test_a_clock_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        deadline("tea", z("2026-06-01T08:00"))
