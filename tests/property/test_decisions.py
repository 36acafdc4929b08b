"""A decision under any order of commands, and standing rules over any hour: caps hold, holds never exceed a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beffroi.decisions import rules
from beffroi.decisions.model import Act, DecisionState, Exemption, Ground, GroundKind, ItemRevision
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import BankId, DecisionId, ItemId, PersonId, RuleId
from beffroi.ground.kernel.limits import EXEMPTION_CHARS_MIN

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
NOOR, TOMAS = PersonId("prs_noor"), PersonId("prs_tomas")
ITEM = ItemRevision(ItemId("itm_1"), 1)
LAW = Ground(GroundKind.LAW, None, 0, "§ 1")
REMOVE = rules.Decide(None, Act.REMOVE, (ITEM,), None, LAW, Exemption.ART, "s" * EXEMPTION_CHARS_MIN)
PROPOSE = rules.ProposeRule("Copies", BankId("bnk_1"), Act.HOLD, 0, LAW, NOW, NOW + timedelta(days=90), 20)
people = st.sampled_from([NOOR, TOMAS])
commands = st.tuples(st.sampled_from(["confirm", "decline", "undo", "reverse", "end_hold"]), people)
ENDS = {DecisionState.DECLINED, DecisionState.UNDONE, DecisionState.REVERSED}


def folded(events, decision=None):
    for event in events:
        decision = rules.apply_decision(decision, type(event).from_facts(event.facts()))
    return decision


@given(st.booleans(), st.lists(commands, max_size=8))
def test_a_decision_ends_once_and_is_confirmed_only_by_another(second, story):
    events = rules.decide(REMOVE, DecisionId("dec_1"), NOOR, NOW, second=second)
    decision = folded(events)
    for name, person in story:
        before = decision
        arguments = {"undo": (decision,), "end_hold": (decision, "time")}.get(name, (decision, person))
        try:
            more = getattr(rules, name)(*arguments)
        except (Conflict, NotAllowed):
            more = []
        events, decision = [*events, *more], folded(more, decision)
        assert before.state not in ENDS or decision == before
        assert decision == folded(events)
        assert not (second and decision.state is DecisionState.MADE) or decision.second == TOMAS
        assert (decision.decided_by, decision.items, decision.ground) == (NOOR, (ITEM,), LAW)


@given(
    st.sampled_from(Act),
    st.booleans(),
    st.sampled_from([None, *Exemption]),
    st.text(max_size=60),
    st.lists(st.sampled_from(["AT", "at", "FR", ""]), max_size=2),
)
def test_nothing_restricts_without_ground_and_sentence(act, has_ground, exemption, sentence, territories):
    command = replace(
        REMOVE, act=act, ground=LAW if has_ground else None, exemption=exemption, exemption_sentence=sentence,
        territories=tuple(territories), account="acc_1",
    )  # fmt: skip
    try:
        rules.decide(command, DecisionId("dec_1"), NOOR, NOW, second=False)
    except Invalid:
        return
    said = has_ground and exemption is not None and len(sentence.strip()) >= EXEMPTION_CHARS_MIN
    assert act is Act.NO_ACTION or said
    assert act not in {Act.HOLD, Act.REJECT_UPLOAD}


@given(st.sampled_from(sorted(rules.RULE_ACTS)), st.integers(0, 10**6), st.integers(-100, 200 * 24))
def test_a_rule_acts_only_in_its_time_and_holds_a_day_at_most(act, hold_h, hours_later):
    rule = None
    for event in (*rules.propose_rule(replace(PROPOSE, act=act), RuleId("rul_1"), NOOR),):
        rule = rules.apply_rule(rule, event)
    [approved] = rules.approve_rule(rule, TOMAS, four_eyes=True)
    rule, now = rules.apply_rule(rule, approved), NOW + timedelta(hours=hours_later)
    try:
        decision = folded(rules.decide_by_rule(rule, DecisionId("dec_1"), ITEM, now, timedelta(hours=hold_h)))
    except NotAllowed:
        assert not NOW <= now < PROPOSE.expires_at
        return
    assert NOW <= now < PROPOSE.expires_at
    assert (decision.state, decision.decided_by, decision.account) == (DecisionState.MADE, None, None)
    if act is Act.HOLD:
        assert now <= decision.until <= now + timedelta(hours=24)
    else:
        assert decision.until is None
