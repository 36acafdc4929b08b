"""Whether a node is well: what is measured, and which alarm follows from what.

Owns: `Alarm`, `Health`, `measure`; `look`, by which a node knows since when.
Promises: every alarm is a function of figures that stand beside it; a database that does not answer is an alarm and no
exception; measuring changes nothing.
Never does: repair, or page anybody; the console, `/metrics` and the heartbeat show what stands here.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from beffroi.cases import store as cases
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import (
    CLOCK_BACK_S_MAX,
    DECODER_LOSSES_MAX,
    DISK_FREE_BYTES_MIN,
    DUE_LATE_S_MAX,
    LEDGER_LAG_S_MAX,
    OUTBOX_AGE_S_MAX,
    SPOOL_REFUSED_DAYS,
)
from beffroi.ground.ledger import store as ledger
from beffroi.ground.records import spooled
from beffroi.ground.storage import Lane, effects, events, files
from beffroi.ground.storage.effects import EffectState
from beffroi.threats import store as threats

from .house import House
from .sweeps import is_any_due

_log = logging.getLogger(__name__)


class Alarm(StrEnum):
    """What needs a person. What to do about each stands in docs/operate.md."""

    CLOCK_BACK = "clock-back"  # the clock was set back; nothing is signed until it is past what it showed
    DATABASE_SILENT = "database-silent"  # the database does not answer
    DECODER_FAILING = "decoder-failing"  # one picture after another costs its decoder
    DISK_FULL = "disk-full"  # less free than a day needs
    DISK_SHORT = "disk-short"  # less free than the share set
    DUE_LATE = "due-late"  # what is due is done by nobody
    LEDGER_LATE = "ledger-late"  # an event has no leaf
    LOOP_FAILING = "loop-failing"  # the last turn of a loop failed; it goes on
    LOOP_SILENT = "loop-silent"  # a loop hangs or died
    OUTBOX_OLD = "outbox-old"  # what was tried is not done: the platform does not answer
    RESERVE_USED = "reserve-used"  # the disk was full: people go on, screening waits
    SPOOL_ODD = "spool-odd"  # on the emergency spool something does not open, or could not be entered
    SPOOL_WAITING = "spool-waiting"  # acts that people were promised wait: the record cannot be written

    WARNING_UNSEEN = "warning-unseen"  # a warning went out a day ago, and no second person has looked
    WARNING_WAITS = "warning-waits"  # of a threat to life: a draft nobody sent, or nobody there has confirmed it

    @property
    def pages(self) -> bool:
        """Whether somebody must come now, at night too: while it lasts, no heartbeat is sent."""
        return self not in _CAN_WAIT


_CAN_WAIT = frozenset(
    {Alarm.DECODER_FAILING, Alarm.DISK_SHORT, Alarm.LOOP_FAILING, Alarm.SPOOL_ODD, Alarm.WARNING_UNSEEN}
)
"""Pictures are answered `unknown`, and the platform does what its charter says; room is there for now; a loop that
fails for longer raises one of the others."""


@dataclass(frozen=True, slots=True)
class Record:
    """The ledger: its newest seal, and how many events wait for their leaf, the oldest since when."""

    size: int
    sealed_at: datetime | None
    waiting: int
    oldest_at: datetime | None
    lag_s_max: int = LEDGER_LAG_S_MAX

    def is_late(self, now: datetime) -> bool:
        """Whether an event has waited longer than the ledger promises."""
        return self.oldest_at is not None and now - self.oldest_at > timedelta(seconds=self.lag_s_max)


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is to be done outside: how many effects in each state, and since when the oldest wait."""

    counts: Mapping[EffectState, int]
    due_at: datetime | None
    """Of the effect that is due longest and that no worker has taken."""
    tried_at: datetime | None
    """When the oldest one that was tried, and is not done, was intended."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Room where the data lies, in bytes."""

    free: int
    whole: int
    share_min: float

    @property
    def share(self) -> float:
        """What part of it is free, 0 to 1."""
        return self.free / self.whole if self.whole else 0.0

    @property
    def is_short(self) -> bool:
        """Whether somebody should make room."""
        return self.share < self.share_min

    @property
    def is_full(self) -> bool:
        """Whether somebody must make room now."""
        return self.free < DISK_FREE_BYTES_MIN


@dataclass(frozen=True, slots=True)
class Spooling:
    """The emergency spool: how many acts wait, and since when; how many files were set aside."""

    waiting: int
    oldest_at: datetime | None
    set_aside: int
    shares_disk: bool
    """Whether it lies on the disk of the data, so that one full disk is two."""
    is_reserve_used: bool
    """Whether the reserved disk was let go."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the process knows without asking anybody."""

    failures: Mapping[str, str]
    silent: Mapping[str, int]
    clock_back_s: float
    decoder_losses: int
    disk: Disk
    spool: Spooling
    writing: Mapping[Lane, int]
    """Jobs before the writer, by lane."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says."""

    record: Record
    outbox: Outbox
    is_sweep_late: bool
    cases: int
    spool_refused: int
    """Acts of the spool that could not be entered in the last `SPOOL_REFUSED_DAYS`."""
    warnings_rung: int
    """Warnings of a threat to life that wait for somebody, and paged already."""
    is_warning_unseen: bool


