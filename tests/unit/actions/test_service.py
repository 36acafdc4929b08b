"""Planning, joining, ending, outcomes, on both databases."""

from datetime import timedelta

import pytest

from beffroi.actions import service, store
from beffroi.actions.model import (
    ActionCarriedOut,
    CauseAdded,
    CauseEnded,
    RestrictionLifted,
    RestrictionPlanned,
    RestrictionState,
)
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act
from beffroi.ground.storage.effects import EffectState
from tests.unit.actions.scene import (
    UNDO,
    begin,
    carry_out,
    effect,
    end,
    fail,
    load,
    plan,
    planned,
    posted,
    removed,
    sound,
)
from tests.unit.decisions.scene import decided, ground, published, removal, standing_rule
from tests.unit.decisions.test_service import HIT

PLANNED, IN_FORCE, FAILED = RestrictionState.PLANNED, RestrictionState.IN_FORCE, RestrictionState.FAILED
LIFTING, LIFTED, WITHDRAWN = RestrictionState.LIFTING, RestrictionState.LIFTED, RestrictionState.WITHDRAWN


def by_rule(house, act, item):
    standing_rule(house, ground(published(house)), act=act)
    return house.run(lambda tx: decisions.apply_rules(tx, item, [HIT]))


def test_a_person_s_decision_waits_in_its_undo_hold(house_db):
    _, restriction = planned(house_db)
    first = effect(house_db, restriction, 1)
    assert (restriction.state, first.key) == (PLANNED, f"{restriction.id}-1")
    assert (first.kind, first.lane, first.due_at) == ("platform", "law", house_db.clock.now() + UNDO)
    assert first.payload == {"restriction": restriction.id, "act": "impose"}
    assert begin(house_db) == []
    house_db.clock.move(UNDO)
    assert [one.key for one in begin(house_db)] == [first.key]


def test_no_action_plans_nothing(house_db):
    decision = removed(house_db, act=Act.NO_ACTION)
    assert plan(house_db, decision) == []
    assert begin(house_db) == []


def test_each_item_has_its_restriction(house_db):
    decision = removed(house_db, posted(house_db, 1), posted(house_db, 2))
    made = plan(house_db, decision)
    assert [r.item for r in made] == [i.item for i in decision.items]
    assert {r.id for r in house_db.ask(lambda conn: store.of_decision(conn, decision.id))} == {r.id for r in made}


def test_an_account_has_one_whatever_the_items(house_db):
    item = posted(house_db)
    [account] = house_db.column("SELECT id FROM account")
    _, restriction = planned(house_db, item, act=Act.SUSPEND_ACCOUNT, account=account)
    assert (restriction.account, restriction.item, restriction.revision) == (account, None, 0)
    assert house_db.ask(lambda conn: store.of_account(conn, account)) == [restriction]


@pytest.mark.parametrize(
    ("act", "state", "waits"), [(Act.HOLD, IN_FORCE, 0), (Act.REJECT_UPLOAD, IN_FORCE, 0), (Act.LABEL, PLANNED, 1)]
)
def test_a_rule_acts_at_once_by_the_verdict_or_without_undo_hold(house_db, act, state, waits):
    decision = by_rule(house_db, act, posted(house_db))
    [restriction] = plan(house_db, decision)
    assert restriction.state is state
    assert len(begin(house_db)) == waits


# ── causes ────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_decisions_the_last_end_lifts(house_db):
    item = posted(house_db)
    first, restriction = planned(house_db, item)
    carry_out(house_db, restriction)
    second = removed(house_db, item)
    assert plan(house_db, second) == [load(house_db, restriction)]
    assert CauseAdded in map(type, house_db.recorded)
    end(house_db, first)
    assert load(house_db, restriction).state is IN_FORCE
    assert effect(house_db, restriction, 2) is None
    end(house_db, second)
    assert load(house_db, restriction).state is LIFTING
    lift = effect(house_db, restriction, 2)
    assert (lift.key, lift.payload["act"], lift.due_at) == (f"{restriction.id}-2", "lift", house_db.clock.now())
    assert carry_out(house_db, restriction, lifting=True).state is LIFTED
    assert sound(house_db)


