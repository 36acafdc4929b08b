"""Periods of time in law, computed in two readings. Pure.

Owns: `Span`, the earliest and the latest end of a span, what a working day is.
Promises: instants come in and go out in UTC; the earliest reading is the time that really passes, the latest is that of
Regulation (EEC, Euratom) 1182/71 where it gives more; a change of the clocks moves no end that is counted in hours.
Never does: know an article; `deadlines` does.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from beffroi.ground.kernel.errors import Invalid

UTC_ZONE = ZoneInfo("UTC")
_TWO_DAYS = timedelta(hours=48)
_HOUR = timedelta(hours=1)
_SATURDAY: Final = 5
_MONTHS: Final = 12


class Unit(StrEnum):
    """In what a period is expressed; it decides how it rolls."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a period is counted: its zone, and the days on which nobody works there beside weekends."""

    zone: ZoneInfo = UTC_ZONE
    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def day(self, at: datetime) -> date:
        """The day it is there."""
        return at.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """Where the last hour of a day ends, as an instant."""
        following = day + timedelta(days=1)
        return datetime(following.year, following.month, following.day, tzinfo=self.zone).astimezone(UTC)


def earliest(start: datetime, span: Span, place: Place) -> datetime:
    """When a period ends at the earliest: so much time has really passed. Nothing rolls.

    Raises:
        Invalid: the start has no zone, or the period is empty.

    """
    at = _checked(start, span)
    match span.unit:
        case Unit.HOURS:
            return at + timedelta(hours=span.count)
        case Unit.DAYS:
            return at + timedelta(days=span.count)
        case Unit.WEEKS:
            return at + timedelta(weeks=span.count)
        case Unit.MONTHS:
            return datetime.combine(_months_later(at.date(), span.count), at.timetz())
        case Unit.WORKING_DAYS:
            return _working_days(at, span.count, place)


def latest(start: datetime, span: Span, place: Place) -> datetime:
    """When a period ends at the latest, by Regulation 1182/71 in favour of whom it serves.

    Raises:
        Invalid: the start has no zone, or the period is empty.

    """
    at = _checked(start, span)
    if span.unit is Unit.WORKING_DAYS:
        return _working_days(at, span.count, place)
    if span.unit is Unit.HOURS:
        return _hours(at, timedelta(hours=span.count), place)
    day = place.day(at)
    if span.unit is Unit.MONTHS:
        day = _months_later(day, span.count)
    else:
        day += timedelta(days=span.count) if span.unit is Unit.DAYS else timedelta(weeks=span.count)
    while not place.works(day):  # Art 3(4): what is not counted in hours ends on a working day
        day += timedelta(days=1)
    return max(
        place.end_of(day), earliest(at, span, place)
    )  # a day in the place may end before so much time has passed


def _hours(at: datetime, length: timedelta, place: Place) -> datetime:
    """The hour in which it began does not count (Art 3(1)); two days or more hold two working days (Art 3(5)).

    Hours never roll by Art 3(4). Whether Art 3(5) reaches a period of 48 hours is arguable; a right takes it.
    """
    begins = at if at == _whole_hour(at) else _whole_hour(at) + _HOUR
    if length < _TWO_DAYS:
        return begins + length
    end, worked = begins + length, timedelta(0)
    here = begins
    while worked < _TWO_DAYS:
        day_ends = place.end_of(place.day(here))
        step = min(day_ends - here, _TWO_DAYS - worked)
        worked += step if place.works(place.day(here)) else timedelta(0)
        here = here + step if place.works(place.day(here)) else day_ends
    return max(end, here)


def _working_days(at: datetime, count: int, place: Place) -> datetime:
    """The end of the last of so many working days; the day of the event is none of them."""
    day = place.day(at)
    while count:
        day += timedelta(days=1)
        count -= place.works(day)
    return place.end_of(day)


def _months_later(day: date, months: int) -> date:
    """The same date so many months on; where it is missing, the last of the month (Art 3(2)(c))."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _whole_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _checked(start: datetime, span: Span) -> datetime:
    if start.tzinfo is None:
        raise Invalid("no-zone", "an instant without a zone starts no period", where="start")
    if span.count < 1:
        raise Invalid("empty-period", "a period is at least one long", where="span")
    return start.astimezone(UTC)
