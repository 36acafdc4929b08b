"""Health: whether all goes well, with figures.

Owns: the handler of the health page.
Promises: each finding says its state in words and against what it is measured; nothing is hidden because it is well.
Never does: measure (`flow.health` does), or repair.
"""

import platform
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from beffroi import __version__
from beffroi.flow.health import Alarm, Health, Own, Stored, measure
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import OUTBOX_AGE_S_MAX
from beffroi.ground.storage import migrate
from beffroi.ground.storage.effects import EffectState
from beffroi.matching import store as matching

from ..web.door import Visit
from .connector import connector_of


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything that is measured, and what this node is made of."""

    health: Health
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
    outbox_age_max: timedelta = timedelta(seconds=OUTBOX_AGE_S_MAX)

    @property
    def has_seccomp(self) -> bool:
        """Whether decoders of posted files cannot open anything."""
        return "seccomp" in self.confinement

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
        database="SQLite" if house.database.is_sqlite else "PostgreSQL",
    )
