"""Intent → effect → outcome: what was decided is done on the platform, looked at, and written down.

Owns: the performers, one per kind of effect.
Promises: an unknown outcome is tried again under the same key; how it looks to a logged-out visitor is
checked before it is called done; acts on one restriction keep their order.
Never does: hold a transaction while it calls.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.actions.model import HIDES, Kind, Restriction, RestrictionState, Verification
from beffroi.content import store as content_store
from beffroi.doors.platforms import (
    Act,
    ActKind,
    Capability,
    Connector,
    Done,
    Expect,
    Outcome,
    PlatformAct,
    PlatformItem,
    Refused,
    Retry,
    VerdictReady,
    act_kind,
    next_try,
)
from beffroi.flow import screening
from beffroi.flow.house import House
from beffroi.flow.verdict import Verdict
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.ids import RecipientId, RestrictionId, StatementId, ThreatId
from beffroi.ground.kernel.limits import SIGHT_PAUSES_S
from beffroi.ground.storage import Actor, Tx, effects
from beffroi.ground.storage.effects import EffectState, StoredEffect
from beffroi.ground.storage.tx import NODE
from beffroi.notices import service as notices
from beffroi.notices import store as notices_store
from beffroi.threats import service as threats

from . import warnings, words

_QUICK_TRIES = 12
"""About ten minutes of short pauses before the long schedule: the public sees the item meanwhile."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one try, and what to write with it."""

    outcome: Outcome
    waited: bool = False
    """Nothing was tried: it was not its turn yet."""
    then: Callable[[Tx], object] = lambda tx: None
    """Written in the same transaction when it was done."""
    afterwards: Callable[[], object] = lambda: None
    """Once that it was done is written down."""
    given_up: Callable[[Tx, str], object] = lambda tx, reason: None
    """Written in the same transaction when it failed for good."""


def perform(house: House, connector: Connector | None, effect: StoredEffect) -> None:
    """Carry out one claimed effect and write down what became of it."""
    performer = PERFORMERS[effect.kind]
    settled = performer(house, connector, effect)
    house.write("law", NODE, lambda tx: _write_down(tx, effect, settled))
    if isinstance(settled.outcome, Done):
        settled.afterwards()


def _write_down(tx: Tx, effect: StoredEffect, settled: Settled) -> None:
    outcome = settled.outcome
    told: dict[str, Any] = {
        "outcome": type(outcome).__name__.lower(),
        "reason": getattr(outcome, "reason", getattr(outcome, "note", "")),
    }
    if isinstance(outcome, Done):
        settled.then(tx)
        effects.settle(tx.conn, effect.id, tx.now, EffectState.DONE, told)
        return
    tries = _tries(effect) + (not settled.waited)
    pause_s = None if isinstance(outcome, Refused) and outcome.final else _pause_s(tries, outcome)
    if pause_s is None:
        settled.given_up(tx, told["reason"])
        effects.settle(tx.conn, effect.id, tx.now, EffectState.FAILED, told)
    else:
        effects.postpone(tx.conn, effect.id, tx.now + timedelta(seconds=pause_s), told | {"tries": tries})


def _tries(effect: StoredEffect) -> int:
    """How often it was really tried since it was intended, or since a person asked for it again."""
    return int((effect.outcome or {}).get("tries", 0))


def _pause_s(tries: int, outcome: Outcome) -> float | None:
    """Short pauses first, then the schedule of Standard Webhooks; a pause the platform asks for wins."""
    if isinstance(outcome, Retry) and outcome.after_s is not None:
        return float(outcome.after_s)
    if tries <= _QUICK_TRIES:
        return min(60.0, 0.5 * float(2**tries))
    return next_try(tries - _QUICK_TRIES + 2)


# Restrictions


