"""The two ways to the database."""

import pytest

from beffroi.ground.kernel.errors import Conflict, Unavailable
from beffroi.ground.storage.tx import NODE


def test_a_commit_is_announced_and_a_refusal_is_not(node):
    before = node.house.changes.number
    assert node.house.write("law", NODE, lambda tx: "done") == "done"
    assert node.house.changes.number == before + 1

    def refuse(tx):
        raise Conflict("no", "no")

    with pytest.raises(Conflict):
        node.house.write("law", NODE, refuse)
    assert node.house.changes.number == before + 1


def test_a_guard_is_asked_in_the_same_transaction(node):
    def refuse(tx):
        assert tx.conn.in_transaction()
        raise Conflict("no", "no")

    done = []
    with pytest.raises(Conflict):
        node.house.guarded(refuse).write("law", NODE, done.append)
    assert done == []
    assert node.house.guarded(lambda _tx: None).write("law", NODE, lambda _tx: "done") == "done"
    assert node.house.write("law", NODE, lambda tx: "done") == "done"


def test_reading_cannot_write(node):
    with pytest.raises(Unavailable), node.house.read() as conn:
        conn.exec_driver_sql("DELETE FROM bank")


def test_no_secret_is_shown(node):
    assert node.house.pepper.hex() not in repr(node.house)
    assert repr(node.house.pepper) not in repr(node.house)
