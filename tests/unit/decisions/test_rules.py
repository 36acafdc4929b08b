"""Which decisions and rules are lawful; the lives of both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beffroi.decisions import rules
from beffroi.decisions.model import (
    ACCOUNT_ACTS,
    RULE_ACTS,
    Act,
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
    PolicyPublished,
    RuleApproved,
    RuleEnded,
    RulePaused,
    RuleState,
)
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import AccountId, BankId, DecisionId, ItemId, PersonId, PolicyId, RuleId
from beffroi.ground.kernel.limits import EXEMPTION_CHARS_MAX, EXEMPTION_CHARS_MIN, PDQ_RADIUS_MAX, RULE_HOURLY_CAP_MAX

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
NOOR, TOMAS = PersonId("prs_noor"), PersonId("prs_tomas")
DECISION, RULE, BANK = DecisionId("dec_1"), RuleId("rul_1"), BankId("bnk_1")
ITEM, ACCOUNT = ItemRevision(ItemId("itm_1"), 2), AccountId("acc_1")
LAW = Ground(GroundKind.LAW, None, 0, "§ 278f")
SENTENCE = "s" * EXEMPTION_CHARS_MIN
REMOVE = rules.Decide(None, Act.REMOVE, (ITEM,), None, LAW, Exemption.ART, SENTENCE)
NOTHING = rules.Decide(None, Act.NO_ACTION, (ITEM,), None, None, None, "")
SUSPEND = replace(REMOVE, act=Act.SUSPEND_ACCOUNT, items=(), account=ACCOUNT)
PROPOSE = rules.ProposeRule("Copies", BANK, Act.HOLD, 0, LAW, NOW, NOW + timedelta(days=1), 20)


def made(command=REMOVE, *, second=False):
    decision = None
    for event in rules.decide(command, DECISION, NOOR, NOW, second=second):
        decision = rules.apply_decision(decision, event)
    return decision


def rule(*events):
    state = None
    for event in (*rules.propose_rule(PROPOSE, RULE, NOOR), *events):
        state = rules.apply_rule(state, event)
    return state


ACTIVE = rule(RuleApproved(RULE, TOMAS))


def refusal(command, **changes):
    with pytest.raises(Invalid) as refused:
        rules.decide(replace(command, **changes), DECISION, NOOR, NOW, second=False)
    return refused.value.code, refused.value.where


# ── decisions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.NO_ACTION, Act.HOLD, Act.REJECT_UPLOAD}])
def test_every_restriction_needs_ground_and_assessment(act):
    command = replace(REMOVE, act=act, account=ACCOUNT, territories=("AT",) if act is Act.RESTRICT_TERRITORIES else ())
    assert rules.decide(command, DECISION, NOOR, NOW, second=False)
    assert refusal(command, ground=None) == ("no-ground", "ground")
    for changes in ({"exemption": None}, {"exemption_sentence": ""}, {"exemption_sentence": " " * 40}):
        assert refusal(command, **changes) == ("no-exemption-assessment", "exemption_sentence")


def test_the_sentence_is_a_sentence():
    assert refusal(REMOVE, exemption_sentence="s" * (EXEMPTION_CHARS_MIN - 1))[0] == "no-exemption-assessment"
    assert refusal(REMOVE, exemption_sentence="s" * (EXEMPTION_CHARS_MAX + 1))[0] == "too-long"
    assert rules.decide(
        replace(REMOVE, exemption_sentence="s" * EXEMPTION_CHARS_MAX), DECISION, NOOR, NOW, second=False
    )


def test_no_action_needs_nothing_at_all():
    for items in ((ITEM,), ()):
        decision = made(replace(NOTHING, items=items))
        assert (decision.state, decision.restricts, decision.ground) == (DecisionState.MADE, False, None)


def test_only_rules_hold_or_refuse_uploads():
    for act in (Act.HOLD, Act.REJECT_UPLOAD):
        assert refusal(REMOVE, act=act) == ("only-rules", "act")


def test_an_act_has_its_object():
    assert refusal(REMOVE, items=()) == ("no-items", "items")
    for act in ACCOUNT_ACTS:
        assert refusal(REMOVE, act=act) == ("no-account", "account")


@pytest.mark.parametrize("code", ["at", "AUT", "A", "A1", "ÄT", ""])
def test_territories_are_iso_codes(code):
    by_territory = replace(REMOVE, act=Act.RESTRICT_TERRITORIES)
    assert refusal(by_territory, territories=("AT", code)) == ("bad-territory", "territories")


def test_territories_stand_only_where_they_belong():
    assert refusal(REMOVE, act=Act.RESTRICT_TERRITORIES)[0] == "territories"
    assert refusal(REMOVE, territories=("AT",))[0] == "territories"


def test_an_end_lies_in_the_future():
    assert refusal(REMOVE, until=NOW) == ("until-past", "until")
    assert made(replace(SUSPEND, until=NOW + timedelta(microseconds=1))).until


def test_a_decision_keeps_what_was_decided():
    decision = made()
    assert (decision.state, decision.act, decision.items, decision.ground) == (
        DecisionState.MADE, Act.REMOVE, (ITEM,), LAW
    )  # fmt: skip
    assert (decision.decided_by, decision.second, decision.rule, decision.decided_at) == (NOOR, None, None, NOW)


def test_the_second_person_is_another_one():
    waiting = made(second=True)
    assert waiting.state is DecisionState.PROPOSED
    for answer in (rules.confirm, rules.decline):
        with pytest.raises(NotAllowed) as refused:
            answer(waiting, NOOR)
        assert refused.value.code == "own-proposal"
    [event] = rules.confirm(waiting, TOMAS)
    confirmed = rules.apply_decision(waiting, event)
    assert (confirmed.state, confirmed.second) == (DecisionState.MADE, TOMAS)
    [event] = rules.decline(waiting, TOMAS)
    declined = rules.apply_decision(waiting, event)
    assert (declined.state, declined.second) == (DecisionState.DECLINED, TOMAS)


STATES = {
    "proposed": made(second=True),
    "made": made(),
    "declined": rules.apply_decision(made(second=True), DecisionDeclined(DECISION, TOMAS)),
    "undone": rules.apply_decision(made(), DecisionUndone(DECISION)),
    "reversed": rules.apply_decision(made(), DecisionReversed(DECISION, TOMAS)),
}
COMMANDS = {
    "confirm": (lambda d: rules.confirm(d, TOMAS), {"proposed"}, DecisionMade(DECISION, TOMAS)),
    "decline": (lambda d: rules.decline(d, TOMAS), {"proposed"}, DecisionDeclined(DECISION, TOMAS)),
    "undo": (rules.undo, {"proposed", "made"}, DecisionUndone(DECISION)),
    "reverse": (lambda d: rules.reverse(d, TOMAS), {"made"}, DecisionReversed(DECISION, TOMAS)),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_every_state(command, state):
    do, fitting, event = COMMANDS[command]
    if state in fitting:
        assert do(STATES[state]) == [event]
    else:
        with pytest.raises(Conflict):
            do(STATES[state])


def test_the_states_are_all():
    assert {d.state for d in STATES.values()} == set(DecisionState)


@pytest.mark.parametrize("event", [DecisionMade(DECISION), DecisionUndone(DECISION), HoldEnded(DECISION, "time")])
def test_nothing_comes_before_the_decision(event):
    with pytest.raises(Conflict):
        rules.apply_decision(None, event)


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", Act)
def test_a_rule_does_one_reversible_thing_and_never_to_accounts(act):
    wanted = replace(PROPOSE, act=act)
    if act in RULE_ACTS:
        assert rules.propose_rule(wanted, RULE, NOOR)
    else:
        with pytest.raises(Invalid) as refused:
            rules.propose_rule(wanted, RULE, NOOR)
        assert refused.value.where == "act"
    assert RULE_ACTS.isdisjoint(ACCOUNT_ACTS)


@pytest.mark.parametrize(
    ("where", "good", "bad"),
    [
        ("expires_at", NOW + timedelta(days=180), NOW + timedelta(days=180, microseconds=1)),
        ("expires_at", NOW + timedelta(microseconds=1), NOW),
        ("radius_bits", 0, -1),
        ("radius_bits", PDQ_RADIUS_MAX, PDQ_RADIUS_MAX + 1),
        ("hourly_cap", 1, 0),
        ("hourly_cap", RULE_HOURLY_CAP_MAX, RULE_HOURLY_CAP_MAX + 1),
    ],
)
def test_a_rule_is_narrow(where, good, bad):
    assert rules.propose_rule(replace(PROPOSE, **{where: good}), RULE, NOOR)
    with pytest.raises(Invalid) as refused:
        rules.propose_rule(replace(PROPOSE, **{where: bad}), RULE, NOOR)
    assert refused.value.where == where


def test_a_rule_acts_only_once_approved_and_inside_its_time():
    assert not rules.applies(rule(), NOW)
    assert not rules.applies(ACTIVE, NOW - timedelta(microseconds=1))
    assert rules.applies(ACTIVE, NOW)
    assert not rules.applies(ACTIVE, PROPOSE.expires_at)
    for event in (RulePaused(RULE, 20), RuleEnded(RULE, "by hand")):
        assert not rules.applies(rules.apply_rule(ACTIVE, event), NOW)
    with pytest.raises(NotAllowed):
        rules.decide_by_rule(rule(), DECISION, ITEM, NOW, timedelta(hours=24))


@pytest.mark.parametrize(("asked_h", "held_h"), [(1, 1), (24, 24), (25, 24)])
def test_a_hold_is_never_longer_than_a_day(asked_h, held_h):
    [proposed, decided] = rules.decide_by_rule(ACTIVE, DECISION, ITEM, NOW, timedelta(hours=asked_h))
    assert isinstance(proposed, DecisionProposed)
    assert decided == DecisionMade(DECISION)
    assert proposed.until == NOW + timedelta(hours=held_h)
    assert (proposed.rule, proposed.decided_by, proposed.items) == (RULE, None, (ITEM,))


def test_only_holds_have_an_end():
    label = replace(ACTIVE, act=Act.LABEL)
    [proposed, _] = rules.decide_by_rule(label, DECISION, ITEM, NOW, timedelta(hours=1))
    assert proposed.until is None


def held():
    decision = None
    for event in rules.decide_by_rule(ACTIVE, DECISION, ITEM, NOW, timedelta(hours=24)):
        decision = rules.apply_decision(decision, event)
    return decision


def test_a_hold_ends_once():
    [event] = rules.end_hold(held(), "time")
    ended = rules.apply_decision(held(), event)
    assert ended.state is DecisionState.REVERSED
    assert rules.end_hold(ended, "time") == []
    assert rules.end_hold(made(), "time") == []


def test_a_rule_s_act_is_not_undone_but_reversed():
    with pytest.raises(Conflict):
        rules.undo(held())
    assert rules.reverse(held(), TOMAS) == [DecisionReversed(DECISION, TOMAS)]


def test_the_life_of_a_rule():
    assert (rule().state, rule().approved_by) == (RuleState.PROPOSED, None)
    assert (ACTIVE.state, ACTIVE.approved_by, ACTIVE.proposed_by) == (RuleState.ACTIVE, TOMAS, NOOR)
    paused = rules.apply_rule(ACTIVE, RulePaused(RULE, 20))
    ended = rules.apply_rule(paused, RuleEnded(RULE, "by hand"))
    assert rules.approve_rule(paused, TOMAS, four_eyes=True) == [RuleApproved(RULE, TOMAS)]
    assert rules.pause_rule(ACTIVE, 20) == [RulePaused(RULE, 20)]
    assert rules.pause_rule(paused, 20) == rules.pause_rule(rule(), 20) == []
    assert rules.end_rule(paused, "by hand") == [RuleEnded(RULE, "by hand")]
    assert rules.end_rule(ended, "by hand") == []
    for state in (ACTIVE, ended):
        with pytest.raises(Conflict):
            rules.approve_rule(state, TOMAS, four_eyes=True)
    with pytest.raises(Conflict):
        rules.apply_rule(None, RuleApproved(RULE, TOMAS))


def test_with_four_eyes_nobody_answers_for_the_rule_they_proposed():
    for state in (rule(), rules.apply_rule(ACTIVE, RulePaused(RULE, 20))):
        with pytest.raises(NotAllowed) as refused:
            rules.approve_rule(state, NOOR, four_eyes=True)
        assert refused.value.code == "own-proposal"
        assert rules.approve_rule(state, NOOR, four_eyes=False) == [RuleApproved(RULE, NOOR)]


def test_a_policy_is_its_newest_publication():
    first = rules.apply_policy(None, PolicyPublished(PolicyId("pol_1"), "Terms", 1, (), NOW, NOOR))
    second = rules.apply_policy(replace(first, version=1), PolicyPublished(first.id, "Rules", 2, (), NOW, TOMAS))
    assert (second.name, second.number, second.version, second.published_by) == ("Rules", 2, 1, TOMAS)
    with pytest.raises(Conflict):
        rules.apply_policy(first, RuleApproved(RULE, TOMAS))
