"""A restriction under any order of causes, ends and outcomes: in force means that somebody answers for it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from beffroi.actions import rules
from beffroi.actions.model import (
    Cause,
    CauseKind,
    Kind,
    RestrictionLifted,
    RestrictionPlanned,
    RestrictionState,
    Verification,
)
from beffroi.ground.kernel.ids import DecisionId, ItemId, RestrictionId

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
CAUSES = [Cause(CauseKind.DECISION, DecisionId(f"dec_{name}")) for name in "abc"]
PLANNED = RestrictionPlanned(
    RestrictionId("rst_1"), Kind.REMOVE, ItemId("itm_1"), 1, None, (), None, CAUSES[0], NOW, NOW
)
steps = st.one_of(
    st.tuples(st.sampled_from(["add", "end"]), st.sampled_from(CAUSES), st.booleans()),
    st.tuples(st.sampled_from(["done", "lifted", "failed", "lift failed"]), st.none(), st.none()),
)
OVER = {RestrictionState.LIFTED, RestrictionState.WITHDRAWN}


def led_to(restriction, step):
    name, cause, begun = step
    match name:
        case "add" if restriction.state in rules.STANDING and restriction.live_causes:  # as `store.standing` finds them
            return rules.add_cause(restriction, cause)
        case "end":
            begun = begun or restriction.state is not RestrictionState.PLANNED
            return rules.end_cause(restriction, cause.decision, "decision-reversed", NOW, begun=begun)
        case "done":
            return rules.carried_out(restriction, Verification.VERIFIED, NOW)
        case "lifted":
            return rules.lifted(restriction, Verification.VERIFIED, NOW)
        case "failed" | "lift failed":
            return rules.failed(restriction, "refused", NOW, lifting=name == "lift failed")
    return []


@given(st.lists(steps, max_size=20))
def test_any_story(story):
    restriction = rules.apply(None, PLANNED)
    told = []
    for step in story:
        before = restriction
        for event in led_to(restriction, step):
            restriction = rules.apply(restriction, type(event).from_facts(event.facts()))
            told.append(event)
        live = bool(restriction.live_causes)
        assert live or restriction.state not in {RestrictionState.PLANNED, RestrictionState.IN_FORCE}
        assert not live or restriction.state in rules.STANDING
        assert before.state not in OVER or restriction == before
        assert restriction.round == (1 if live else 2)
        assert len({cause.decision for cause in restriction.causes}) == len(restriction.causes)
    assert sum(isinstance(event, RestrictionLifted) for event in told) <= 1


@given(st.lists(steps, max_size=20))
def test_once_nobody_answers_for_it_a_lifting_always_succeeds(story):
    restriction = rules.apply(None, PLANNED)
    for step in [*story, *(("end", cause, True) for cause in CAUSES), ("lifted", None, None)]:
        for event in led_to(restriction, step):
            restriction = rules.apply(restriction, event)
    assert restriction.state in OVER
