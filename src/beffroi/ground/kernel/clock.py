"""Time: the only place that reads a clock.

Owns: `Clock` and its two implementations, the system's and a fake one for tests.
Promises: every instant is an aware datetime in UTC with microseconds; deadlines elsewhere are pure
functions of instants handed to them.
Never does: local wall time; that is made for display only, at the edge.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


class FakeClock:
    """A clock that stands still until told to move; tests and simulations only."""

    def __init__(self, at: datetime | None = None) -> None:
        """Start `at` an aware instant; 1 June 2026, 08:00 UTC unless told."""
        self._now = at or datetime(2026, 6, 1, 8, tzinfo=UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds moved forward so far."""
        return self._monotonic

    def move(self, by: timedelta) -> None:
        """Move the wall clock (either way); the monotonic one only goes forward."""
        self._now += by
        self._monotonic += max(0.0, by.total_seconds())


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant; the form in which instants are stored.

    Raises:
        ValueError: the instant has no zone, which is a mistake of ours.

    """
    if at.tzinfo is None:
        message = f"an instant without a zone: {at!r}"
        raise ValueError(message)
    return (at - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The instant, UTC, of stored microseconds."""
    return EPOCH + timedelta(microseconds=micros)


def rfc3339(at: datetime) -> str:
    """`2026-06-01T08:00:00.000000Z`: the one textual form, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
