"""A person decides, a second one confirms, somebody takes it back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from beffroi.actions import store as actions_store
from beffroi.actions.model import RestrictionState
from beffroi.cases import rules as cases_rules
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import CaseItem, CaseState
from beffroi.content import store as content_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, DecisionState
from beffroi.flow import decide, notice, platform_events
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.storage import Actor
from beffroi.ground.storage.events import event_table
from beffroi.matching import store as matching_store
from beffroi.matching.model import Verdict
from beffroi.notices.model import StatementKind
from beffroi.staff import enrol
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Role
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import IOANA, NOOR, PLATFORM, TOMAS


@pytest.fixture
def node(any_node):
    any_node.bank()
    any_node.terms()
    return any_node


@pytest.fixture
def case(node):
    node.post()
    [case] = node.cases()
    return case


def reload(node, case):
    return node.ask(cases_store.CASES.load, case.id)


def verdicts(node, case):
    matches = node.ask(matching_store.matches_of, case.items[0].item, case.items[0].revision)
    return [match.verdict for match in matches]


def refused(node, work):
    """What was refused left no event behind."""
    before = node.ask(lambda conn: len(conn.execute(event_table.select()).all()))
    with pytest.raises((Conflict, Invalid, NotAllowed)) as raised:
        work()
    assert node.ask(lambda conn: len(conn.execute(event_table.select()).all())) == before
    return raised.value.code


def test_deciding_closes_the_case_plans_the_act_and_notes_the_verdict(node, case):
    node.claim(case)
    done = decide.decide(node.house, Actor("person", NOOR), NOOR, node.command(case))
    assert (done.decision.state, done.undo_s) == (DecisionState.MADE, 60)
    after = reload(node, case)
    assert (after.state, after.decision, after.confirmed) == (CaseState.DECIDED, done.decision.id, True)
    [restriction] = node.restrictions(case.items[0].item)
    assert restriction.state is RestrictionState.PLANNED
    assert verdicts(node, case) == [Verdict.CONFIRMED]


def test_no_action_closes_the_case_and_overturns_the_match(node, case):
    decision = node.decide(case, Act.NO_ACTION)
    assert reload(node, case).confirmed is False
    assert node.restrictions(case.items[0].item) == []
    assert verdicts(node, case) == [Verdict.OVERTURNED]
    assert node.statements(decision) == []


def test_only_who_holds_the_case_decides(node, case):
    command = node.command(case)
    decided_by = lambda person: decide.decide(node.house, Actor("person", person), person, command)  # noqa: E731
    assert refused(node, lambda: decided_by(NOOR)) == "not-claimed"
    node.claim(case, TOMAS)
    assert refused(node, lambda: decided_by(NOOR)) == "not-claimed"
    node.move(minutes=15)
    assert refused(node, lambda: decided_by(TOMAS)) == "not-claimed"


def test_of_two_decisions_at_once_one_stands(node, case):
    node.claim(case)
    command = node.command(case)

    def attempt(_):
        try:
            return decide.decide(node.house, Actor("person", NOOR), NOOR, command).decision.id
        except Conflict as refusal:
            return refusal.status

    with ThreadPoolExecutor(4) as many:
        outcomes = list(many.map(attempt, range(4)))
    assert outcomes.count(409) == 3
    assert len(node.ask(decisions_store.of_case, case.id)) == 1


def test_a_case_withdrawn_meanwhile_is_not_decided(node, case):
    node.claim(case)
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    assert refused(node, lambda: decide.decide(node.house, Actor("person", NOOR), NOOR, node.command(case))) == (
        "case-closed"
    )


def test_an_item_edited_meanwhile_is_not_decided(node, case):
    node.claim(case)
    node.post(text="I was only joking about lamps", revision=2)
    assert refused(node, lambda: decide.decide(node.house, Actor("person", NOOR), NOOR, node.command(case))) == (
        "item-edited"
    )


def test_an_item_that_joined_meanwhile_is_not_closed_unseen(node):
    first, second = node.post(1).item, node.post(2).item
    by_hand = [node.ask(item_load, each) for each in (first, second)]
    one, other = node.cases()
    node.write(cases.seal, other.id, IOANA)
    assert one.id != other.id
    node.claim(one)
    command = node.command(one)
    grown = [each for each in by_hand if each.id != one.items[0].item]
    node.write(join, one.id, grown[0])
    act = lambda: decide.decide(node.house, Actor("person", NOOR), NOOR, command)  # noqa: E731
    assert refused(node, act) == "case-grew"
    whole = node.command(reload(node, one))
    made = decide.decide(node.house, Actor("person", NOOR), NOOR, whole).decision
    assert len(node.ask(actions_store.of_decision, made.id)) == 2


def item_load(conn, item):
    return content_store.ITEMS.load(conn, item)


def join(tx, case_id, item):
    """As `open_for_item` does for a copy of a picture."""
    case = cases_store.CASES.load(tx.conn, case_id)
    this = CaseItem(item.id, item.revision)
    cases_store.put_items(tx, case_id, (this,))
    cases_store.CASES.change(tx, case, cases_rules.join(case, (this,), case.parts, ()))


def test_beside_a_deleted_copy_the_others_can_be_decided(node):
    gone, there = node.post(1).item, node.post(2).item
    one, other = sorted(node.cases(), key=lambda c: c.items[0].item != gone)
    node.write(cases.seal, other.id, IOANA)
    node.write(join, one.id, node.ask(item_load, there))
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    decision = node.decide(reload(node, one))
    assert [i.item for i in decision.items] == [there]


# ── the second pair of eyes ───────────────────────────────────────────────────────────────────────


def second(node, decision, person=TOMAS, *, agrees=True):
    return decide.second(node.house, Actor("person", person), person, decision.id, agrees=agrees)


def test_a_proposal_does_nothing_before_somebody_else_agrees(node, case):
    decision = node.decide(case, clause="2")
    assert (decision.state, reload(node, case).state) == (DecisionState.PROPOSED, CaseState.AWAITS_SECOND)
    assert node.restrictions(case.items[0].item) == []
    assert refused(node, lambda: second(node, decision, NOOR)) == "own-proposal"
    confirmed = second(node, decision)
    assert (confirmed.state, confirmed.second) == (DecisionState.MADE, TOMAS)
    assert reload(node, case).state is CaseState.DECIDED
    assert len(node.restrictions(case.items[0].item)) == 1


def test_a_declined_proposal_opens_the_case_again(node, case):
    decision = node.decide(case, clause="2")
    assert second(node, decision, agrees=False).state is DecisionState.DECLINED
    assert reload(node, case).state is CaseState.OPEN
    assert refused(node, lambda: second(node, decision)) == "nothing-waits"
    assert node.decide(reload(node, case)).state is DecisionState.MADE


def test_a_proposal_can_be_taken_back(node, case):
    decision = node.decide(case, clause="2")
    assert node.undo(decision).state is DecisionState.UNDONE
    assert reload(node, case).state is CaseState.OPEN


def test_while_a_proposal_waits_nobody_decides_anew(node, case):
    decision = node.decide(case, clause="2")
    node.claim(reload(node, case), TOMAS)
    act = lambda: decide.decide(node.house, Actor("person", TOMAS), TOMAS, node.command(case))  # noqa: E731
    assert refused(node, act) == "awaits-second"
    assert second(node, decision).state is DecisionState.MADE


@pytest.mark.parametrize("agrees", [True, False])
def test_a_sealed_case_s_proposal_is_over(node, case, agrees):
    decision = node.decide(case, clause="2")
    node.write(cases.seal, case.id, TOMAS)
    assert refused(node, lambda: second(node, decision, agrees=agrees)) == "case-closed"
    assert node.restrictions(case.items[0].item) == []


def test_a_deleted_item_s_proposal_is_over(node, case):
    decision = node.decide(case, clause="2")
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    assert refused(node, lambda: second(node, decision)) == "case-closed"


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────


def test_undone_inside_its_hold_nothing_ever_happened_outside(node, case):
    decision = node.decide(case)
    node.move(seconds=59)
    assert node.undo(decision).state is DecisionState.UNDONE
    assert reload(node, case).state is CaseState.OPEN
    [restriction] = node.restrictions(case.items[0].item)
    assert restriction.state is RestrictionState.WITHDRAWN
    node.move(hours=1)
    assert node.work() == 0
    assert node.statements(decision) == []


def test_undone_too_late_is_refused_and_changes_nothing(node, case):
    decision = node.decide(case)
    node.move(seconds=60)
    node.work(rounds=1)
    assert refused(node, lambda: node.undo(decision)) == "too-late-to-undo"
    assert node.restrictions(case.items[0].item)[0].state is RestrictionState.IN_FORCE
    assert reload(node, case).state is CaseState.DECIDED


def test_undone_while_a_worker_is_at_it_is_too_late(node, case):
    decision = node.decide(case)
    node.move(seconds=60)
    assert len(node.claimed()) == 1
    assert refused(node, lambda: node.undo(decision)) == "too-late-to-undo"


def test_somebody_else_reverses_and_does_not_undo(node, case):
    decision = node.decide(case)
    assert refused(node, lambda: node.undo(decision, TOMAS)) == "not-yours"


# ── reversal ──────────────────────────────────────────────────────────────────────────────────────


def test_reversed_it_is_put_back_and_told(node, case):
    decision = node.decide(case)
    node.move(seconds=60)
    node.work()
    assert refused(node, lambda: node.reverse(decision, " ")) == "no-reason"
    node.reverse(decision)
    node.work()
    assert node.platform.asked() == ["item.remove", "user.inform", "item.restore", "user.inform"]
    assert [s.kind for s in node.statements(decision)] == [StatementKind.RESTRICTED, StatementKind.PUT_BACK]
    assert verdicts(node, case) == [Verdict.OVERTURNED]
    after = reload(node, case)
    assert (after.state, after.confirmed) == (CaseState.DECIDED, False)


def test_reversed_before_it_was_carried_out_nobody_is_told_anything(node, case):
    decision = node.decide(case)
    node.reverse(decision)
    node.move(hours=1)
    node.work()
    assert node.platform.asked() == []
    assert node.statements(decision) == []


# ── accounts ──────────────────────────────────────────────────────────────────────────────────────


def test_an_account_is_a_case_and_a_decision_of_its_own(node, case):
    opened = decide.about_account(node.house, Actor("person", NOOR), case.id, NOOR)
    assert decide.about_account(node.house, Actor("person", NOOR), case.id, NOOR) == opened
    about = node.ask(cases_store.CASES.load, opened)
    suspend = {"act": Act.SUSPEND_ACCOUNT, "items": (), "account": about.account}
    decision = node.decide(about, **suspend)
    assert decision.state is DecisionState.PROPOSED
    second(node, decision)
    [restriction] = node.ask(actions_store.of_account, about.account)
    assert (restriction.account, restriction.item) == (about.account, None)
    assert reload(node, case).state is CaseState.OPEN


def test_a_case_about_nothing_located_has_no_account(node):
    notice.receive(node.house, Actor("public"), replace(NOTICE, url="https://agora.example/unknown"))
    [case] = node.cases()
    with pytest.raises(Conflict) as raised:
        decide.about_account(node.house, Actor("person", NOOR), case.id, NOOR)
    assert raised.value.code == "no-account"
    assert node.decide(case, Act.NO_ACTION).state is DecisionState.MADE


# ── handing over ──────────────────────────────────────────────────────────────────────────────────


def colleague(node, name, *roles):
    """Somebody who works here."""
    who = enrol.identity(node.house.pepper, name.capitalize(), f"{name}@node.example")
    return node.write(staff.create_person, who, roles, Credentials("not a hash", None)).id


def hand_over(node, case, to, person=NOOR):
    decide.hand_over(node.house, Actor("person", person), person, case.id, to, "You read this language.")


def test_a_case_is_handed_to_who_could_take_it_up(node, case):
    node.claim(case)
    to = colleague(node, "mira", Role.MODERATOR)
    hand_over(node, case, to)
    assert reload(node, case).for_person == to
    node.claim(case)
    hand_over(node, case, None)
    assert reload(node, case).for_person is None


@pytest.mark.parametrize("role", [Role.POLICY_LEAD, Role.ADMINISTRATOR, Role.OVERSEER])
def test_a_case_is_not_handed_to_who_does_not_work_on_cases(node, case, role):
    node.claim(case)
    to = colleague(node, "mira", role)
    assert refused(node, lambda: hand_over(node, case, to)) == "not-for-them"


def test_a_case_is_not_handed_to_who_is_away_or_unknown(node, case):
    node.claim(case)
    to = colleague(node, "mira", Role.MODERATOR)
    node.write(staff.suspend, to, None)
    assert refused(node, lambda: hand_over(node, case, to)) == "not-for-them"
    node.write(staff.leave, to, None)
    assert refused(node, lambda: hand_over(node, case, to)) == "not-for-them"
    assert refused(node, lambda: hand_over(node, case, "prs_nobody")) == "not-for-them"
    assert reload(node, case).claimed_by == NOOR


def test_a_case_that_awaits_a_second_person_is_handed_to_one_who_may_be_that(node, case):
    first = colleague(node, "fred", Role.SENIOR_MODERATOR)
    node.claim(case, first)
    command = node.command(case, clause="2")
    decide.decide(node.house, Actor("person", first), first, command)
    node.claim(case, TOMAS)
    junior, senior = colleague(node, "mira", Role.MODERATOR), colleague(node, "sana", Role.SENIOR_MODERATOR)
    for to in (junior, first):
        assert refused(node, lambda to=to: hand_over(node, case, to, TOMAS)) == "not-for-them"
    hand_over(node, case, senior, TOMAS)
    assert reload(node, case).for_person == senior
