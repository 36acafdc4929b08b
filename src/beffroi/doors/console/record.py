"""The record: deliveries, ledger, health.

Owns: the handlers of these pages.
Promises: what failed stands on top; each figure of health says against what it is measured.
Never does: repair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from starlette.responses import Response

from beffroi import __version__
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import EffectId
from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.ledger import proof
from beffroi.ground.ledger import store as ledger
from beffroi.ground.ledger.store import StoredCheckpoint
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import EffectState, StoredEffect
from beffroi.ground.storage.events import StoredEvent, event_table, read
from beffroi.staff.permissions import Permission as P

from ..platforms import Connector
from ..web.door import Visit
from .names import Names, names

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """What was meant to happen outside, and what became of it."""

    failed: tuple[StoredEffect, ...]
    recent: tuple[StoredEffect, ...]
    connector: str | None
    may_retry: bool


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The newest events with their places in the log."""

    origin: str
    newest: StoredCheckpoint | None
    events: tuple[tuple[StoredEvent, int | None], ...]
    older: int | None
    names: Names
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class HealthView:
    """Whether all goes well."""

    version: str
    database: str
    failures: Mapping[str, str]
    waiting: int
    failed: int
    oldest_due: datetime | None
    checkpoint: StoredCheckpoint | None
    unlogged: int
    lag_s_max: int
    connector: str | None
    capabilities: tuple[str, ...]


def deliveries(visit: Visit) -> Response:
    """What goes out, what failed first."""
    with visit.house.read() as conn:
        failed = tuple(effects.recent(conn, limit=_SHOWN, state=EffectState.FAILED))
        recent = tuple(effects.recent(conn, limit=_SHOWN))
    connector = _connector(visit)
    shown = DeliveriesView(failed, recent, connector.name if connector else None, visit.may(P.DELIVERIES_RETRY))
    return visit.page("deliveries.html", shown)


def retry(visit: Visit) -> Response:
    """Try a failed one again."""
    effect = EffectId(visit.path("effect"))
    if not visit.write(lambda tx: effects.retry(tx.conn, effect, tx.now)):
        raise Conflict("not-failed", "only what failed can be tried again")
    return visit.go("/console/deliveries", "retried")


def ledger_page(visit: Visit) -> Response:
    """The newest events, and whether they have their leaves."""
    below = visit.asked("below")
    c = event_table.c
    query = select(event_table).order_by(c.seq.desc()).limit(_SHOWN)
    if below.isdecimal():
        query = query.where(c.seq < int(below))
    with visit.house.read() as conn:
        events = tuple((event, ledger.position_of(conn, event.id)) for event in read(conn, query))
        shown = LedgerView(
            origin=visit.house.settings.origin,
            newest=ledger.latest_checkpoint(conn),
            events=events,
            older=events[-1][0].seq if len(events) == _SHOWN else None,
            names=names(conn, visit.house.vault),
        )
    return visit.page("console_ledger.html", shown)


def receipt(visit: Visit) -> Response:
    """One event with its proof; whoever gets it can check it alone."""
    with visit.house.read() as conn:
        body = proof.receipt(conn, visit.path("event"))
    name = f'attachment; filename="{visit.path("event")}.json"'
    return Response(body, media_type="application/json", headers={"Content-Disposition": name})


def health(visit: Visit) -> Response:
    """Whether all goes well, with figures."""
    house, now, c = visit.house, visit.house.clock.now(), effects.effect_table.c
    with house.read() as conn:
        waiting, oldest = conn.execute(
            select(func.count(), func.min(c.due_at)).where(c.state == EffectState.INTENDED)
        ).one()
        failed = conn.execute(select(func.count()).where(c.state == EffectState.FAILED)).scalar_one()
        newest = ledger.latest_checkpoint(conn)
        unlogged = conn.execute(select(func.count()).where(event_table.c.seq > ledger.newest_logged(conn))).scalar_one()
    connector = _connector(visit)
    shown = HealthView(
        version=__version__,
        database="SQLite" if house.database.is_sqlite else "PostgreSQL",
        failures=dict(visit.request.app.state.crew.failures),
        waiting=waiting,
        failed=failed,
        oldest_due=oldest if oldest is not None and oldest < now else None,
        checkpoint=newest,
        unlogged=unlogged,
        lag_s_max=LEDGER_LAG_S_MAX,
        connector=connector.name if connector else None,
        capabilities=tuple(sorted(connector.capabilities)) if connector else (),
    )
    return visit.page("health.html", shown)


def _connector(visit: Visit) -> Connector | None:
    connector: Connector | None = visit.request.app.state.connector
    return connector
