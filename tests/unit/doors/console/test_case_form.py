from datetime import UTC, datetime

import pytest
from starlette.datastructures import FormData

from beffroi.cases.model import Case, CaseItem, CaseKind, CaseState
from beffroi.decisions.model import Act, Clause, Exemption, Policy
from beffroi.doors.console.case_form import Given, answers, clauses, command, given, ground
from beffroi.doors.platforms import Capability
from beffroi.doors.web.forms import Form
from beffroi.ground.kernel.errors import Invalid

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Page:
    """As much of a `CasePage` as the form reads."""

    def __init__(self, kind=CaseKind.ITEM, items=("one",), notices=()):
        self.case = Case(
            "cas_1", 1, "98-AB", kind, CaseState.OPEN, tuple(CaseItem(i, 1) for i in items), None, None, (), notices,
            None, None, None, (), None, None, False, NOW, None,
        )  # fmt: skip
        self.items = [type("Read", (), {"matches": ()})() for _ in items]
        self.account = type("Account", (), {"account": "acc_1"})()
        self.lead = None


FILLED = Given("remove", "art", "It shows a drawing and nothing else.", "pol_1:3:4.2")


def test_the_equal_answers_keep_their_order_and_none_is_left_out():
    assert [a.act for a in answers(Page(), frozenset(Capability))] == [
        Act.NO_ACTION, Act.REMOVE, Act.RESTRICT_TERRITORIES, Act.LABEL,
    ]  # fmt: skip
    assert [a.act for a in answers(Page(CaseKind.ACCOUNT), frozenset(Capability))] == [
        Act.NO_ACTION, Act.WARN_ACCOUNT, Act.SUSPEND_ACCOUNT,
    ]  # fmt: skip


def test_what_the_platform_cannot_do_has_a_reason_and_no_action_never_has():
    offered = answers(Page(), frozenset({Capability.REMOVE}))
    assert [bool(a.reason) for a in offered] == [False, False, True, True]


def test_without_a_located_post_only_no_action_is_left():
    offered = answers(Page(CaseKind.NOTICE, items=()), frozenset(Capability))
    assert [bool(a.reason) for a in offered] == [False, True, True, True]


def test_the_form_becomes_the_command():
    wanted = command(Page(), FILLED, ["itm_1:2", "itm_2:1"])
    assert wanted.act is Act.REMOVE
    assert [(i.item, i.revision) for i in wanted.items] == [("itm_1", 2), ("itm_2", 1)]
    assert (wanted.ground.policy, wanted.ground.policy_number, wanted.ground.clause) == ("pol_1", 3, "4.2")
    assert wanted.exemption is Exemption.ART
    assert wanted.account is None


def test_no_action_takes_along_nothing_that_stands_in_the_form():
    wanted = command(Page(), Given("no_action", "art", "a sentence", "pol_1:3:4.2", "AT"), ["itm_1:1"])
    assert (wanted.ground, wanted.exemption, wanted.exemption_sentence, wanted.territories) == (None, None, "", ())


def test_territories_and_ends_belong_to_their_acts():
    wanted = command(Page(), Given("restrict_territories", "art", "s", "pol_1:1:1", "at, de  AT"), ["itm_1:1"])
    assert wanted.territories == ("AT", "DE")
    until = command(
        Page(CaseKind.ACCOUNT), Given("suspend_account", "art", "s", "pol_1:1:1", "", "2026-12-31"), []
    ).until
    assert until.isoformat().startswith("2026-12-31T23:59:59")


def test_an_account_is_decided_without_its_posts():
    wanted = command(Page(CaseKind.ACCOUNT), Given("warn_account", "art", "s", "pol_1:1:1"), ["itm_1:1"])
    assert (wanted.account, wanted.items) == ("acc_1", ())


@pytest.mark.parametrize(
    ("filled", "seen", "code"),
    [
        (Given(""), [], "no-such-choice"),
        (Given("delete everything"), [], "no-such-choice"),
        (Given("remove", "none applies"), [], "no-such-choice"),
        (Given("remove", "art", "s", "4.2"), [], "no-such-rule"),
        (Given("remove", "art", "s", "pol_1:x:4.2"), [], "no-such-rule"),
        (Given("remove", "art", "s", "pol_1:1:4.2"), ["itm_1"], "not-a-revision"),
        (Given("remove", "art", "s", "pol_1:1:4.2"), ["itm_1:²"], "not-a-revision"),
        (Given("suspend_account", "art", "s", "pol_1:1:4.2", "", "tomorrow"), [], "not-a-day"),
    ],
)
def test_what_no_form_of_ours_says_is_refused(filled, seen, code):
    with pytest.raises(Invalid) as refused:
        command(Page(), filled, seen)
    assert refused.value.code == code


def test_each_clause_of_each_policy_can_be_cited():
    policy = Policy(
        "pol_1", 1, "Terms", 3, (Clause("4.2", {"en": "T"}, {"en": "X"}, "terrorist_content", 4),), NOW, None
    )
    [choice] = clauses([policy])
    assert ground(choice.key).clause == "4.2"
    assert (choice.policy, choice.version) == ("Terms", 3)


def test_what_was_filled_in_is_kept_as_it_was_written():
    form = Form(FormData([("act", "remove"), ("exemption_sentence", " why "), ("rule", "r")]))
    assert given(form) == Given("remove", "", "why", "r")
