"""Commands of `decisions`: decide, confirm, decline, undo, reverse; rules; the verdict by rule.

Owns: the order of load, rule, save.
Promises: everything in the caller's transaction; a decision binds to the revisions its decider saw and is
refused when they have changed meanwhile.
Never does: plan or carry out the act; `flow` hands `DecisionMade` to `actions`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from beffroi.content import store as content
from beffroi.content.model import ItemState
from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import AccountId, BankId, DecisionId, ItemId, PersonId, RuleId, SubjectId, fresh
from beffroi.ground.kernel.limits import REASON_CHARS_MAX
from beffroi.ground.storage import Tx
from beffroi.parties import charter

from . import policies, rules, store
from .model import Act, Decision, GroundKind, ItemRevision, StandingRule


def decide(tx: Tx, command: rules.Decide, person: PersonId, *, four_eyes: bool) -> Decision:
    """One person decides; with four eyes (the clause or the act asks for it) a second one confirms.

    Raises:
        Conflict: an item was edited or deleted since the decider read it, or its author was erased.
        Invalid, NotFound: see `rules.decide`; the clause does not exist.

    """
    for item in command.items:
        _unchanged(tx, item)
    clause_asks = False
    if command.ground is not None and command.ground.kind is GroundKind.TERMS:
        clause_asks = policies.clause_of(tx.conn, command.ground).four_eyes
    decision_id = DecisionId(fresh("dec", tx.now))
    second = command.act is not Act.NO_ACTION and (clause_asks or (four_eyes and command.act is Act.SUSPEND_ACCOUNT))
    events = rules.decide(command, decision_id, person, tx.now, second=second)
    subject = _subject(tx, command.items, command.account)
    if subject is not None and tx.vault.is_destroyed(subject):
        raise Conflict("erased", "the person was erased, and what they posted cannot be read any more")
    sentence = command.exemption_sentence.strip()
    personal = {subject: sentence.encode()} if subject and sentence else None
    decision = store.DECISIONS.change(tx, None, events, personal)
    store.put_items(tx, decision)
    if subject and sentence:
        store.put_note(tx, decision.id, "exemption", subject, sentence)
    return decision


def decide_by_order(
    tx: Tx, act: Act, items: tuple[ItemRevision, ...], territories: tuple[str, ...], person: PersonId
) -> Decision:
    """A person carries a removal order out on items.

    Raises:
        Conflict: an author has deleted one meanwhile.
        Invalid: see `rules.decide_by_order`.

    """
    for item in items:
        _unchanged(tx, item)
    decision_id = DecisionId(fresh("dec", tx.now))
    events = rules.decide_by_order(act, items, territories, decision_id, person, tx.now)
    decision = store.DECISIONS.change(tx, None, events)
    store.put_items(tx, decision)
    return decision


def end_by_order(tx: Tx, decision_id: DecisionId, why: str) -> None:
    """The order behind it binds no longer: what it caused ends."""
    decision = store.DECISIONS.load(tx.conn, decision_id)
    events = rules.end_by_order(decision, why)
    if events:
        store.DECISIONS.change(tx, decision, events)


def confirm(tx: Tx, decision_id: DecisionId, person: PersonId) -> Decision:
    """The second person agrees."""
    decision = store.DECISIONS.load(tx.conn, decision_id)
    for item in decision.items:
        _unchanged(tx, item)
    return store.DECISIONS.change(tx, decision, rules.confirm(decision, person))


def decline(tx: Tx, decision_id: DecisionId, person: PersonId) -> Decision:
    """The second person does not agree; the case opens again."""
    decision = store.DECISIONS.load(tx.conn, decision_id)
    return store.DECISIONS.change(tx, decision, rules.decline(decision, person))


def undo(tx: Tx, decision_id: DecisionId, person: PersonId) -> Decision:
    """Take a decision back inside its undo hold; `actions` has already taken back what was planned."""
    decision = store.DECISIONS.load(tx.conn, decision_id)
    if person not in {decision.decided_by, decision.second}:
        raise Conflict("not-yours", "only who decided can undo; others reverse, with a reason")
    return store.DECISIONS.change(tx, decision, rules.undo(decision))


def reverse(tx: Tx, decision_id: DecisionId, person: PersonId, reason: str) -> Decision:
    """Found wrong: its restriction ends and the person is told.

    Raises:
        Invalid: no reason, or a very long one.

    """
    check_reason(reason)
    decision = store.DECISIONS.load(tx.conn, decision_id)
    subject = _subject(tx, decision.items, decision.account)
    if subject is not None and tx.vault.is_destroyed(subject):
        subject = None  # what was decided about them ends all the same; the reason is kept nowhere
    personal = {subject: reason.strip().encode()} if subject else None
    after = store.DECISIONS.change(tx, decision, rules.reverse(decision, person), personal)
    if subject:
        store.put_note(tx, decision.id, "reversal", subject, reason.strip())
    return after


def check_reason(reason: str) -> None:
    """Whether a reversal says why.

    Raises:
        Invalid: no reason, or a very long one.

    """
    if not 1 <= len(reason.strip()) <= REASON_CHARS_MAX:
        raise Invalid("no-reason", f"say why, in 1 to {REASON_CHARS_MAX} characters", where="reason")


def propose_rule(tx: Tx, command: rules.ProposeRule, person: PersonId) -> StandingRule:
    """A standing rule waits for a policy lead; its ground must exist."""
    policies.clause_of(tx.conn, command.ground)
    return store.RULES.change(tx, None, rules.propose_rule(command, RuleId(fresh("rul", tx.now)), person))


def approve_rule(tx: Tx, rule_id: RuleId, person: PersonId) -> StandingRule:
    """Approve, or resume after a pause; the approver's pseudonym stands on the public page's rule.

    Raises:
        Conflict: it ended, or is in force already.
        NotAllowed: they proposed it themselves, and the charter asks for two (`four_eyes.standing_rule`).

    """
    rule, four_eyes = store.RULES.load(tx.conn, rule_id), bool(charter.get(tx.conn, "four_eyes.standing_rule"))
    return store.RULES.change(tx, rule, rules.approve_rule(rule, person, four_eyes=four_eyes))


def end_rule(tx: Tx, rule_id: RuleId, why: str = "ended by a person") -> StandingRule:
    """End it for good."""
    rule = store.RULES.load(tx.conn, rule_id)
    events = rules.end_rule(rule, why)
    return store.RULES.change(tx, rule, events) if events else rule


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule needs to know of a match: bank, distance, and whether the entry was confirmed here."""

    bank: BankId
    distance: int
    confirmed_here: bool


