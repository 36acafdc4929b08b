"""Deciding, seconding, undoing, reversing; rules that act; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from beffroi.content import service as content
from beffroi.decisions import service, store
from beffroi.decisions.model import (
    Act,
    DecisionMade,
    DecisionProposed,
    DecisionState,
    Ground,
    GroundKind,
    HoldEnded,
    RuleEnded,
    RulePaused,
    RuleState,
)
from beffroi.decisions.rules import ProposeRule
from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.kernel.limits import REASON_CHARS_MAX
from beffroi.ground.storage.events import event_table
from beffroi.parties import charter
from tests.unit.decisions.scene import (
    BANK,
    IOANA,
    NOOR,
    SENTENCE,
    TOMAS,
    decided,
    ground,
    posted,
    published,
    removal,
    standing_rule,
)

HIT = service.Hit(BANK, 0, confirmed_here=True)


@pytest.fixture
def terms(house_db):
    return published(house_db)


def notes(house, decision):
    return house.ask(lambda conn: store.notes(conn, house.vault, decision.id))


def act_on(house, item, *hits):
    return house.run(lambda tx: service.apply_rules(tx, item, hits or (HIT,)))


def load(house, decision):
    return house.ask(lambda conn: store.DECISIONS.load(conn, decision.id))


def decision_events(house):
    return [event for event in house.recorded if event.aggregate == "decision"]


def sound(house):
    return house.ask(lambda c: store.DECISIONS.disagreements(c) + store.RULES.disagreements(c)) == []


# ── deciding ──────────────────────────────────────────────────────────────────────────────────────


def test_a_decision_stands_and_its_sentence_is_sealed(house_db, terms):
    item = posted(house_db)
    decision = decided(house_db, removal(ground(terms), item))
    assert [type(event) for event in decision_events(house_db)] == [DecisionProposed, DecisionMade]
    assert (decision.state, decision.items, decision.decided_by) == (DecisionState.MADE, (item,), NOOR)
    assert notes(house_db, decision) == {"exemption": SENTENCE}
    rows = house_db.ask(lambda conn: conn.execute(select(event_table.c.facts, event_table.c.personal)).all())
    assert "journalism;" not in repr(rows)
    assert house_db.ask(lambda conn: store.of_item(conn, item.item)) == [decision]
    assert sound(house_db)


def test_the_ground_exists_in_its_version(house_db, terms):
    item = posted(house_db)
    for cited in (ground(terms, "9"), ground(terms, number=2)):
        with pytest.raises(NotFound):
            decided(house_db, removal(cited, item))
    assert decision_events(house_db) == []
    assert decided(house_db, removal(Ground(GroundKind.LAW, None, 0, "§ 278f"), item)).restricts


@pytest.mark.parametrize("act", [Act.REMOVE, Act.NO_ACTION])
def test_what_was_edited_or_deleted_meanwhile_is_not_decided(house_db, terms, act):
    item = posted(house_db)
    posted(house_db, revision=2)
    with pytest.raises(Conflict) as refused:
        decided(house_db, removal(ground(terms), item, act=act))
    assert (refused.value.code, refused.value.facts["revision"]) == ("item-edited", 2)
    house_db.run(lambda tx: content.delete_by_author(tx, "p-1"))
    with pytest.raises(Conflict) as refused:
        decided(house_db, removal(ground(terms), item, act=act))
    assert refused.value.code == "deleted-by-author"
    assert decision_events(house_db) == []


def test_about_an_erased_person_nothing_new_is_decided_and_what_stands_can_end(house_db, terms):
    item = posted(house_db)
    decision = decided(house_db, removal(ground(terms), item))
    subject = house_db.ask(lambda conn: conn.execute(select(store.decision_note.c.subject)).scalar())
    house_db.vault.destroy(SubjectId(subject), house_db.clock.now())
    with pytest.raises(Conflict) as refused:
        decided(house_db, removal(ground(terms), item))
    assert refused.value.code == "erased"
    reversed_ = house_db.run(lambda tx: service.reverse(tx, decision.id, TOMAS, "It was a song."))
    assert reversed_.state is DecisionState.REVERSED
    assert notes(house_db, decision) == {}


# ── four eyes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_clause_can_ask_for_four_eyes(house_db, terms):
    item = posted(house_db)
    assert decided(house_db, removal(ground(terms, "1"), item)).state is DecisionState.MADE
    assert decided(house_db, removal(ground(terms, "2"), item)).state is DecisionState.PROPOSED
    assert decided(house_db, removal(None, item, act=Act.NO_ACTION)).state is DecisionState.MADE


@pytest.mark.parametrize(("four_eyes", "state"), [(True, DecisionState.PROPOSED), (False, DecisionState.MADE)])
def test_accounts_are_suspended_by_four_eyes(house_db, terms, four_eyes, state):
    account = content_account(house_db)
    command = removal(ground(terms), act=Act.SUSPEND_ACCOUNT, account=account)
    decision = decided(house_db, command, four_eyes=four_eyes)
    assert decision.state is state
    warning = decided(house_db, removal(ground(terms), act=Act.WARN_ACCOUNT, account=content_account(house_db)))
    assert warning.state is DecisionState.MADE
    assert decision in house_db.ask(lambda conn: store.of_account(conn, account))


def content_account(house):
    posted(house)
    return house.column("SELECT id FROM account")[0]


def test_a_second_person_confirms_what_is_still_there(house_db, terms):
    item = posted(house_db)
    decision = decided(house_db, removal(ground(terms, "2"), item))
    with pytest.raises(NotAllowed):
        house_db.run(lambda tx: service.confirm(tx, decision.id, NOOR))
    assert load(house_db, decision) == decision
    posted(house_db, revision=2)
    with pytest.raises(Conflict) as refused:
        house_db.run(lambda tx: service.confirm(tx, decision.id, TOMAS))
    assert refused.value.code == "item-edited"
    declined = house_db.run(lambda tx: service.decline(tx, decision.id, TOMAS))
    assert (declined.state, declined.second) == (DecisionState.DECLINED, TOMAS)


def test_a_confirmed_decision_names_both(house_db, terms):
    decision = decided(house_db, removal(ground(terms, "2"), posted(house_db)))
    confirmed = house_db.run(lambda tx: service.confirm(tx, decision.id, TOMAS))
    assert (confirmed.state, confirmed.decided_by, confirmed.second) == (DecisionState.MADE, NOOR, TOMAS)
    for again in (service.confirm, service.decline):
        with pytest.raises(Conflict):
            house_db.run(lambda tx, again=again: again(tx, decision.id, IOANA))
    assert sound(house_db)


# ── taking back ───────────────────────────────────────────────────────────────────────────────────


def test_only_who_decided_undoes(house_db, terms):
    first = decided(house_db, removal(ground(terms), posted(house_db)))
    with pytest.raises(Conflict) as refused:
        house_db.run(lambda tx: service.undo(tx, first.id, TOMAS))
    assert refused.value.code == "not-yours"
    assert house_db.run(lambda tx: service.undo(tx, first.id, NOOR)).state is DecisionState.UNDONE
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.undo(tx, first.id, NOOR))


@pytest.mark.parametrize("person", [NOOR, TOMAS])
def test_of_two_who_decided_either_undoes(house_db, terms, person):
    decision = decided(house_db, removal(ground(terms, "2"), posted(house_db)))
    house_db.run(lambda tx: service.confirm(tx, decision.id, TOMAS))
    assert house_db.run(lambda tx: service.undo(tx, decision.id, person)).state is DecisionState.UNDONE


@pytest.mark.parametrize("reason", ["", "   ", "r" * (REASON_CHARS_MAX + 1)])
def test_reversing_needs_a_reason(house_db, terms, reason):
    decision = decided(house_db, removal(ground(terms), posted(house_db)))
    with pytest.raises(Invalid) as refused:
        house_db.run(lambda tx: service.reverse(tx, decision.id, TOMAS, reason))
    assert refused.value.where == "reason"
    assert load(house_db, decision) == decision


def test_reversing_keeps_the_reason_beside_the_assessment(house_db, terms):
    decision = decided(house_db, removal(ground(terms), posted(house_db)))
    house_db.run(lambda tx: service.reverse(tx, decision.id, TOMAS, " It was a song. "))
    assert notes(house_db, decision) == {"exemption": SENTENCE, "reversal": "It was a song."}
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.reverse(tx, decision.id, TOMAS, "again"))
    assert sound(house_db)


# ── standing rules ────────────────────────────────────────────────────────────────────────────────


def test_a_rule_holds_what_it_fits(house_db, terms):
    rule = standing_rule(house_db, ground(terms))
    item = posted(house_db)
    decision = act_on(house_db, item)
    assert (decision.act, decision.rule, decision.decided_by, decision.account) == (Act.HOLD, rule.id, None, None)
    assert decision.until == house_db.clock.now() + timedelta(hours=24)
    assert house_db.ask(lambda conn: store.standing_holds(conn, item.item)) == [decision]
    assert sound(house_db)


@pytest.mark.parametrize(
    "hit",
    [
        service.Hit(BANK, 0, confirmed_here=False),
        service.Hit(BANK, 5, confirmed_here=True),
        service.Hit("bnk_other", 0, confirmed_here=True),
    ],
)
def test_a_rule_passes_over_what_it_does_not_fit(house_db, terms, hit):
    standing_rule(house_db, ground(terms), radius_bits=4)
    assert act_on(house_db, posted(house_db), hit) is None


def test_hits_may_come_one_by_one(house_db, terms):
    standing_rule(house_db, ground(terms), bank="bnk_other")
    standing_rule(house_db, ground(terms))
    item = posted(house_db)
    assert house_db.run(lambda tx: service.apply_rules(tx, item, iter([HIT]))) is not None


def test_the_charter_says_how_long_a_hold_lasts(house_db, terms):
    standing_rule(house_db, ground(terms))
    house_db.run(lambda tx: charter.set(tx, "hold_h_max", 2, IOANA, "we are quick"))
    assert act_on(house_db, posted(house_db)).until == house_db.clock.now() + timedelta(hours=2)


def test_the_strictest_rule_that_fits_acts_alone(house_db, terms):
    for act in (Act.LABEL, Act.REJECT_UPLOAD, Act.HOLD):
        standing_rule(house_db, ground(terms), act=act)
    item = posted(house_db)
    assert act_on(house_db, item).act is Act.REJECT_UPLOAD
    assert len(house_db.ask(lambda conn: store.of_item(conn, item.item))) == 1


def test_over_its_cap_a_rule_is_paused_and_the_next_one_acts(house_db, terms):
    capped = standing_rule(house_db, ground(terms), act=Act.REJECT_UPLOAD, hourly_cap=2)
    label = standing_rule(house_db, ground(terms), act=Act.LABEL)
    acts = [act_on(house_db, posted(house_db, number)).act for number in range(3)]
    assert acts == [Act.REJECT_UPLOAD, Act.REJECT_UPLOAD, Act.LABEL]
    assert RulePaused(capped.id, 2) in house_db.recorded
    states = {rule.id: rule.state for rule in house_db.ask(store.all_rules)}
    assert states == {capped.id: RuleState.PAUSED, label.id: RuleState.ACTIVE}
    house_db.clock.move(timedelta(hours=2))
    assert act_on(house_db, posted(house_db, 4)).act is Act.LABEL
    house_db.run(lambda tx: service.approve_rule(tx, capped.id, TOMAS))
    assert act_on(house_db, posted(house_db, 5)).act is Act.REJECT_UPLOAD
    assert sound(house_db)


def test_the_cap_counts_one_hour(house_db, terms):
    standing_rule(house_db, ground(terms), hourly_cap=1)
    assert act_on(house_db, posted(house_db, 1)) is not None
    house_db.clock.move(timedelta(hours=1))
    assert act_on(house_db, posted(house_db, 2)) is not None


def test_holds_end_by_time_and_by_a_person(house_db, terms):
    standing_rule(house_db, ground(terms))
    first, second = posted(house_db, 1), posted(house_db, 2)
    holds = [act_on(house_db, item) for item in (first, second)]
    house_db.run(lambda tx: service.end_holds_of(tx, first.item))
    assert house_db.recorded[-1] == HoldEnded(holds[0].id, "decided")
    assert not house_db.ask(lambda conn: store.is_overdue(conn, house_db.clock.now()))
    house_db.clock.move(timedelta(hours=24))
    assert house_db.ask(lambda conn: store.is_overdue(conn, house_db.clock.now()))
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 1
    assert house_db.recorded[-1] == HoldEnded(holds[1].id, "time")
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 0
    assert sound(house_db)


def test_rules_expire(house_db, terms):
    rule = standing_rule(house_db, ground(terms))
    house_db.clock.move(timedelta(days=90))
    assert act_on(house_db, posted(house_db)) is None
    assert house_db.ask(lambda conn: store.is_overdue(conn, house_db.clock.now()))
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 1
    assert house_db.recorded[-1] == RuleEnded(rule.id, "expired")
    assert house_db.ask(store.active_rules) == []


def test_a_rule_ends_for_good(house_db, terms):
    rule = standing_rule(house_db, ground(terms))
    ended = house_db.run(lambda tx: service.end_rule(tx, rule.id))
    assert ended.state is RuleState.ENDED
    assert house_db.run(lambda tx: service.end_rule(tx, rule.id)) == ended
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.approve_rule(tx, rule.id, IOANA))
    assert act_on(house_db, posted(house_db)) is None


def test_the_charter_says_whether_a_proposer_approves(house_db, terms):
    now = house_db.clock.now()
    wanted = ProposeRule("Exact copies", BANK, Act.HOLD, 0, ground(terms), now, now + timedelta(days=90), 20)
    proposed = house_db.run(lambda tx: service.propose_rule(tx, wanted, IOANA))
    with pytest.raises(NotAllowed):
        house_db.run(lambda tx: service.approve_rule(tx, proposed.id, IOANA))
    assert act_on(house_db, posted(house_db)) is None
    house_db.run(lambda tx: charter.set(tx, "four_eyes.standing_rule", False, IOANA, "I am alone here"))
    assert house_db.run(lambda tx: service.approve_rule(tx, proposed.id, IOANA)).approved_by == IOANA


def test_a_rule_cites_a_clause_there_is(house_db, terms):
    with pytest.raises(NotFound):
        standing_rule(house_db, ground(terms, "9"))
    assert house_db.ask(store.all_rules) == []
