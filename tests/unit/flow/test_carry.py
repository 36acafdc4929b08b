"""Into the record, or onto the spool: which failure leads where."""

from typing import Any

import pytest

from beffroi.flow.carry import Carried, carry
from beffroi.ground.kernel.errors import Conflict, Unavailable
from beffroi.ground.storage import Actor
from tests.unit.flow.node import Node

SOMEBODY = Actor("person", "prs_noor")


def failing(error: Exception) -> Carried:
    def enter(_tx: Any, _act: Any) -> None:
        raise error

    return Carried("test", enter)


def test_into_the_record(node: Node) -> None:
    seen: list[Any] = []
    assert carry(node.house, SOMEBODY, Carried("test", lambda tx, act: seen.append((tx.actor, act))), {"n": 1})
    [(actor, act)] = seen
    assert (actor, act.actor, act.kind, act.body, act.at) == (SOMEBODY, SOMEBODY, "test", {"n": 1}, node.clock.now())
    assert act.key.startswith("spl_")
    assert node.house.spool.waiting == 0


@pytest.mark.parametrize("code", ["record-not-written", "commit-in-doubt", "vault-unavailable"])
def test_onto_the_spool(node: Node, code: str) -> None:
    seen = node.house.changes.number
    assert not carry(node.house, SOMEBODY, failing(Unavailable(code, "not now")), {"n": 1})
    [frame] = node.house.spool.frames()
    assert (frame.act.kind, frame.act.actor, frame.act.body) == ("test", SOMEBODY, {"n": 1})
    assert node.house.changes.number > seen  # pages that watch look again


@pytest.mark.parametrize("error", [Unavailable("closing", "the node is stopping"), Conflict("no", "no")])
def test_neither(node: Node, error: Exception) -> None:
    with pytest.raises(type(error)):
        carry(node.house, SOMEBODY, failing(error), {})
    assert node.house.spool.waiting == 0


def test_what_the_check_refuses_is_not_kept(node: Node) -> None:
    def refuse(_conn: Any, _act: Any) -> None:
        raise Conflict("does-not-stand", "no")

    unavailable = failing(Unavailable("record-not-written", "not now"))
    with pytest.raises(Conflict):
        carry(node.house, SOMEBODY, Carried("test", unavailable.enter, refuse), {})
    assert node.house.spool.waiting == 0


def test_what_cannot_be_checked_is_kept(node: Node) -> None:
    def cannot(_conn: Any, _act: Any) -> None:
        raise Unavailable("record-not-written", "not even read")

    unavailable = failing(Unavailable("record-not-written", "not now"))
    assert not carry(node.house, SOMEBODY, Carried("test", unavailable.enter, cannot), {})
    assert node.house.spool.waiting == 1
