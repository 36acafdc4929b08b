"""Commands of `actions`: plan what a decision asks for, end a cause, take in outcomes.

Owns: restrictions and the effects they intend.
Promises: one effect per restriction and round, under a key that never changes over retries.
Never does: wait or call; `doors.workers` performs `platform` effects.
"""

from datetime import datetime, timedelta

from beffroi.decisions.model import Act, Decision, Source
from beffroi.ground.kernel.ids import AccountId, ItemId, RestrictionId, fresh
from beffroi.ground.storage import Effect, Event, Tx
from beffroi.ground.storage.effects import by_key, retry

from . import rules, store
from .model import Cause, CauseKind, Kind, Restriction, RestrictionPlanned, RestrictionState, Verification

EFFECT = "platform"
"""The kind of effect that workers hand to a connector."""
BY_VERDICT = frozenset({Kind.HOLD, Kind.REJECT_UPLOAD})
"""The verdict itself carries these out: the platform keeps the upload back, or never shows it."""


def plan(tx: Tx, decision: Decision, undo_hold: timedelta) -> list[Restriction]:
    """Plan one restriction per item (or one for the account).

    What a person chose to decide waits `undo_hold` first; an order leaves no choice, and has an hour.
    """
    if not decision.restricts:
        return []
    kind = Kind(Act(decision.act).value)
    cause = Cause(_why(decision), decision.id)
    hold = undo_hold if cause.kind is CauseKind.DECISION else timedelta(0)
    if decision.account is not None and kind in {Kind.WARN_ACCOUNT, Kind.SUSPEND_ACCOUNT}:
        return [_plan_one(tx, decision, kind, cause, hold, None, 0, decision.account)]
    return [_plan_one(tx, decision, kind, cause, hold, i.item, i.revision, None) for i in decision.items]


def _why(decision: Decision) -> CauseKind:
    if decision.source is Source.ORDER:
        return CauseKind.ORDER
    return CauseKind.RULE if decision.rule else CauseKind.DECISION


def end_causes(tx: Tx, decision: Decision, why: str) -> list[Restriction]:
    """The decision does not hold any more (`undone`, `reversed`, `time`, `decided`): its causes end."""
    ended = []
    for restriction in store.of_decision(tx.conn, decision.id):
        first = effect_key(restriction.id, 1)
        begun = restriction.kind in BY_VERDICT or not _take_back_if_last(tx, restriction, first)
        events = rules.end_cause(restriction, decision.id, why, tx.now, begun=begun)
        if not events:
            continue
        after = store.RESTRICTIONS.change(tx, restriction, events)
        if after.state is RestrictionState.LIFTING:
            _intend(tx, after, tx.now)
        ended.append(after)
    return ended


def end_overdue(tx: Tx, limit: int) -> int:
    """Restrictions whose own end has come are lifted. Returns how many."""
    overdue = store.ended_by_time(tx.conn, tx.now, limit)
    for restriction in overdue:
        ending = restriction
        for cause in restriction.live_causes:
            events = rules.end_cause(ending, cause.decision, "time", tx.now, begun=True)
            ending = store.RESTRICTIONS.change(tx, ending, events)
        _intend(tx, ending, tx.now)
    return len(overdue)


def carried_out(
    tx: Tx, restriction_id: RestrictionId, verification: Verification, *, lifting: bool = False
) -> Restriction:
    """The platform did it; or, `lifting`, put it back. An outcome of an act that was overtaken changes nothing."""
    restriction = store.RESTRICTIONS.load(tx.conn, restriction_id)
    outcome = rules.lifted if lifting else rules.carried_out
    return _changed(tx, restriction, outcome(restriction, verification, tx.now))


def failed(tx: Tx, restriction_id: RestrictionId, reason: str, *, lifting: bool = False) -> Restriction:
    """The platform refused for good, or we gave up trying to do it; or, `lifting`, to put it back."""
    restriction = store.RESTRICTIONS.load(tx.conn, restriction_id)
    return _changed(tx, restriction, rules.failed(restriction, reason, tx.now, lifting=lifting))


def effect_key(restriction: RestrictionId, round_: int) -> str:
    """The idempotency key of a restriction's effect; odd rounds impose, even rounds lift."""
    return f"{restriction}-{round_}"


def _plan_one(
    tx: Tx,
    decision: Decision,
    kind: Kind,
    cause: Cause,
    hold: timedelta,
    item: ItemId | None,
    revision: int,
    account: AccountId | None,
) -> Restriction:
    for standing in store.standing(tx.conn, kind, item, account):
        if (standing.territories, standing.until) == (decision.territories, decision.until):
            return _join(tx, standing, cause, hold)
    planned = RestrictionPlanned(
        restriction=RestrictionId(fresh("rst", tx.now)),
        kind=kind,
        item=item,
        revision=revision,
        account=account,
        territories=decision.territories,
        until=decision.until,
        cause=cause,
        at=tx.now,
        not_before=tx.now + hold,
    )
    events = [planned]
    restriction = store.RESTRICTIONS.change(tx, None, events)
    tx.add(store.restriction_cause, {"decision": decision.id, "restriction": restriction.id})
    if kind in BY_VERDICT:
        return carried_out(tx, restriction.id, Verification.VERIFIED)
    _intend(tx, restriction, planned.not_before)
    return restriction


def _join(tx: Tx, standing: Restriction, cause: Cause, hold: timedelta) -> Restriction:
    """One more cause; what had failed is tried again, after the new decision's undo hold."""
    tx.add(store.restriction_cause, {"decision": cause.decision, "restriction": standing.id})
    failed = by_key(tx.conn, effect_key(standing.id, 1))
    if standing.state is RestrictionState.FAILED and failed is not None:
        retry(tx.conn, failed.id, tx.now + hold)
    return store.RESTRICTIONS.change(tx, standing, rules.add_cause(standing, cause))


def _changed(tx: Tx, restriction: Restriction, events: list[Event]) -> Restriction:
    return store.RESTRICTIONS.change(tx, restriction, events) if events else restriction


def _intend(tx: Tx, restriction: Restriction, not_before: datetime) -> None:
    act = "lift" if restriction.state is RestrictionState.LIFTING else "impose"
    key = effect_key(restriction.id, restriction.round)
    payload = {"restriction": restriction.id, "act": act}
    tx.intend(Effect(EFFECT, key, payload, lane="law"), not_before=not_before)


def _take_back_if_last(tx: Tx, restriction: Restriction, key: str) -> bool:
    """Cancel the planned effect when this was the last cause and no worker has begun it."""
    if len(restriction.live_causes) != 1 or restriction.state is not RestrictionState.PLANNED:
        return False
    tx.flush()
    effect = by_key(tx.conn, key)
    return effect is not None and tx.take_back(key)
