"""Every legal clock of a platform's life with orders, as a pure function of its start.

Owns: `CATALOGUE`, one row per clock, and `deadline`.
Promises: a deadline names its rule and the rule's version and carries both readings; a duty and a limit on a power take
the earlier one, a right takes the later one, and so does the duty to preserve, whose purpose it serves.
Never does: read a clock, or know a calendar of holidays; whoever asks hands them over.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from beffroi.ground.kernel.errors import Invalid, NotFound

from .periods import Place, Span, Unit, earliest, latest

VERSION = 1
"""Of the whole catalogue; it grows when a row changes its meaning, so that what was computed can be explained later."""


class Class(StrEnum):
    """Whose time it is."""

    DUTY = "duty"
    RIGHT = "right"
    LIMIT = "limit"  # on a power of an authority


class Reading(StrEnum):
    """Which of the two ends counts."""

    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Clock:
    """One row: what starts it, how long it is, whose time it is, what its end means, the article.

    `span` None: the length stands in the order, or is a date of the calendar.
    """

    rule: str
    article: str
    starts: str
    span: Span | None
    kind: Class
    at_expiry: str
    reading: Reading

    @staticmethod
    def of(rule: str, article: str, starts: str, span: Span | None, kind: Class, at_expiry: str) -> "Clock":
        """With the reading that follows from whose time it is."""
        reading = Reading.LATEST if kind is Class.RIGHT else Reading.EARLIEST
        return Clock(rule, article, starts, span, kind, at_expiry, reading)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that was started."""

    rule: str
    version: int
    article: str
    kind: Class
    start: datetime
    earliest: datetime
    latest: datetime
    reading: Reading
    at_expiry: str

    @property
    def due(self) -> datetime:
        """The end that counts."""
        return self.latest if self.reading is Reading.LATEST else self.earliest


def _hours(count: int) -> Span:
    return Span(count, Unit.HOURS)


_D, _R, _L = Class.DUTY, Class.RIGHT, Class.LIMIT
_ROWS = (
    Clock.of("first_contact", "TCO Art 3(2)", "information delivered", _hours(12), _L, "issuing allowed"),
    Clock.of("execute", "TCO Art 3(3), (7), (8)", "receipt, cessation or clarification", _hours(1), _D, "overdue"),
    Clock.of("feedback", "TCO Art 3(6)", "execution or obstacle known", _hours(1), _D, "overdue"),
    Clock.of("scrutiny_own_motion", "TCO Art 4(3)", "copy received", _hours(72), _L, "the power ends"),
    Clock.of("scrutiny_request", "TCO Art 4(4)", "order or 11(2) information received", _hours(48), _R, "late"),
    Clock.of("scrutiny_decision", "TCO Art 4(4)", "request received", _hours(72), _D, "the overseer is told"),
    Clock.of("gag", "TCO Art 11(3)", "decision", Span(6, Unit.WEEKS), _L, "the poster is told"),
    Clock.of("gag_extension", "TCO Art 11(3)", "first end", Span(6, Unit.WEEKS), _L, "the poster is told"),
    Clock("preserve", "TCO Art 6(1)", "removal or disabling", Span(6, Unit.MONTHS), _L, "deleted", Reading.LATEST),
    Clock.of("tco_complaint", "TCO Art 10", "complaint received", Span(2, Unit.WEEKS), _D, "overdue"),
    Clock.of("dsa_complaint_window", "DSA Art 20(1)", "user informed", Span(6, Unit.MONTHS), _R, "closed"),
    Clock.of("tco_report", "TCO Art 7(2)", "end of the year", None, _D, "overdue"),
    Clock.of("measures_report", "TCO Art 5(5)", "exposure decision received", Span(3, Unit.MONTHS), _D, "overdue"),
    Clock.of("measures_report_yearly", "TCO Art 5(5)", "last report", Span(12, Unit.MONTHS), _D, "overdue"),
    Clock.of("exposure_review", "TCO Art 5(7)", "request received", Span(3, Unit.MONTHS), _D, "overdue"),
    Clock.of("national_appeal", "TCO Art 9, Annex I G", "as the order says", None, _R, "the order becomes final"),
    Clock.of("fr_removal", "FR LCEN Art 6-1", "request", _hours(24), _D, "blocking"),
    Clock.of("fr_challenge", "FR LCEN Art 6-1-5", "receipt or information", _hours(48), _R, "closed"),
    Clock.of("fr_ruling", "FR LCEN Art 6-1-5", "filing", _hours(72), _D, "overdue"),
    Clock.of("uk_s3", "UK Terrorism Act 2006 s.3", "notice", Span(2, Unit.WORKING_DAYS), _D, "taken to endorse"),
    Clock.of("us_preserve", "18 U.S.C. 2703(f)", "request", Span(90, Unit.DAYS), _L, "released"),
    Clock.of("epoc", "Reg (EU) 2023/1543 Art 10", "receipt", Span(10, Unit.DAYS), _D, "overdue"),
    Clock.of("epoc_emergency", "Reg (EU) 2023/1543 Art 10", "receipt", _hours(8), _D, "overdue"),
    Clock.of("epoc_pr", "Reg (EU) 2023/1543 Art 11", "receipt", Span(60, Unit.DAYS), _L, "released"),
)

CATALOGUE: dict[str, Clock] = {clock.rule: clock for clock in _ROWS}
_ANYWHERE = Place()


def deadline(rule: str, start: datetime, place: Place = _ANYWHERE, span: Span | None = None) -> Deadline:
    """The clock `rule`, started; `place` is the obligor's or right holder's.

    `span` is for `national_appeal`, whose length the order states, and for a setting that shortens a duty.

    Raises:
        NotFound: there is no such clock.
        Invalid: its length is not known, or the start has no zone.

    """
    clock = CATALOGUE.get(rule)
    if clock is None:
        raise NotFound("no-such-clock", f"there is no clock called {rule[:40]!r}")
    if rule == "tco_report":
        ends = place.end_of(_last_of_february(place.day(start).year + 1))
        return _told(clock, start, ends, ends)
    length = span or clock.span
    if length is None:
        raise Invalid("no-length", f"how long {rule} is stands in the order; say it", where="span")
    return _told(clock, start, earliest(start, length, place), latest(start, length, place))


def _told(clock: Clock, start: datetime, first: datetime, last: datetime) -> Deadline:
    return Deadline(
        rule=clock.rule,
        version=VERSION,
        article=clock.article,
        kind=clock.kind,
        start=start,
        earliest=first,
        latest=last,
        reading=clock.reading,
        at_expiry=clock.at_expiry,
    )


def _last_of_february(year: int) -> date:
    """The report stands before 1 March (TCO Art 7(2))."""
    return date.fromordinal(date(year, 3, 1).toordinal() - 1)
