"""The life of a restriction: every outcome and every end, in every state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beffroi.actions import rules
from beffroi.actions.model import (
    ActionCarriedOut,
    ActionFailed,
    Cause,
    CauseAdded,
    CauseEnded,
    CauseKind,
    Kind,
    RestrictionLifted,
    RestrictionPlanned,
    RestrictionState,
    RestrictionWithdrawn,
    Verification,
)
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import DecisionId, ItemId, RestrictionId

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
ID, A, B = RestrictionId("rst_1"), DecisionId("dec_a"), DecisionId("dec_b")
BECAUSE_A, BECAUSE_B = Cause(CauseKind.DECISION, A), Cause(CauseKind.RULE, B)
PLANNED = RestrictionPlanned(ID, Kind.REMOVE, ItemId("itm_1"), 2, None, (), None, BECAUSE_A, NOW, NOW)
SEEN, HIDDEN = Verification.VERIFIED, Verification.STILL_HIDDEN
DONE, FAIL = ActionCarriedOut(ID, SEEN, NOW), ActionFailed(ID, "refused", NOW)
LAST, LIFTED = CauseEnded(ID, A, "decision-reversed", NOW, True), RestrictionLifted(ID, SEEN, NOW)


def after(*events):
    state = None
    for event in (PLANNED, *events):
        state = rules.apply(state, event)
    return state


STATES = {
    "planned": after(),
    "in_force": after(DONE),
    "failed": after(FAIL),
    "lifting": after(DONE, LAST),
    "lift_failed": after(DONE, LAST, FAIL),
    "lifted": after(DONE, LAST, LIFTED),
    "withdrawn": after(LAST, RestrictionWithdrawn(ID)),
}
COMMANDS = {
    "carried out": (lambda r: rules.carried_out(r, SEEN, NOW), {"planned", "in_force", "failed"}, DONE),
    "failed": (lambda r: rules.failed(r, "refused", NOW, lifting=False), {"planned", "failed"}, FAIL),
    "lifted": (lambda r: rules.lifted(r, SEEN, NOW), {"lifting", "lift_failed"}, LIFTED),
    "lift failed": (lambda r: rules.failed(r, "refused", NOW, lifting=True), {"lifting", "lift_failed"}, FAIL),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_outcome_counts_only_while_it_is_meant(command, state):
    do, fitting, event = COMMANDS[command]
    assert do(STATES[state]) == ([event] if state in fitting else [])


def test_the_states_are_all():
    assert {r.state for r in STATES.values()} == set(RestrictionState)


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("state", ["planned", "in_force", "failed"])
def test_the_last_cause_s_end_lifts_what_was_begun_and_withdraws_what_was_not(state, begun):
    events = rules.end_cause(STATES[state], A, "decision-reversed", NOW, begun=begun)
    withdrawn = state == "planned" and not begun
    assert events == [LAST, *([RestrictionWithdrawn(ID)] if withdrawn else [])]


def test_a_cause_ends_once_and_alone():
    both = rules.apply(STATES["in_force"], CauseAdded(ID, BECAUSE_B))
    [ended] = rules.end_cause(both, A, "decision-reversed", NOW, begun=True)
    assert not ended.last
    one = rules.apply(both, ended)
    assert (one.state, one.round, one.live_causes) == (RestrictionState.IN_FORCE, 1, (BECAUSE_B,))
    assert rules.end_cause(one, A, "decision-reversed", NOW, begun=True) == []
    [last] = rules.end_cause(one, B, "hold-ended", NOW, begun=True)
    none = rules.apply(one, last)
    assert (none.state, none.round, none.live_causes) == (RestrictionState.LIFTING, 2, ())
    assert [cause.ended_at for cause in none.causes] == [NOW, NOW]


def test_a_decision_is_a_cause_once():
    assert rules.add_cause(STATES["in_force"], BECAUSE_A) == []
    assert rules.add_cause(STATES["in_force"], BECAUSE_B) == [CauseAdded(ID, BECAUSE_B)]


def test_a_reason_of_failure_is_short():
    [event] = rules.failed(STATES["planned"], "r" * 1000, NOW, lifting=False)
    assert len(event.reason) == 200


def test_since_when_it_is_in_force_stays():
    later = replace(DONE, at=NOW + timedelta(days=1), verification=HIDDEN)
    again = rules.apply(STATES["in_force"], later)
    assert (again.in_force_at, again.verification) == (NOW, HIDDEN)
    assert (STATES["lifted"].lifted_at, STATES["lifted"].verification) == (NOW, SEEN)


def test_nothing_comes_before_the_plan():
    for event in (DONE, FAIL, LAST, LIFTED, RestrictionWithdrawn(ID), CauseAdded(ID, BECAUSE_B)):
        with pytest.raises(Conflict):
            rules.apply(None, event)
