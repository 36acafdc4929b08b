"""The life of a case, every command in every state."""

from datetime import UTC, datetime, timedelta

import pytest

from beffroi.cases import rules
from beffroi.cases.model import (
    CaseClaimed,
    CaseDecided,
    CaseHandedOver,
    CaseItem,
    CaseKind,
    CaseOpened,
    CaseOverturned,
    CaseReleased,
    CaseReopened,
    CaseSealed,
    CaseState,
    CaseWithdrawn,
    Half,
    NoticeAnswered,
    NoticeReceived,
    Part,
    SecondAsked,
)
from beffroi.ground.kernel.errors import Conflict, NotAllowed
from beffroi.ground.kernel.ids import CaseId, DecisionId, ItemId, PersonId, ReportId

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LEASE = timedelta(minutes=15)
NOOR, TOMAS = PersonId("prs_noor"), PersonId("prs_tomas")
CASE, DECISION, OTHER = CaseId("cas_1"), DecisionId("dec_1"), DecisionId("dec_2")
FIRST, SECOND = CaseItem(ItemId("itm_1"), 1), CaseItem(ItemId("itm_2"), 1)
PARTS = (Part(Half.SEVERITY, "no_label", 10),)
OPENED = CaseOpened(CASE, "98-000001", CaseKind.ITEM, (FIRST,), None, "ent_1", PARTS, (), NOW)


def case(*events):
    made = None
    for event in (OPENED, *events):
        made = rules.apply(made, event)
    return made