def test_ending_twice_is_ending_once(house_db):
    decision, restriction = planned(house_db)
    carry_out(house_db, restriction)
    assert len(end(house_db, decision)) == 1
    before = len(house_db.recorded)
    assert end(house_db, decision) == []
    assert len(house_db.recorded) == before


def test_what_nobody_has_begun_is_withdrawn_and_never_sent(house_db):
    decision, restriction = planned(house_db)
    end(house_db, decision, "decision-undone")
    assert load(house_db, restriction).state is WITHDRAWN
    assert effect(house_db, restriction, 1).state is EffectState.CANCELLED
    house_db.clock.move(timedelta(hours=1))
    assert begin(house_db) == []
    assert sound(house_db)


def test_planned_and_taken_back_in_one_transaction_is_withdrawn(house_db):
    decision = removed(house_db)

    def work(tx):
        service.plan(tx, decision, UNDO)
        return service.end_causes(tx, decision, "decision-undone")

    [restriction] = house_db.run(work)
    assert (restriction.state, effect(house_db, restriction, 1).state) == (WITHDRAWN, EffectState.CANCELLED)


def test_what_a_worker_has_begun_is_lifted_not_withdrawn(house_db):
    decision, restriction = planned(house_db)
    house_db.clock.move(UNDO)
    assert len(begin(house_db)) == 1
    end(house_db, decision)
    assert load(house_db, restriction).state is LIFTING


def test_a_planned_restriction_with_another_cause_stays_planned(house_db):
    item = posted(house_db)
    first, restriction = planned(house_db, item)
    plan(house_db, removed(house_db, item))
    end(house_db, first)
    assert load(house_db, restriction).state is PLANNED
    assert effect(house_db, restriction, 1).state is EffectState.INTENDED


@pytest.mark.parametrize("state", ["lifted", "withdrawn"])
def test_after_it_ended_the_next_decision_makes_a_new_one(house_db, state):
    item = posted(house_db)
    decision, restriction = planned(house_db, item)
    if state == "lifted":
        carry_out(house_db, restriction)
    end(house_db, decision)
    if state == "lifted":
        carry_out(house_db, restriction, lifting=True)
    _, again = planned(house_db, item)
    assert (again.id != restriction.id, again.state) == (True, PLANNED)
    assert house_db.ask(lambda conn: store.of_item(conn, item.item))[-1].id in {again.id, restriction.id}


def test_while_one_is_lifted_the_next_decision_makes_a_new_one(house_db):
    item = posted(house_db)
    decision, restriction = planned(house_db, item)
    carry_out(house_db, restriction)
    end(house_db, decision)
    _, again = planned(house_db, item)
    assert (again.id != restriction.id, load(house_db, restriction).state) == (True, LIFTING)


def test_other_territories_or_another_end_is_another_restriction(house_db):
    item = posted(house_db)
    cited = ground(published(house_db))
    territory = {"act": Act.RESTRICT_TERRITORIES, "ground": cited}
    _, in_austria = planned(house_db, item, territories=("AT",), **territory)
    _, in_france = planned(house_db, item, territories=("FR",), **territory)
    _, again = planned(house_db, item, territories=("AT",), **territory)
    later = house_db.clock.now() + timedelta(days=1)
    _, for_a_day = planned(house_db, item, territories=("AT",), until=later, **territory)
    assert again.id == in_austria.id
    assert len({in_austria.id, in_france.id, for_a_day.id}) == 3
    assert len(again.causes) == 2


# ── outcomes ──────────────────────────────────────────────────────────────────────────────────────


def test_an_imposing_that_was_overtaken_does_not_count_as_the_lifting(house_db):
    """Reversed while the platform was being called: put back only when it was put back."""
    decision, restriction = planned(house_db)
    house_db.clock.move(UNDO)
    begin(house_db)
    end(house_db, decision)
    assert carry_out(house_db, restriction).state is LIFTING
    assert {ActionCarriedOut, RestrictionLifted}.isdisjoint(map(type, house_db.recorded))
    assert carry_out(house_db, restriction, lifting=True).state is LIFTED
    assert sound(house_db)


