"""Somebody asks to be erased: at once where nothing forbids it, later and by itself where something does."""

from datetime import timedelta

import pytest

from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven
from beffroi.decisions.model import Act
from beffroi.flow import erasure
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records import Erased, ErasureAsked
from beffroi.ground.records.holds import HoldWhy
from beffroi.ground.storage import Actor
from beffroi.ground.storage.events import history
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Identity, Role
from tests.unit.flow.node import Node
from tests.unit.flow.test_notice import give

SHELL = Actor("command-line", "test")


def told(node: Node, subject: str) -> list[str]:
    return [event.type for event in node.ask(history, "subject", subject)]


def settle(node: Node) -> None:
    while node.sweep():
        pass


def test_where_nothing_forbids_it_at_once(any_node: Node) -> None:
    any_node.post(text="A quiet evening")
    asked = erasure.ask(any_node.house, SHELL, "u-1")
    assert asked.waits_until is None
    assert any_node.house.vault.is_destroyed(asked.subject)
    assert any_node.ask(content_store.account_by_platform_id, "u-1") is None
    assert told(any_node, asked.subject) == [Erased.type()]
    with pytest.raises(Conflict):
        erasure.ask(any_node.house, SHELL, asked.subject)


def test_what_a_case_needs_stays_until_it_is_over_and_the_rest_goes_at_once(any_node: Node) -> None:
    any_node.bank()
    any_node.post()
    any_node.post(2, text="A quiet evening")
    quiet = any_node.ask(content_store.item_by_platform_id, "p-2")
    asked = erasure.ask(any_node.house, SHELL, "u-1")
    assert asked.waits_until == any_node.clock.now() + timedelta(days=1)
    assert any_node.ask(content_store.posted, any_node.house.vault, quiet.id, 1) is None
    any_node.decide(any_node.cases()[0], Act.NO_ACTION)
    for _ in range(4):
        any_node.move(days=1)
        settle(any_node)
    assert any_node.house.vault.is_destroyed(asked.subject)
    assert told(any_node, asked.subject) == [ErasureAsked.type(), Erased.type()]


def test_a_hold_beats_it_until_its_end(any_node: Node) -> None:
    any_node.post(text="A quiet evening")
    until = any_node.clock.now() + timedelta(days=20)
    hold = erasure.hold(any_node.house, SHELL, "u-1", until, HoldWhy.REVIEW)
    item = any_node.ask(content_store.item_by_platform_id, "p-1")
    asked = erasure.ask(any_node.house, SHELL, "u-1")
    assert asked.waits_until == until
    assert erasure.standing_holds(any_node.house) == [hold]
    any_node.move(days=19)
    settle(any_node)
    assert any_node.ask(content_store.posted, any_node.house.vault, item.id, 1) is not None
    for _ in range(4):
        any_node.move(days=1)
        settle(any_node)
    assert any_node.house.vault.is_destroyed(asked.subject)


def test_a_notifier_goes_once_they_have_their_answer(any_node: Node) -> None:
    any_node.post(text="A quiet evening")
    received = give(any_node)
    asked = erasure.ask(any_node.house, SHELL, received.reference)
    assert asked.waits_until is not None
    any_node.decide(any_node.cases()[0], Act.NO_ACTION)
    any_node.move(days=1)
    settle(any_node)
    assert any_node.house.vault.is_destroyed(asked.subject)
    assert any_node.ask(cases_store.notifier_by_reference, received.reference) is None


def test_who_works_here_leaves_first(any_node: Node) -> None:
    identity = Identity("Leo", "leo@node.example", "lookup")
    people = [
        any_node.write(staff.create_person, one, (Role.ADMINISTRATOR,), Credentials("hash", None))
        for one in (identity, Identity("Ada", "ada@node.example", "another"))
    ]
    with pytest.raises(Conflict) as refused:
        erasure.ask(any_node.house, SHELL, people[0].id)
    assert refused.value.code == "still-here"
    any_node.write(staff.leave, people[0].id, None)
    assert erasure.ask(any_node.house, SHELL, people[0].id).waits_until is None
    assert any_node.house.vault.is_destroyed(SubjectId(people[0].id))


@pytest.mark.parametrize("whom", ["nobody", "acc_00000000000000000000000000", ""])
def test_who_is_not_known_here(node: Node, whom: str) -> None:
    node.post(account=AccountGiven("u-1", "Somebody"))
    with pytest.raises(NotFound):
        erasure.ask(node.house, SHELL, whom)