FREE = case()
HELD = case(CaseClaimed(CASE, NOOR, NOW + LEASE))
LAPSED = case(CaseClaimed(CASE, NOOR, NOW))
PROPOSED = case(SecondAsked(CASE, DECISION, NOOR))
PROPOSED_HELD = case(SecondAsked(CASE, DECISION, NOOR), CaseClaimed(CASE, TOMAS, NOW + LEASE))
DECIDED = case(CaseDecided(CASE, DECISION, True, NOW))
WITHDRAWN = case(CaseWithdrawn(CASE, "deleted_by_author", NOW))
SEALED = case(CaseSealed(CASE, NOOR, NOW))
STATES = {
    "free": FREE,
    "held": HELD,
    "lapsed": LAPSED,
    "proposed": PROPOSED,
    "proposed_held": PROPOSED_HELD,
    "decided": DECIDED,
    "withdrawn": WITHDRAWN,
    "sealed": SEALED,
}
COMMANDS = {
    "claim": lambda c: rules.claim(c, NOOR, NOW, LEASE),
    "claim by another": lambda c: rules.claim(c, TOMAS, NOW, LEASE),
    "give back": lambda c: rules.release(c, NOOR, "given_back", NOW),
    "hand over": lambda c: rules.hand_over(c, NOOR, TOMAS, NOW),
    "may decide": lambda c: rules.may_decide(c, NOOR, NOW),
    "may decide, another": lambda c: rules.may_decide(c, TOMAS, NOW),
    "may second": lambda c: rules.may_second(c, DECISION),
    "ask second": lambda c: rules.ask_second(c, DECISION, NOOR),
    "seal": lambda c: rules.seal(c, NOOR, NOW),
    "end lease": lambda c: rules.end_lease(c, NOW),
    "close": lambda c: rules.close(c, DECISION, NOW, confirmed=True),
    "reopen": lambda c: rules.reopen(c, "decision-undone"),
    "overturn": lambda c: rules.overturn(c, DECISION),
    "withdraw": lambda c: rules.withdraw(c, "deleted_by_author", NOW),
}
CLAIM, GIVE, HAND, SEAL = (
    CaseClaimed(CASE, NOOR, NOW + LEASE),
    CaseReleased(CASE, "given_back", NOOR),
    CaseHandedOver(CASE, NOOR, TOMAS),
    CaseSealed(CASE, NOOR, NOW),
)
CLOSE, WITHDRAW = CaseDecided(CASE, DECISION, True, NOW), CaseWithdrawn(CASE, "deleted_by_author", NOW)
CLAIM_OTHER, ASK = CaseClaimed(CASE, TOMAS, NOW + LEASE), SecondAsked(CASE, DECISION, NOOR)
LAPSE, REOPEN = CaseReleased(CASE, "lease_ended", NOOR), CaseReopened(CASE, "decision-undone")
OVERTURN = CaseOverturned(CASE, DECISION)
CLOSED, HOLD, CLAIMED = "case-closed", "not-claimed", "claimed"
MINE, WAITS, NOTHING = "not-for-you", "awaits-second", "nothing-waits"
OK: list[object] = []
"""What comes of each command in each state: an event, a code of refusal, nothing (`OK`), or leave (None)."""
TABLE = {
    #                       free         held     lapsed       proposed  proposed_held decided  withdrawn sealed
    "claim":               (CLAIM,       CLAIM,   CLAIM,       MINE,     CLAIMED,      CLOSED,  CLOSED,   CLOSED),
    "claim by another":    (CLAIM_OTHER, CLAIMED, CLAIM_OTHER, CLAIM_OTHER, CLAIM_OTHER, CLOSED, CLOSED,  CLOSED),
    "give back":           (HOLD,        GIVE,    HOLD,        HOLD,     HOLD,         CLOSED,  CLOSED,   CLOSED),
    "hand over":           (HOLD,        HAND,    HOLD,        HOLD,     HOLD,         CLOSED,  CLOSED,   CLOSED),
    "may decide":          (HOLD,        None,    HOLD,        HOLD,     HOLD,         CLOSED,  CLOSED,   CLOSED),
    "may decide, another": (HOLD,        HOLD,    HOLD,        HOLD,     WAITS,        CLOSED,  CLOSED,   CLOSED),
    "may second":          (NOTHING,     NOTHING, NOTHING,     None,     None,         CLOSED,  CLOSED,   CLOSED),
    "ask second":          (ASK,         ASK,     ASK,         ASK,      ASK,          CLOSED,  CLOSED,   CLOSED),
    "seal":                (SEAL,        SEAL,    SEAL,        SEAL,     SEAL,         CLOSED,  CLOSED,   CLOSED),
    "end lease":           (OK,          OK,      LAPSE,       OK,       OK,           OK,      OK,       OK),
    "close":               (CLOSE,       CLOSE,   CLOSE,       CLOSE,    CLOSE,        OK,      OK,       OK),
    "reopen":              (OK,          OK,      OK,          REOPEN,   REOPEN,       REOPEN,  OK,       OK),
    "overturn":            (OK,          OK,      OK,          OK,       OK,           OVERTURN, OK,      OK),
    "withdraw":            (WITHDRAW,    WITHDRAW, WITHDRAW,   WITHDRAW, WITHDRAW,     OK,      OK,       OK),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_every_state(command, state):
    expected = TABLE[command][list(STATES).index(state)]
    if isinstance(expected, str):
        with pytest.raises((Conflict, NotAllowed)) as refused:
            COMMANDS[command](STATES[state])
        assert refused.value.code == expected
    else:
        wanted = expected if expected is None or expected is OK else [expected]
        assert COMMANDS[command](STATES[state]) == wanted


def test_the_table_is_whole():
    assert set(TABLE) == set(COMMANDS)
    assert {len(row) for row in TABLE.values()} == {len(STATES)}
    assert {c.state for c in STATES.values()} == set(CaseState)


def test_a_lease_holds_until_its_last_instant():
    assert rules.holder(HELD, NOW + LEASE - timedelta(microseconds=1)) == NOOR
    assert rules.holder(HELD, NOW + LEASE) is None
    assert rules.holder(FREE, NOW) is None


def test_nobody_hands_over_to_themselves():
    with pytest.raises(Conflict) as refused:
        rules.hand_over(HELD, NOOR, NOOR, NOW)
    assert refused.value.code == "to-yourself"


def test_a_case_handed_over_is_for_one_person_until_they_let_it_go():
    handed = rules.apply(HELD, HAND)
    assert (handed.for_person, handed.claimed_by, handed.lease_until) == (TOMAS, None, None)
    claimed = rules.apply(handed, CLAIM_OTHER)
    assert claimed.for_person == TOMAS
    for why in ("given_back", "skipped", "lease_ended"):
        assert rules.apply(claimed, CaseReleased(CASE, why, TOMAS)).for_person is None


def test_who_skips_is_remembered():
    skipped = rules.apply(HELD, CaseReleased(CASE, "skipped", NOOR))
    assert (skipped.skipped_by, skipped.claimed_by) == ((NOOR,), None)
    assert rules.apply(HELD, CaseReleased(CASE, "given_back", NOOR)).skipped_by == ()


def test_a_case_waits_for_one_decision_only():
    with pytest.raises(Conflict) as refused:
        rules.may_second(PROPOSED, OTHER)
    assert refused.value.code == "nothing-waits"


def test_only_the_decision_that_closed_a_case_is_overturned_and_once():
    assert rules.overturn(DECIDED, OTHER) == []
    overturned = rules.apply(DECIDED, OVERTURN)
    assert (overturned.state, overturned.confirmed) == (CaseState.DECIDED, False)
    assert rules.overturn(overturned, DECISION) == []


def test_reopening_forgets_the_decision():
    again = rules.apply(DECIDED, REOPEN)
    assert (again.state, again.decision, again.closed_at, again.confirmed) == (CaseState.OPEN, None, None, False)
    assert rules.apply(PROPOSED, REOPEN).proposed_by is None


def test_joining_adds_only_what_is_new():
    notice = ReportId("ntc_1")
    assert rules.join(FREE, (FIRST,), PARTS, ()) == []
    [joined] = rules.join(FREE, (FIRST, SECOND), PARTS, (notice,))
    after = rules.apply(FREE, joined)
    assert (after.items, after.notices) == ((FIRST, SECOND), (notice,))
    assert rules.join(after, (FIRST, SECOND), PARTS, (notice,)) == []
    [renewed] = rules.join(after, (), (), ())
    assert rules.apply(after, renewed).parts == ()


def test_nothing_comes_before_the_case_and_nothing_foreign_into_it():
    for before, event in ((None, CLAIM), (FREE, NoticeReceived(ReportId("n"), "A", None, NOW))):
        with pytest.raises(Conflict) as refused:
            rules.apply(before, event)
        assert refused.value.code == "event-does-not-fit"


def test_a_notice_is_received_and_answered():
    notice = ReportId("ntc_1")
    received = rules.apply_notice(None, NoticeReceived(notice, "ABCD-1234-EFGH", FIRST.item, NOW))
    assert (received.outcome, received.answered_at) == (None, None)
    answered = rules.apply_notice(received, NoticeAnswered(notice, DECISION, "remove", NOW))
    assert (answered.outcome, answered.decision, answered.answered_at) == ("remove", DECISION, NOW)
    with pytest.raises(Conflict):
        rules.apply_notice(None, NoticeAnswered(notice, DECISION, "remove", NOW))
