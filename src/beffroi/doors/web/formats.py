"""How instants, sizes, numbers and spans are written for people.

Owns: the filters of every template that turn values into words.
Promises: a time names its zone in the console; every time is a `<time>` element with its UTC instant; no figure is
rounded without its unit saying so.
Never does: count a deadline; it only writes down what it is given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from beffroi.ground.kernel.clock import rfc3339

from .languages import PSEUDO, PSEUDO_RTL, Language
from .pseudo import pseudo

_AFTER_NOON = timedelta(days=1)
_KILO = 1000
_HOUR_S, _MINUTE_S = 3600, 60


@dataclass(frozen=True, slots=True)
class Formats:
    """The filters for one language in one zone."""

    language: Language
    zone: tzinfo

    def instant(self, at: datetime, *, seconds: bool = False) -> Markup:
        """`Sat 14 Nov 2026 03:04 CET`; with seconds where a clock depends on it."""
        pattern = "EEE d MMM y HH:mm:ss" if seconds else "EEE d MMM y HH:mm"
        return self._time(at, f"{self._written(at, pattern)} {at.astimezone(self.zone).tzname()}")

    def moment(self, at: datetime) -> Markup:
        """`03:04:50`: within a page that names the day and the zone elsewhere."""
        return self._time(at, self._written(at, "HH:mm:ss"))

    def short_day(self, at: datetime) -> Markup:
        """`14 Nov 2026`."""
        return self._time(at, self._written(at, "d MMM y"))

    def day(self, at: datetime) -> Markup:
        """`14 November 2026`: for the public, in full."""
        return self._time(at, format_date(at.astimezone(self.zone), "long", self.language.locale))

    def last_day(self, until: datetime) -> Markup:
        """The day at whose end a right ends, of the instant that `notices.views.challenge_until` gives."""
        day = (until - _AFTER_NOON).astimezone(UTC)
        return self._time(until, format_date(day, "long", self.language.locale))

    def day_and_time(self, at: datetime) -> Markup:
        """`14 November 2026, 03:04 CET`: for the public, where the time matters."""
        return self._time(at, f"{self._written(at, 'd MMMM y, HH:mm')} {at.astimezone(self.zone).tzname()}")

    def ago(self, at: datetime, now: datetime) -> Markup:
        """`9 min ago`, or `in 3 h` for what is to come."""
        try:
            told = self._apart(at - now, "short")
        except KeyError:  # CLDR's Arabic has no short form of some: seconds to come, weeks gone
            told = self._apart(at - now, "long")
        return self._time(at, self._own(told))

    def span(self, seconds: float | timedelta) -> str:
        """`24 hrs`: a length of time in its largest unit that tells it."""
        length = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        return self._own(format_timedelta(length, threshold=2, format="long", locale=self.language.locale))

    def country(self, code: str) -> str:
        """The name of a country in this language; the code itself where it has none, as the invented XA to XZ."""
        return code if code.startswith("X") else self._own(str(self.language.locale.territories.get(code, code)))

    def number(self, value: float) -> str:
        """`12,345.6`."""
        return format_decimal(value, locale=self.language.locale)

    def percent(self, share: float) -> str:
        """`98.6 %` of .986, one decimal."""
        return format_percent(share, format="#,##0.# %", locale=self.language.locale, decimal_quantization=True)

    def size(self, size_bytes: int) -> str:
        """`214 kB`: powers of ten, as on the packet."""
        value, unit = float(size_bytes), "B"
        for larger in ("kB", "MB", "GB", "TB"):
            if value < _KILO:
                break
            value, unit = value / _KILO, larger
        digits = "0" if value >= 10 or unit == "B" else "0.#"  # noqa: PLR2004  two significant digits
        return f"{format_decimal(value, format=digits, locale=self.language.locale)} {unit}"

    def _apart(self, length: timedelta, form: Literal["short", "long"]) -> str:
        return format_timedelta(length, add_direction=True, format=form, locale=self.language.locale)

    def _written(self, at: datetime, pattern: str) -> str:
        return format_datetime(at, pattern, tzinfo=self.zone, locale=self.language.locale)

    def _own(self, told: str) -> str:
        return pseudo(told) if self.language.tag in (PSEUDO, PSEUDO_RTL) else told

    def _time(self, at: datetime, told: str) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(rfc3339(at), told)


def clock_figure(seconds: float) -> str:
    """`13:08`, `1:02:09`, `+06:12` once it is late: the figure that `clocks.js` goes on counting."""
    whole, late = int(abs(seconds)), "+" if seconds < 0 else ""
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    return f"{late}{hours}:{minutes:02d}:{left:02d}" if hours else f"{late}{minutes:02d}:{left:02d}"
