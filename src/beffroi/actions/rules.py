"""The life of a restriction. Pure.

Owns: planning, adding and ending causes, outcomes.
Promises: no restriction without a live cause; the last cause's end lifts it; what was never carried out is
withdrawn, not lifted.
Never does: know what the platform can do; see `doors.platforms`.
"""

from dataclasses import replace
from datetime import datetime

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import DecisionId
from beffroi.ground.storage import Event

from .model import (
    ActionCarriedOut,
    ActionFailed,
    Cause,
    CauseAdded,
    CauseEnded,
    Restriction,
    RestrictionLifted,
    RestrictionPlanned,
    RestrictionState,
    RestrictionWithdrawn,
    Verification,
)

S = RestrictionState
STANDING = frozenset({S.PLANNED, S.IN_FORCE, S.FAILED})
"""A new cause joins a restriction in one of these; otherwise a new restriction is planned."""


def add_cause(restriction: Restriction, cause: Cause) -> list[Event]:
    """Join, unless this decision is a cause already."""
    known = any(c.decision == cause.decision for c in restriction.causes)
    return [] if known else [CauseAdded(restriction.id, cause)]


def end_cause(restriction: Restriction, decision: DecisionId, why: str, now: datetime, *, begun: bool) -> list[Event]:
    """End one cause; with the last one the restriction is lifted, or withdrawn if nothing was begun."""
    live = restriction.live_causes
    if all(cause.decision != decision for cause in live):
        return []
    last = len(live) == 1
    events: list[Event] = [CauseEnded(restriction.id, decision, why, now, last)]
    if last and restriction.state is S.PLANNED and not begun:
        events.append(RestrictionWithdrawn(restriction.id))
    return events


def carried_out(restriction: Restriction, verification: Verification, now: datetime) -> list[Event]:
    """The platform did what was planned; too late to count once the last cause has ended."""
    if restriction.state not in STANDING or not restriction.live_causes:
        return []
    return [ActionCarriedOut(restriction.id, verification, now)]


def failed(restriction: Restriction, reason: str, now: datetime, *, lifting: bool) -> list[Event]:
    """The platform refused for good, or we gave up; only what it was still meant to do can fail."""
    meant = _lifts(restriction) if lifting else restriction.state in {S.PLANNED, S.FAILED} and restriction.live_causes
    return [ActionFailed(restriction.id, reason[:200], now)] if meant else []


def lifted(restriction: Restriction, verification: Verification, now: datetime) -> list[Event]:
    """The platform put it back, at the first try or after a failure."""
    return [RestrictionLifted(restriction.id, verification, now)] if _lifts(restriction) else []


def apply(restriction: Restriction | None, event: Event) -> Restriction:
    """The restriction after `event`."""
    if isinstance(event, RestrictionPlanned):
        return _planned(event)
    if restriction is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the restriction")
    match event:
        case CauseAdded():
            return replace(restriction, causes=(*restriction.causes, event.cause))
        case CauseEnded():
            causes = tuple(
                replace(c, ended_at=event.at) if c.decision == event.decision else c for c in restriction.causes
            )
            state = S.LIFTING if event.last else restriction.state
            return replace(restriction, causes=causes, state=state, round=restriction.round + event.last)
        case RestrictionWithdrawn():
            return replace(restriction, state=S.WITHDRAWN)
        case ActionCarriedOut():
            in_force_at = restriction.in_force_at or event.at
            return replace(restriction, state=S.IN_FORCE, in_force_at=in_force_at, verification=event.verification)
        case ActionFailed():
            return replace(restriction, state=S.FAILED)
        case RestrictionLifted():
            return replace(restriction, state=S.LIFTED, lifted_at=event.at, verification=event.verification)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a restriction")


def _lifts(restriction: Restriction) -> bool:
    return restriction.state in {S.LIFTING, S.FAILED} and not restriction.live_causes


def _planned(event: RestrictionPlanned) -> Restriction:
    return Restriction(
        id=event.restriction,
        version=0,
        kind=event.kind,
        item=event.item,
        revision=event.revision,
        account=event.account,
        territories=event.territories,
        until=event.until,
        state=S.PLANNED,
        causes=(event.cause,),
        round=1,
        planned_at=event.at,
        in_force_at=None,
        lifted_at=None,
        verification=None,
    )
