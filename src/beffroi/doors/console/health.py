"""Health: what is wrong, since when, what to do; and how everything is, with figures.

Owns: the handler of the health page; what is measured against a limit, and its picture.
Promises: what somebody must come for stands first; each finding says its state in words and against what it is
measured; nothing is hidden because it is well.
Never does: measure (`flow.health` does), or repair.
"""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from starlette.responses import Response

from beffroi import __version__
from beffroi.flow.health import Alarm, Health, Own, Stored, measure
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import (
    ALARMS_EVERY_S,
    CLOCK_BACK_S_MAX,
    DECODER_LOSSES_MAX,
    DUE_LATE_S_MAX,
    LEDGER_LAG_S_MAX,
    OUTBOX_AGE_S_MAX,
)
from beffroi.ground.storage import migrate
from beffroi.ground.storage.effects import EffectState
from beffroi.matching import store as matching

from ..web.alarm_words import WORDS, AlarmWords
from ..web.door import Visit
from ..web.words import N_
from .connector import connector_of

_SHOWN_MAX = 1.5
"""A bar ends half past its limit; the figure beside it goes on."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm, and since when this process has seen it; None where it began a moment ago."""

    alarm: Alarm
    words: AlarmWords
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is measured against a limit: seconds, a share from 0 to 1, or a count."""

    words: str
    """Message id of what it is."""
    now: float
    limit: float
    unit: Literal["seconds", "share", "count"]
    is_over: bool
    """Whether its alarm is raised."""

    @property
    def bar(self) -> float:
        """How much of the limit is reached, 1 being all of it, as far as a picture shows it."""
        return min(self.now / self.limit, _SHOWN_MAX) if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything that is measured, and what this node is made of."""

    health: Health
    raised: tuple[Raised, ...]
    """Those that page first, then by their beginning."""
    readings: tuple[Reading, ...]
    own: Own
    stored: Stored
    confinement: tuple[str, ...]
    schema: str
    schema_head: str
    bank_sequence: int
    index_sequence: int
    connector: str | None
    capabilities: tuple[str, ...]
    version: str
    python: str
    database: str
    has_heartbeat: bool
    outbox_age_max: timedelta = timedelta(seconds=OUTBOX_AGE_S_MAX)
    refreshed_every_s: int = int(ALARMS_EVERY_S)

    @property
    def has_seccomp(self) -> bool:
        """Whether decoders of posted files cannot open anything."""
        return "seccomp" in self.confinement

    @property
    def pages(self) -> int:
        """How many alarms somebody must come for now."""
        return sum(each.alarm.pages for each in self.raised)

    @property
    def withholds_heartbeat(self) -> bool:
        """Whether the monitor elsewhere hears nothing, and pages."""
        return self.has_heartbeat and self.pages > 0

    @property
    def is_well(self) -> bool:
        """Whether nothing asks for a person."""
        hurts = (self.health.alarms, self.stored.outbox.counts.get(EffectState.FAILED))
        return not any(hurts) and self.has_seccomp and self.connector is not None

    def has(self, alarm: str) -> bool:
        """Whether this alarm is raised; refuses a name that no alarm has."""
        return Alarm(alarm) in self.health.alarms


def health(visit: Visit) -> Response:
    """Whether all goes well, with figures."""
    return visit.page("health.html", _view(visit))


def _view(visit: Visit) -> HealthView:
    house, connector = visit.house, connector_of(visit.request)
    measured = measure(house)
    if measured.stored is None:
        raise Unavailable("database-silent", "the database does not answer")
    with house.read() as conn:
        bank_sequence = matching.seq(conn)
    return HealthView(
        health=measured,
        raised=_raised(measured, house.watch.raised),
        readings=tuple(_readings(measured, measured.stored)),
        own=measured.own,
        stored=measured.stored,
        confinement=house.decoder.confinement,
        schema=migrate.current(house.database) or "",
        schema_head=migrate.head(),
        bank_sequence=bank_sequence,
        index_sequence=house.index.current().seq,
        connector=connector.name if connector else None,
        capabilities=tuple(sorted(connector.capabilities)) if connector else (),
        version=__version__,
        python=platform.python_version(),
        has_heartbeat=bool(house.settings.heartbeat_url),
        database="SQLite" if house.database.is_sqlite else "PostgreSQL",
    )


def _raised(measured: Health, since: Mapping[str, datetime]) -> tuple[Raised, ...]:
    found = [Raised(alarm, WORDS[alarm], since.get(alarm)) for alarm in measured.alarms]
    return tuple(sorted(found, key=lambda each: (not each.alarm.pages, each.since or measured.now)))


def _readings(measured: Health, stored: Stored) -> Iterator[Reading]:
    own, alarms = measured.own, measured.alarms

    def age(words: str, at: datetime | None, limit: float, alarm: Alarm) -> Reading:
        passed = max(0.0, (measured.now - at).total_seconds()) if at else 0.0
        return Reading(words, passed, limit, "seconds", alarm in alarms)

    used, used_max = 1 - own.disk.share, 1 - own.disk.share_min
    yield Reading(N_("Disk in use"), used, used_max, "share", own.disk.is_short or own.disk.is_full)
    yield age(N_("Waits for its entry in the ledger"), stored.record.oldest_at, LEDGER_LAG_S_MAX, Alarm.LEDGER_LATE)
    yield age(N_("Delivery without a worker"), stored.outbox.due_at, DUE_LATE_S_MAX, Alarm.DUE_LATE)
    yield age(N_("Delivery tried and not done"), stored.outbox.tried_at, OUTBOX_AGE_S_MAX, Alarm.OUTBOX_OLD)
    yield age(N_("Act on the emergency spool"), own.spool.oldest_at, DUE_LATE_S_MAX, Alarm.SPOOL_WAITING)
    yield Reading(N_("Clock set back"), own.clock_back_s, CLOCK_BACK_S_MAX, "seconds", Alarm.CLOCK_BACK in alarms)
    losses = Alarm.DECODER_FAILING in alarms
    yield Reading(N_("Pictures lost in a row"), own.decoder_losses, DECODER_LOSSES_MAX, "count", losses)
