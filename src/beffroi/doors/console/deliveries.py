"""Deliveries: what was meant to happen outside, and what became of it.

Owns: the handlers of the deliveries page.
Promises: what failed is counted on every list; trying again keeps the key, so that nothing is done twice.
Never does: call the platform; workers do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from beffroi.actions import store as actions_store
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import DecisionId, EffectId, RestrictionId, StatementId
from beffroi.ground.storage import Tx, effects
from beffroi.ground.storage.effects import EffectState, StoredEffect
from beffroi.notices import store as notices_store
from beffroi.staff.permissions import Permission as P

from ..web.door import Visit
from .connector import connector_of

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One effect. `act`: `impose` or `lift` of a restriction, else empty; `decision` is what it carries out."""

    effect: StoredEffect
    act: str
    decision: DecisionId | None


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """The newest effects, all or of one state."""

    lines: tuple[Line, ...]
    counts: Mapping[EffectState, int]
    state: EffectState | None
    connector: str | None
    may_retry: bool
    shown_max: int = _SHOWN


def deliveries(visit: Visit) -> Response:
    """What goes out; of one state, if the address asks."""
    asked = visit.asked("state")
    state = EffectState(asked) if asked in set(EffectState) else None
    with visit.house.read() as conn:
        lines = tuple(_line(conn, effect) for effect in effects.recent(conn, limit=_SHOWN, state=state))
        counts = effects.counts(conn)
    connector = connector_of(visit.request)
    name = connector.name if connector else None
    return visit.page("deliveries.html", DeliveriesView(lines, counts, state, name, visit.may(P.DELIVERIES_RETRY)))


def retry(visit: Visit) -> Response:
    """Try it now: a failed one again under its key, a waiting one before its time."""
    effect = EffectId(visit.path("effect"))

    def again(tx: Tx) -> bool:
        return effects.retry(tx.conn, effect, tx.now) or effects.hasten(tx.conn, effect, tx.now)

    if not visit.write(again):
        raise Conflict("not-waiting", "only what failed or waits can be tried now")
    return visit.go("/console/deliveries", "retried")


def _line(conn: Connection, effect: StoredEffect) -> Line:
    told = effect.payload
    if "restriction" in told:
        restriction = actions_store.RESTRICTIONS.get(conn, RestrictionId(told["restriction"]))
        return Line(effect, told["act"], restriction.causes[0].decision if restriction else None)
    if "statement" in told:
        statement = notices_store.STATEMENTS.get(conn, StatementId(told["statement"]))
        return Line(effect, "", statement.decision if statement else None)
    return Line(effect, "", None)