def _platform(house: House, connector: Connector | None, effect: StoredEffect) -> Settled:
    restriction_id = RestrictionId(effect.payload["restriction"])
    lifting = effect.payload["act"] == "lift"
    with house.read() as conn:
        restriction = actions_store.RESTRICTIONS.load(conn, restriction_id)
        waits = lifting and _must_wait(conn, restriction)
        covered = lifting and _restricted_otherwise(conn, restriction)
        act = _act(conn, house, restriction, effect, lifting=lifting)
    if waits:
        return Settled(Retry("an earlier act on this item is still under way", after_s=1), waited=True)
    if not lifting and not _is_wanted(restriction):
        return Settled(Done("not wanted any more"))
    if covered:
        hidden = Done("restricted for another reason")
        return _carried(restriction_id, hidden, Verification.STILL_HIDDEN, lifting=True)
    if act is None:
        gone = Refused("the platform's id was erased", final=True)
        return Settled(gone, given_up=_failed(restriction_id, lifting=lifting))
    if connector is None:
        return Settled(Refused("no platform is connected", final=False))
    outcome = connector.perform(act)
    if not isinstance(outcome, Done):
        return Settled(outcome, given_up=_failed(restriction_id, lifting=lifting))
    seen = _seen(connector, act.url, restriction, lifting=lifting)
    return _carried(restriction_id, outcome, seen, lifting=lifting)


def _is_wanted(restriction: Restriction) -> bool:
    return restriction.state in {RestrictionState.PLANNED, RestrictionState.FAILED} and bool(restriction.live_causes)


def _carried(restriction: RestrictionId, outcome: Outcome, seen: Verification, *, lifting: bool) -> Settled:
    return Settled(outcome, then=lambda tx: actions.carried_out(tx, restriction, seen, lifting=lifting))


def _failed(restriction: RestrictionId, *, lifting: bool) -> Callable[[Tx, str], object]:
    return lambda tx, reason: actions.failed(tx, restriction, reason, lifting=lifting)


def _must_wait(conn: Any, restriction: Restriction) -> bool:
    """Its own imposing is still under way, or another restriction of the item waits in its undo hold."""
    first = effects.by_key(conn, actions.effect_key(restriction.id, restriction.round - 1))
    if first is not None and first.state is EffectState.INTENDED:
        return True
    return any(other.state is RestrictionState.PLANNED for other in _others(conn, restriction))


def _restricted_otherwise(conn: Any, restriction: Restriction) -> bool:
    return any(other.state is RestrictionState.IN_FORCE for other in _others(conn, restriction))


def _others(conn: Any, restriction: Restriction) -> list[Restriction]:
    if restriction.item is None or restriction.kind not in HIDES:
        return []
    of_item = actions_store.of_item(conn, restriction.item)
    return [r for r in of_item if r.id != restriction.id and r.kind in HIDES and r.live_causes]


def _act(
    conn: Any, house: House, restriction: Restriction, effect: StoredEffect, *, lifting: bool
) -> PlatformAct | None:
    item = posted = None
    account_id = restriction.account
    if restriction.item is not None:
        platform_id = content_store.platform_id_of_item(conn, restriction.item)
        if platform_id is None:
            return None
        item = PlatformItem(platform_id, restriction.revision)
        account_id = content_store.ITEMS.load(conn, restriction.item).account
        posted = content_store.posted(conn, house.vault, restriction.item, restriction.revision)
    account = None if account_id is None else content_store.platform_id_of_account(conn, account_id)
    if item is None and account is None:
        return None
    label = words.label(conn, restriction) if restriction.kind is Kind.LABEL and not lifting else None
    return PlatformAct(
        kind=act_kind(restriction.kind, lifting=lifting),
        key=effect.key,
        at=effect.intended_at,
        restriction=restriction.id,
        item=item,
        account=account,
        territories=() if lifting else restriction.territories,
        until=None if lifting else restriction.until,
        label=label,
        url=None if posted is None else posted.url,
        media=() if posted is None else tuple(m.platform_id for m in posted.media if m.platform_id),
        lifts=act_kind(restriction.kind, lifting=False) if lifting else None,
    )


