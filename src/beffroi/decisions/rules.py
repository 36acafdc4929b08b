"""Which decisions and standing rules are lawful, and what they change. Pure.

Owns: the checks of DESIGN §5.1, §5.2 and §5.5; the life of decisions and rules.
Promises: a refusal says which safeguard stands in the way.
Never does: weigh the content; a person does.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import AccountId, BankId, CaseId, DecisionId, PersonId, RuleId
from beffroi.ground.kernel.limits import EXEMPTION_CHARS_MAX, EXEMPTION_CHARS_MIN, PDQ_RADIUS_MAX, RULE_HOURLY_CAP_MAX
from beffroi.ground.storage import Event

from .model import (
    ACCOUNT_ACTS,
    ORDER_ACTS,
    ORDER_LAW,
    RULE_ACTS,
    Act,
    Decision,
    DecisionDeclined,
    DecisionMade,
    DecisionProposed,
    DecisionReversed,
    DecisionState,
    DecisionUndone,
    Exemption,
    Ground,
    GroundKind,
    HoldEnded,
    ItemRevision,
    LegalGroundEnded,
    Policy,
    PolicyPublished,
    RuleApproved,
    RuleEnded,
    RulePaused,
    RuleProposed,
    RuleState,
    Source,
    StandingRule,
)

_TERRITORY = re.compile("[A-Z]{2}")
RULE_LIFE_MAX = timedelta(days=180)
"""A standing rule expires; half a year is as long as one approval reaches (DESIGN §5.1: "an expiry")."""
HOLD_MAX = timedelta(hours=24)
"""A hold by rule lasts at most this long, then the item is published (DESIGN §5.1)."""


@dataclass(frozen=True, slots=True)
class Decide:
    """The command: what one person decided about a case."""

    case: CaseId | None
    act: Act
    items: tuple[ItemRevision, ...]
    account: AccountId | None
    ground: Ground | None
    exemption: Exemption | None
    exemption_sentence: str
    territories: tuple[str, ...] = ()
    until: datetime | None = None
    source: Source = Source.OWN_SCREENING


def decide(command: Decide, decision_id: DecisionId, person: PersonId, now: datetime, *, second: bool) -> list[Event]:
    """A decision by a person; with `second`, it waits for another one.

    Raises:
        Invalid: a ground, an exemption assessment, an object or a territory is missing or out of place.

    """
    _check(command, now)
    proposed = DecisionProposed(
        decision=decision_id,
        case=command.case,
        act=command.act,
        items=command.items,
        account=command.account,
        ground=command.ground,
        exemption=command.exemption,
        territories=command.territories,
        until=command.until,
        decided_by=person,
        rule=None,
        source=command.source,
        at=now,
    )
    return [proposed] if second else [proposed, DecisionMade(decision_id)]


def decide_by_rule(
    rule: StandingRule, decision_id: DecisionId, item: ItemRevision, now: datetime, hold: timedelta
) -> list[Event]:
    """A standing rule acts on one item; the approver answers for it. A hold ends after `hold`, 24 hours at most.

    Raises:
        NotAllowed: the rule does not apply at this time.

    """
    if not applies(rule, now):
        raise NotAllowed("rule-not-in-force", "the rule is not in force")
    until = now + min(hold, HOLD_MAX) if rule.act is Act.HOLD else None
    proposed = DecisionProposed(
        decision=decision_id,
        case=None,
        act=rule.act,
        items=(item,),
        account=None,
        ground=rule.ground,
        exemption=None,
        territories=(),
        until=until,
        decided_by=None,
        rule=rule.id,
        source=Source.OWN_SCREENING,
        at=now,
    )
    return [proposed, DecisionMade(decision_id)]


def decide_by_order(
    act: Act,
    items: tuple[ItemRevision, ...],
    territories: tuple[str, ...],
    decision_id: DecisionId,
    person: PersonId,
    now: datetime,
) -> list[Event]:
    """A person carries a removal order out. The assessment of exemptions is the authority's (DESIGN §5.2).

    Raises:
        Invalid: no item, or an act that no order asks for.

    """
    if act not in ORDER_ACTS or (act is Act.RESTRICT_TERRITORIES) != bool(territories):
        raise Invalid("not-for-orders", "an order removes items or disables access (TCO Art 3(3))", where="act")
    if not items:
        raise Invalid("no-items", "this act is about at least one item", where="items")
    proposed = DecisionProposed(
        decision=decision_id,
        case=None,
        act=act,
        items=items,
        account=None,
        ground=Ground(GroundKind.LAW, None, 0, ORDER_LAW),
        exemption=None,
        territories=territories,
        until=None,
        decided_by=person,
        rule=None,
        source=Source.ORDER,
        at=now,
    )
    return [proposed, DecisionMade(decision_id)]


def end_by_order(decision: Decision, why: str) -> list[Event]:
    """The order behind it binds no longer."""
    stands = decision.source is Source.ORDER and decision.state is DecisionState.MADE
    return [LegalGroundEnded(decision.id, why)] if stands else []


def confirm(decision: Decision, person: PersonId) -> list[Event]:
    """The second person agrees. Raises `NotAllowed` to the proposer, `Conflict` if nothing waits."""
    _awaits_second(decision, person)
    return [DecisionMade(decision.id, person)]


def decline(decision: Decision, person: PersonId) -> list[Event]:
    """The second person does not agree; same refusals as `confirm`."""
    _awaits_second(decision, person)
    return [DecisionDeclined(decision.id, person)]


def undo(decision: Decision) -> list[Event]:
    """Take back what has not been carried out. Raises `Conflict` otherwise."""
    _not_by_order(decision)
    if decision.state not in {DecisionState.MADE, DecisionState.PROPOSED} or decision.rule is not None:
        raise Conflict("not-undoable", "only a person's decision that still stands can be undone")
    return [DecisionUndone(decision.id)]


def reverse(decision: Decision, person: PersonId) -> list[Event]:
    """Found wrong later. Raises `Conflict` if it does not stand, or an order obliges us."""
    _not_by_order(decision)
    if decision.state is not DecisionState.MADE:
        raise Conflict("does-not-stand", "this decision does not stand")
    return [DecisionReversed(decision.id, person)]


def end_hold(decision: Decision, why: str) -> list[Event]:
    """End a hold by rule: `time` or `decided`."""
    if decision.state is not DecisionState.MADE or decision.act is not Act.HOLD:
        return []
    return [HoldEnded(decision.id, why)]


def applies(rule: StandingRule, now: datetime) -> bool:
    """Whether the rule is in force."""
    return rule.state is RuleState.ACTIVE and rule.starts_at <= now < rule.expires_at


@dataclass(frozen=True, slots=True)
class ProposeRule:
    """The command."""

    name: str
    bank: BankId
    act: Act
    radius_bits: int
    ground: Ground
    starts_at: datetime
    expires_at: datetime
    hourly_cap: int


def propose_rule(command: ProposeRule, rule_id: RuleId, person: PersonId) -> list[Event]:
    """A standing rule waits for approval.

    Raises:
        Invalid: the act is not one a rule may do, it never ends, or it has no cap.

    """
    if command.act not in RULE_ACTS:
        raise Invalid("not-for-rules", "a rule may hold, refuse an upload or label; nothing else", where="act")
    if not timedelta(0) < command.expires_at - command.starts_at <= RULE_LIFE_MAX:
        raise Invalid("bad-expiry", "a rule ends after its start and within 180 days", where="expires_at")
    if not 0 <= command.radius_bits <= PDQ_RADIUS_MAX:
        raise Invalid("bad-radius", "a radius lies between 0 and 47 bits", where="radius_bits")
    if not 1 <= command.hourly_cap <= RULE_HOURLY_CAP_MAX:
        raise Invalid("bad-cap", "the hourly cap lies between 1 and 10,000", where="hourly_cap")
    return [
        RuleProposed(
            rule_id,
            command.name,
            command.bank,
            command.act,
            command.radius_bits,
            command.ground,
            person,
            command.starts_at,
            command.expires_at,
            command.hourly_cap,
        )
    ]


def approve_rule(rule: StandingRule, person: PersonId, *, four_eyes: bool) -> list[Event]:
    """A policy lead approves or resumes it; with `four_eyes` it is somebody else than who proposed it.

    Raises:
        Conflict: it ended, or is in force already.
        NotAllowed: they proposed it themselves, and the charter asks for two.

    """
    if rule.state is RuleState.ENDED:
        raise Conflict("rule-ended", "an ended rule does not come back; propose a new one")
    if rule.state is RuleState.ACTIVE:
        raise Conflict("rule-active", "the rule is in force already")
    if four_eyes and rule.proposed_by == person:
        raise NotAllowed("own-proposal", "you proposed this rule; somebody else must answer for it")
    return [RuleApproved(rule.id, person)]


def pause_rule(rule: StandingRule, count: int) -> list[Event]:
    """The brake, or a person."""
    return [RulePaused(rule.id, count)] if rule.state is RuleState.ACTIVE else []


def end_rule(rule: StandingRule, why: str) -> list[Event]:
    """For good."""
    return [] if rule.state is RuleState.ENDED else [RuleEnded(rule.id, why)]


def apply_decision(decision: Decision | None, event: Event) -> Decision:
    """The decision after `event`."""
    if isinstance(event, DecisionProposed):
        return Decision(
            id=event.decision,
            version=0,
            case=event.case,
            state=DecisionState.PROPOSED,
            act=event.act,
            items=event.items,
            account=event.account,
            ground=event.ground,
            exemption=event.exemption,
            territories=event.territories,
            until=event.until,
            decided_by=event.decided_by,
            rule=event.rule,
            second=None,
            source=event.source,
            decided_at=event.at,
        )
    if decision is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the decision")
    match event:
        case DecisionMade():
            return replace(decision, state=DecisionState.MADE, second=event.second)
        case DecisionDeclined():
            return replace(decision, state=DecisionState.DECLINED, second=event.second)
        case DecisionUndone():
            return replace(decision, state=DecisionState.UNDONE)
        case DecisionReversed() | HoldEnded() | LegalGroundEnded():
            return replace(decision, state=DecisionState.REVERSED)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a decision")


def apply_rule(rule: StandingRule | None, event: Event) -> StandingRule:
    """The rule after `event`."""
    if isinstance(event, RuleProposed):
        return StandingRule(
            id=event.rule,
            version=0,
            name=event.name,
            bank=event.bank,
            act=event.act,
            radius_bits=event.radius_bits,
            ground=event.ground,
            state=RuleState.PROPOSED,
            proposed_by=event.proposed_by,
            approved_by=None,
            starts_at=event.starts_at,
            expires_at=event.expires_at,
            hourly_cap=event.hourly_cap,
        )
    if rule is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the rule")
    match event:
        case RuleApproved():
            return replace(rule, state=RuleState.ACTIVE, approved_by=event.by)
        case RulePaused():
            return replace(rule, state=RuleState.PAUSED)
        case RuleEnded():
            return replace(rule, state=RuleState.ENDED)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a rule")


def apply_policy(policy: Policy | None, event: Event) -> Policy:
    """The policy after `event`."""
    if not isinstance(event, PolicyPublished):
        raise Conflict("event-does-not-fit", f"{event.type()} does not fit a policy")
    made = Policy(event.policy, 0, event.name, event.number, event.clauses, event.at, event.by)
    return made if policy is None else replace(made, version=policy.version)


def _not_by_order(decision: Decision) -> None:
    """What an order caused ends with the order, and by nobody's change of mind (TCO Art 4(7), Art 9)."""
    if decision.source is Source.ORDER:
        raise Conflict("order-stands", "a removal order caused this; it ends when the order does")