def apply_rules(tx: Tx, item: ItemRevision, hits: Iterable[Hit]) -> Decision | None:
    """Let the strictest standing rule that fits act on a just matched item; None if none fits.

    A rule over its hourly cap is paused instead, and says so (`RulePaused`).
    """
    near = [hit for hit in hits if hit.confirmed_here]
    fitting = [
        rule
        for rule in store.active_rules(tx.conn)
        if rules.applies(rule, tx.now) and any(h.bank == rule.bank and h.distance <= rule.radius_bits for h in near)
    ]
    strictness = [Act.REJECT_UPLOAD, Act.HOLD, Act.LABEL]
    for rule in sorted(fitting, key=lambda r: strictness.index(r.act)):
        count = store.firings_since(tx.conn, rule.id, tx.now - timedelta(hours=1))
        if count >= rule.hourly_cap:
            store.RULES.change(tx, rule, rules.pause_rule(rule, count))
            continue
        hold = timedelta(hours=charter.get(tx.conn, "hold_h_max"))
        events = rules.decide_by_rule(rule, DecisionId(fresh("dec", tx.now)), item, tx.now, hold)
        decision = store.DECISIONS.change(tx, None, events)
        store.put_items(tx, decision)
        return decision
    return None


def end_holds_of(tx: Tx, item: ItemId) -> None:
    """A person decided on the item: the rule's hold gives way."""
    for hold in store.standing_holds(tx.conn, item):
        store.DECISIONS.change(tx, hold, rules.end_hold(hold, "decided"))


def end_overdue(tx: Tx, limit: int) -> int:
    """Holds over their time end and the item is published; expired rules end. Returns how many ended."""
    overdue = store.overdue_holds(tx.conn, tx.now, limit)
    for hold in overdue:
        store.DECISIONS.change(tx, hold, rules.end_hold(hold, "time"))
    expired = [rule for rule in store.active_rules(tx.conn) if rule.expires_at <= tx.now]
    for rule in expired:
        store.RULES.change(tx, rule, rules.end_rule(rule, "expired"))
    return len(overdue) + len(expired)


def _unchanged(tx: Tx, seen: ItemRevision) -> None:
    item = content.ITEMS.load(tx.conn, seen.item)
    if item.state is ItemState.DELETED_BY_AUTHOR:
        raise Conflict("deleted-by-author", "the author has deleted this item; there is nothing to decide")
    if item.revision != seen.revision:
        message = f"the item is at revision {item.revision}, you read {seen.revision}; look again"
        raise Conflict("item-edited", message, revision=item.revision)


def _subject(tx: Tx, items: tuple[ItemRevision, ...], account: AccountId | None) -> SubjectId | None:
    if account is not None:
        return content.subject_of(account)
    if not items:
        return None
    found = content.ITEMS.get(tx.conn, items[0].item)
    if found is None:
        raise NotFound("no-such-item", "there is no such item")
    return content.subject_of(found.account)