def _seen(connector: Connector, url: str | None, restriction: Restriction, *, lifting: bool) -> Verification:
    """How it looks from outside, looking again while it does not look right yet: caches take their time."""
    if url is None or Capability.VERIFY not in connector.capabilities or restriction.kind is Kind.LABEL:
        return Verification.NOT_VERIFIABLE
    expect = Expect.VISIBLE if lifting else Expect.NOT_VISIBLE
    sighting = connector.verify(url, expect, restriction.territories)
    for pause_s in SIGHT_PAUSES_S:
        if sighting.verification in {Verification.VERIFIED, Verification.NOT_VERIFIABLE}:
            break
        time.sleep(pause_s)
        sighting = connector.verify(url, expect, restriction.territories)
    return sighting.verification


# Telling people


def _inform(house: House, connector: Connector | None, effect: StoredEffect) -> Settled:
    statement_id = StatementId(effect.payload["statement"])
    with house.read() as conn:
        statement = notices_store.STATEMENTS.load(conn, statement_id)
        token = notices_store.token_of(conn, house.vault, statement_id)
        account = content_store.platform_id_of_account(conn, statement.account)
        item = content_store.platform_id_of_item(conn, statement.item) if statement.item else None
        link = words.statement_link(conn, house, statement, token) if token else None
    give_up = lambda tx, reason: notices.undelivered(tx, statement_id, reason)  # noqa: E731
    if account is None or link is None:
        return Settled(Refused("the account was erased", final=True), given_up=give_up)
    if connector is None or Capability.INFORM not in connector.capabilities:
        return Settled(Refused("the platform cannot tell its users", final=True), given_up=give_up)
    act = PlatformAct(
        kind=ActKind.USER_INFORM,
        key=effect.key,
        at=statement.issued_at,
        restriction=statement.restriction,
        item=PlatformItem(item, statement.revision) if item is not None else None,
        account=account,
        statement=link,
    )
    return Settled(connector.perform(act), then=lambda tx: notices.delivered(tx, statement_id), given_up=give_up)


# Warning authorities


def _warn(house: House, _connector: Connector | None, effect: StoredEffect) -> Settled:
    payload = effect.payload
    whose = ThreatId(payload["threat"]), int(payload["number"]), RecipientId(payload["recipient"])
    return Settled(
        warnings.mail_letter(house, payload),
        then=lambda tx: threats.sent(tx, *whose),
        given_up=lambda tx, reason: threats.failed(tx, *whose, reason),
    )


# Late verdicts


def _late(house: House, connector: Connector | None, effect: StoredEffect) -> Settled:
    given = screening.owed(house, effect.payload)
    if given is None:
        return Settled(Refused("the submission is gone", final=True))
    if connector is None:
        return Settled(Refused("no platform is connected", final=False))
    can_hold = Capability.HOLD in connector.capabilities  # else it is public by now, or was refused for good
    answer = screening.screen(house, Actor("key", effect.payload["actor"]), [given], awaited=can_hold)[0]
    if isinstance(answer, Refusal):
        return Settled(Refused(answer.code, final=True))
    item = PlatformItem(given.platform_id, given.revision)
    act = _verdict_ready(house, effect, answer, item)
    return Settled(connector.perform(act), afterwards=lambda: screening.forget_owed(house, effect.payload))


def _verdict_ready(house: House, effect: StoredEffect, answer: Verdict, item: PlatformItem) -> Act:
    return VerdictReady(
        key=effect.key,
        at=effect.intended_at,
        item=item,
        verdict=answer.word.value,
        reasons=tuple({"code": reason.code, **reason.facts} for reason in answer.reasons),
        rule=None if answer.rule is None else {"id": answer.rule[0], "name": answer.rule[1]},
        until=answer.until,
        statement_url=words.statement_url(house, answer.token),
    )


PERFORMERS: dict[str, Callable[[House, Connector | None, StoredEffect], Settled]] = {
    actions.EFFECT: _platform,
    notices.EFFECT: _inform,
    screening.LATE: _late,
    threats.EFFECT: _warn,
}