def _awaits_second(decision: Decision, person: PersonId) -> None:
    if decision.state is not DecisionState.PROPOSED:
        raise Conflict("nothing-waits", "this decision does not wait for a second person")
    if decision.decided_by == person:
        raise NotAllowed("own-proposal", "the second person must be somebody else")


def _check(command: Decide, now: datetime) -> None:
    on_account = command.act in ACCOUNT_ACTS
    if on_account and command.account is None:
        raise Invalid("no-account", "this act is about an account", where="account")
    if not on_account and not command.items and command.act is not Act.NO_ACTION:
        raise Invalid("no-items", "this act is about at least one item", where="items")
    if command.act is Act.REJECT_UPLOAD or command.act is Act.HOLD:
        raise Invalid("only-rules", "only a standing rule holds or refuses an upload", where="act")
    if command.act is Act.NO_ACTION:
        return
    _check_reasons(command)
    _check_reach(command, now)


def _check_reasons(command: Decide) -> None:
    if command.ground is None:
        raise Invalid("no-ground", "a restriction names the rule or law it rests on (DSA Art 17(3))", where="ground")
    sentence = command.exemption_sentence.strip()
    if command.exemption is None or len(sentence) < EXEMPTION_CHARS_MIN:
        # DESIGN §5.2: a sentence about the nearest lawful purpose, not a "none applies" button.
        message = "say in a sentence why the nearest lawful purpose (TCO Art 1(3)) does or does not apply"
        raise Invalid("no-exemption-assessment", message, where="exemption_sentence")
    if len(sentence) > EXEMPTION_CHARS_MAX:
        raise Invalid("too-long", f"the sentence is over {EXEMPTION_CHARS_MAX} characters", where="exemption_sentence")


def _check_reach(command: Decide, now: datetime) -> None:
    if (command.act is Act.RESTRICT_TERRITORIES) != bool(command.territories):
        raise Invalid("territories", "territories belong to a restriction by territory, and only there", where="act")
    for code in command.territories:
        if not _TERRITORY.fullmatch(code):
            raise Invalid("bad-territory", "a territory is an ISO 3166-1 code of two capitals", where="territories")
    if command.until is not None and command.until <= now:
        raise Invalid("until-past", "the end of a restriction lies in the future", where="until")
