"""What a process knows of itself: whether its loops turn, whether its clock went back, since when each alarm lasts.

Owns: `Watch`.
Promises: a loop that hangs or died is told from one that only fails; a clock that was set back stays noticed until it
is past every instant it showed before; an alarm's beginning is kept while it lasts; nothing here asks the database.
Never does: repair; sign, or keep anybody from signing (`doors.workers` asks first).
"""

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.limits import LOOP_SILENT_S_MAX


class Watch:
    """The notes of one process about itself; thread-safe."""

    def __init__(self, clock: Clock) -> None:
        """`clock` is the one that may go back."""
        self._clock = clock
        self._guard = threading.Lock()
        self._turned: dict[str, float] = {}
        self._loops: dict[str, tuple[threading.Thread, float]] = {}
        """Each loop's thread, and after how many seconds without a turn it counts as silent."""
        self._latest = clock.now()
        """The latest instant the clock has shown."""
        self._course = self._apart()
        """What the wall clock was ahead of the monotonic one, then."""
        self.failures: dict[str, str] = {}
        """The last failure of each loop, by its name; gone once it succeeds again."""
        self.raised: dict[str, datetime] = {}
        """Since when each alarm is raised, by its name, as far as this process has looked."""

    def begun(self, loop: str, thread: threading.Thread, pause_s: float) -> None:
        """A loop started in `thread`; between two turns it rests for `pause_s`."""
        with self._guard:
            self._loops[loop] = thread, pause_s + LOOP_SILENT_S_MAX
            self._turned.setdefault(loop, self._clock.monotonic())

    def turned(self, loop: str) -> None:
        """It finished a turn, well or not."""
        with self._guard:
            self._turned[loop] = self._clock.monotonic()

    def ended(self, loop: str) -> None:
        """It was told to stop, and did."""
        with self._guard:
            self._turned.pop(loop, None)
            self._loops.pop(loop, None)

    def silent(self) -> dict[str, int]:
        """Whole seconds since the last turn of each loop that hangs or died; nothing if all of them turn."""
        now = self._clock.monotonic()
        with self._guard:
            since = {loop: (now - self._turned[loop], *known) for loop, known in self._loops.items()}
        return {loop: int(s) for loop, (s, thread, s_max) in since.items() if s > s_max or not thread.is_alive()}

    def noted(self, alarms: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """These are raised now; returns which of them were not when it was last said, and which are over."""
        with self._guard:
            now, before = self._clock.now(), self.raised
            self.raised = {alarm: before.get(alarm, now) for alarm in alarms}
            return frozenset(self.raised.keys() - before.keys()), frozenset(before.keys() - self.raised.keys())

    def clock_back_s(self) -> float:
        """How far the wall clock was set back, in seconds; 0 once it is past all it had shown."""
        with self._guard:
            now, apart = self._clock.now(), self._apart()
            if now >= self._latest:
                self._latest, self._course = now, apart
                return 0.0
            return max(0.0, (self._course - apart).total_seconds())

    def _apart(self) -> timedelta:
        return _since_1970(self._clock.now()) - timedelta(seconds=self._clock.monotonic())


def _since_1970(at: datetime) -> timedelta:
    return timedelta(seconds=at.timestamp())