@dataclass(frozen=True, slots=True)
class Health:
    """How a node is at one instant. `stored` is None where the database does not answer."""

    now: datetime
    own: Own
    stored: Stored | None
    alarms: tuple[Alarm, ...]

    @property
    def is_paging(self) -> bool:
        """Whether somebody must come now."""
        return any(alarm.pages for alarm in self.alarms)


def measure(house: House) -> Health:
    """How the node is now."""
    now, own, stored = house.clock.now(), _own(house), None
    try:
        with house.read() as conn:
            stored = _stored(conn, now)
    except Unavailable:
        pass
    return Health(now, own, stored, tuple(sorted({*_of_own(own, now), *_of_stored(stored, now)})))


def look(house: House) -> Health:
    """Measure, note since when each alarm lasts, and log a line for each that began or is over."""
    health = measure(house)
    began, over = house.watch.noted(health.alarms)
    for alarm in sorted(began):
        _log.error("alarm raised: %s", alarm)
    for alarm in sorted(over):
        _log.warning("alarm over: %s", alarm)
    return health


def _own(house: House) -> Own:
    return Own(
        failures=dict(house.watch.failures),
        silent=house.watch.silent(),
        clock_back_s=house.watch.clock_back_s(),
        decoder_losses=house.decoder.losses_in_a_row,
        disk=Disk(*files.room(house.settings.data), house.settings.disk_free_share_min),
        spool=_spooling(house),
        writing=house.writer.waiting(),
    )


def _spooling(house: House) -> Spooling:
    waiting = house.spool.frames()
    return Spooling(
        waiting=len(waiting),
        oldest_at=min((frame.act.at for frame in waiting if frame.act), default=None),
        set_aside=house.spool.set_aside,
        shares_disk=house.spool.shares_disk_with(house.settings.data),
        is_reserve_used=house.reserve is not None and house.reserve.is_used,
    )


def _stored(conn: Connection, now: datetime) -> Stored:
    newest = ledger.latest_checkpoint(conn)
    waiting, oldest = events.waiting(conn, ledger.newest_logged(conn))
    return Stored(
        record=Record(newest.size if newest else 0, newest.at if newest else None, waiting, oldest),
        outbox=Outbox(effects.counts(conn), effects.oldest_due(conn, now), effects.oldest_tried(conn)),
        is_sweep_late=is_any_due(conn, now - timedelta(seconds=DUE_LATE_S_MAX)),
        cases=cases.count_open(conn),
        spool_refused=spooled.refused(conn, now - timedelta(days=SPOOL_REFUSED_DAYS)),
        warnings_rung=sum(1 for threat in threats.waiting(conn) if threat.rings),
        is_warning_unseen=threats.is_unseconded(conn, now),
    )


def _of_own(own: Own, now: datetime) -> Iterator[Alarm]:
    if own.failures:
        yield Alarm.LOOP_FAILING
    if own.silent:
        yield Alarm.LOOP_SILENT
    if own.clock_back_s > CLOCK_BACK_S_MAX:
        yield Alarm.CLOCK_BACK
    if own.decoder_losses >= DECODER_LOSSES_MAX:
        yield Alarm.DECODER_FAILING
    if own.disk.is_short:
        yield Alarm.DISK_SHORT
    if own.disk.is_full:
        yield Alarm.DISK_FULL
    if own.spool.is_reserve_used:
        yield Alarm.RESERVE_USED
    if own.spool.set_aside:
        yield Alarm.SPOOL_ODD
    if _is_older(own.spool.oldest_at, now, DUE_LATE_S_MAX):
        yield Alarm.SPOOL_WAITING


def _of_stored(stored: Stored | None, now: datetime) -> Iterator[Alarm]:
    if stored is None:
        yield Alarm.DATABASE_SILENT
        return
    if stored.record.is_late(now):
        yield Alarm.LEDGER_LATE
    if stored.is_sweep_late or _is_older(stored.outbox.due_at, now, DUE_LATE_S_MAX):
        yield Alarm.DUE_LATE
    if _is_older(stored.outbox.tried_at, now, OUTBOX_AGE_S_MAX):
        yield Alarm.OUTBOX_OLD
    if stored.spool_refused:
        yield Alarm.SPOOL_ODD
    if stored.warnings_rung:
        yield Alarm.WARNING_WAITS
    if stored.is_warning_unseen:
        yield Alarm.WARNING_UNSEEN


def _is_older(at: datetime | None, now: datetime, s_max: float) -> bool:
    return at is not None and now - at > timedelta(seconds=s_max)