def test_an_imposing_that_failed_late_does_not_stop_the_lifting(house_db):
    decision, restriction = planned(house_db)
    house_db.clock.move(UNDO)
    begin(house_db)
    end(house_db, decision)
    assert fail(house_db, restriction).state is LIFTING
    assert carry_out(house_db, restriction, lifting=True).state is LIFTED


def test_a_failed_lifting_can_still_succeed(house_db):
    decision, restriction = planned(house_db)
    carry_out(house_db, restriction)
    end(house_db, decision)
    assert fail(house_db, restriction, lifting=True).state is FAILED
    assert carry_out(house_db, restriction).state is FAILED
    assert carry_out(house_db, restriction, lifting=True).state is LIFTED
    assert sound(house_db)


def test_a_failed_imposing_can_still_succeed_and_is_lifted_if_it_ends(house_db):
    decision, restriction = planned(house_db)
    assert fail(house_db, restriction).state is FAILED
    assert carry_out(house_db, restriction).state is IN_FORCE
    end(house_db, decision)
    assert load(house_db, restriction).state is LIFTING


def test_what_failed_without_ever_working_is_still_asked_back(house_db):
    """An unknown outcome may have been a deed."""
    decision, restriction = planned(house_db)
    fail(house_db, restriction)
    end(house_db, decision)
    assert load(house_db, restriction).state is LIFTING
    assert effect(house_db, restriction, 2) is not None


def test_a_new_decision_tries_again_what_had_failed(house_db):
    item = posted(house_db)
    _, restriction = planned(house_db, item)
    fail(house_db, restriction)
    house_db.clock.move(timedelta(days=1))
    _, joined = planned(house_db, item)
    again = effect(house_db, restriction, 1)
    assert (joined.id, again.state, again.due_at) == (
        restriction.id, EffectState.INTENDED, house_db.clock.now() + UNDO
    )  # fmt: skip


def test_a_new_decision_does_not_join_what_could_not_be_lifted(house_db):
    item = posted(house_db)
    decision, restriction = planned(house_db, item)
    carry_out(house_db, restriction)
    end(house_db, decision)
    fail(house_db, restriction, lifting=True)
    assert planned(house_db, item)[1].id != restriction.id


# ── time ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_restriction_with_an_end_is_lifted_when_it_comes(house_db):
    item, until = posted(house_db), house_db.clock.now() + timedelta(days=30)
    cited = ground(published(house_db))
    _, restriction = planned(house_db, item, until=until, ground=cited)
    plan(house_db, decided(house_db, removal(cited, item, until=until)))
    carry_out(house_db, restriction)
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 0
    house_db.clock.move(timedelta(days=30))
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 1
    ended = [event for event in house_db.recorded if isinstance(event, CauseEnded)]
    assert [(event.why, event.last) for event in ended] == [("time", False), ("time", True)]
    assert (load(house_db, restriction).state, effect(house_db, restriction, 2).state) == (
        LIFTING, EffectState.INTENDED
    )  # fmt: skip
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 0
    assert sound(house_db)


def test_a_hold_s_time_is_its_decision_s(house_db):
    plan(house_db, by_rule(house_db, Act.HOLD, posted(house_db)))
    house_db.clock.move(timedelta(hours=25))
    assert house_db.run(lambda tx: service.end_overdue(tx, 10)) == 0


def test_keys_tell_rounds_apart_and_restrictions_too(house_db):
    made = [planned(house_db, posted(house_db, number))[1] for number in range(3)]
    keys = {service.effect_key(restriction.id, turn) for restriction in made for turn in (1, 2)}
    assert len(keys) == 6
    assert [event.kind for event in house_db.recorded if isinstance(event, RestrictionPlanned)] == ["remove"] * 3
