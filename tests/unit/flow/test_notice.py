"""Notice in: located or not, confirmed, decided by a person, answered."""

from dataclasses import replace

import pytest

from beffroi.cases import store as cases_store
from beffroi.cases import views
from beffroi.cases.model import CaseKind, CaseState
from beffroi.decisions.model import Act
from beffroi.flow import notice, platform_events
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.storage import Actor
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import PLATFORM

PUBLIC = Actor("public")


def give(node, number=1, **changes):
    url = f"https://agora.example/p/p-{number}"
    return notice.receive(node.house, PUBLIC, replace(NOTICE, url=url, **changes))


def status(node, received):
    return node.ask(views.notice_status, received.token)


def test_a_notice_of_something_known_opens_its_item_s_case_and_acts_on_nothing(any_node):
    answer = any_node.post(text="A quiet evening")
    received = give(any_node)
    [case] = any_node.cases()
    assert (case.kind, case.items[0].item) == (CaseKind.ITEM, answer.item)
    assert any_node.restrictions(answer.item) == []
    assert (status(any_node, received).reference, status(any_node, received).outcome) == (received.reference, None)


def test_a_notice_of_an_unknown_address_waits_for_a_person_too(node):
    give(node, 404)
    [case] = node.cases()
    assert (case.kind, case.items) == (CaseKind.NOTICE, ())


def test_notices_join_the_open_case(node):
    node.bank()
    node.post()
    received = [give(node) for _ in range(2)]
    [case] = node.cases()
    assert len(case.notices) == 2
    assert len({one.reference for one in received} | {one.token for one in received}) == 4


@pytest.mark.parametrize("act", [Act.REMOVE, Act.NO_ACTION])
def test_every_notifier_can_read_what_was_decided(node, act):
    node.post(text="A quiet evening")
    received = [give(node) for _ in range(2)]
    decision = node.decide(node.cases()[0], act)
    assert [(status(node, one).outcome, status(node, one).decision) for one in received] == [
        (act.value, decision.id)
    ] * 2  # fmt: skip


def test_a_notifier_is_told_that_the_author_was_faster(node):
    node.post(text="A quiet evening")
    received = give(node)
    case = node.cases()[0]
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    assert node.ask(cases_store.CASES.load, case.id).state is CaseState.WITHDRAWN
    assert (status(node, received).outcome, status(node, received).decision) == ("deleted_by_author", None)


def test_a_notice_that_lacks_something_leaves_nothing(node):
    with pytest.raises(Invalid) as refused:
        give(node, explanation="")
    assert refused.value.where == "explanation"
    assert node.cases() == []
