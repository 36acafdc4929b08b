"""Health: whether all goes well, with figures.

Owns: the handler of the health page and what it measures.
Promises: each finding says its state in words and against what it is measured; nothing is hidden because it is well.
Never does: repair.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi import __version__
from beffroi.cases import store as cases
from beffroi.flow.house import House
from beffroi.ground.kernel.limits import (
    DISK_FREE_BYTES_MIN,
    DISK_FREE_SHARE_MIN,
    EFFECT_LATE_S,
    LEDGER_LAG_S_MAX,
)
from beffroi.ground.ledger import store as ledger
from beffroi.ground.records import spooled
from beffroi.ground.storage import Lane, effects, events, files, migrate
from beffroi.ground.storage.effects import EffectState
from beffroi.matching import store as matching

from ..web.door import Visit
from .connector import connector_of


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
class Disk:
    """Room where the data lies, in bytes."""

    free: int
    whole: int

    @property
    def share(self) -> float:
        """What part of it is free, 0 to 1."""
        return self.free / self.whole if self.whole else 0.0

    @property
    def is_short(self) -> bool:
        """Whether somebody should make room."""
        return self.share < DISK_FREE_SHARE_MIN or self.free < DISK_FREE_BYTES_MIN


@dataclass(frozen=True, slots=True)
class Spooling:
    """The emergency spool: how many acts wait and since when; what was set aside, or refused when it was entered."""

    waiting: int
    oldest_at: datetime | None
    set_aside: int
    refused: int
    shares_disk: bool
    """Whether it lies on the disk of the data, so that one full disk is two."""
    is_reserve_used: bool
    """Whether the reserved disk was let go: screening waits, people go on."""

    @property
    def is_well(self) -> bool:
        """Whether nothing asks for a person now."""
        return not (self.waiting or self.set_aside or self.refused or self.is_reserve_used)


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything that is measured."""

    failures: Mapping[str, str]
    effects: Mapping[EffectState, int]
    oldest_due: datetime | None
    has_late_effect: bool
    has_late_record: bool
    record: Record
    writing: Mapping[Lane, int]
    """Jobs before the writer, by lane."""
    cases: int
    disk: Disk
    spool: Spooling
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

    @property
    def has_seccomp(self) -> bool:
        """Whether decoders of posted files cannot open anything."""
        return "seccomp" in self.confinement

    @property
    def is_well(self) -> bool:
        """Whether nothing asks for a person."""
        late = self.has_late_effect or self.has_late_record
        hurts = (self.failures, self.effects.get(EffectState.FAILED), late, self.disk.is_short, not self.spool.is_well)
        return not any(hurts) and self.has_seccomp and self.connector is not None


def health(visit: Visit) -> Response:
    """Whether all goes well, with figures."""
    connector = connector_of(visit.request)
    with visit.house.read() as conn:
        shown = _measured(
            conn,
            visit.house,
            failures=dict(visit.request.app.state.crew.failures),
            connector=connector.name if connector else None,
            capabilities=tuple(sorted(connector.capabilities)) if connector else (),
        )
    return visit.page("health.html", shown)


def _measured(
    conn: Connection,
    house: House,
    *,
    failures: Mapping[str, str],
    connector: str | None,
    capabilities: tuple[str, ...],
) -> HealthView:
    now = house.clock.now()
    oldest, record = effects.oldest_due(conn, now), _record(conn)
    return HealthView(
        failures=failures,
        effects=effects.counts(conn),
        oldest_due=oldest,
        has_late_effect=oldest is not None and now - oldest > timedelta(seconds=EFFECT_LATE_S),
        has_late_record=record.is_late(now),
        record=record,
        writing=house.writer.waiting(),
        cases=cases.count_open(conn),
        disk=Disk(*files.room(house.settings.data)),
        spool=_spooling(conn, house),
        confinement=house.decoder.confinement,
        schema=migrate.current(house.database) or "",
        schema_head=migrate.head(),
        bank_sequence=matching.seq(conn),
        index_sequence=house.index.current().seq,
        connector=connector,
        capabilities=capabilities,
        version=__version__,
        python=platform.python_version(),
        database="SQLite" if house.database.is_sqlite else "PostgreSQL",
    )


def _spooling(conn: Connection, house: House) -> Spooling:
    waiting = house.spool.frames()
    return Spooling(
        waiting=len(waiting),
        oldest_at=min((frame.act.at for frame in waiting if frame.act), default=None),
        set_aside=house.spool.set_aside,
        refused=spooled.refused(conn),
        shares_disk=house.spool.shares_disk_with(house.settings.data),
        is_reserve_used=house.reserve is not None and house.reserve.is_used,
    )


def _record(conn: Connection) -> Record:
    newest = ledger.latest_checkpoint(conn)
    waiting, oldest = events.waiting(conn, ledger.newest_logged(conn))
    return Record(newest.size if newest else 0, newest.at if newest else None, waiting, oldest)
