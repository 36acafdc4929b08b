"""What nothing points to goes after a day; what something points to stays."""

import os

import pytest

from beffroi.doors.platforms import Refused
from beffroi.flow import leftovers, screening
from beffroi.flow.leftovers import Collected
from beffroi.ground.kernel.ids import SubjectId, fresh
from beffroi.ground.storage.effects import recent
from tests.unit.flow.node import PLATFORM, Node
from tests.unit.flow.test_notice import give

NOTHING = Collected(0, 0, 0)


@pytest.fixture
def crashed(node: Node) -> tuple[SubjectId, str]:
    """Sealed and written, and then the transaction did not come."""
    subject = SubjectId(fresh("sub", node.clock.now()))
    blob = node.house.blobs.put(node.house.vault.seal(subject, b"bytes", "media"))
    at(node, blob)
    return subject, blob


def at(node: Node, blob: str) -> None:
    """The disk's clock is not ours to move."""
    written = node.clock.now().timestamp()
    os.utime(node.house.blobs._path(blob), (written, written))


def test_a_day_later_and_not_before(node: Node, crashed: tuple[SubjectId, str]) -> None:
    subject, blob = crashed
    node.move(hours=24)
    assert leftovers.collect(node.house) == NOTHING
    node.move(seconds=1)
    assert leftovers.collect(node.house) == Collected(0, 1, 1)
    assert not node.house.blobs.has(blob)
    assert node.house.vault.is_destroyed(subject)
    assert leftovers.collect(node.house) == NOTHING


def test_what_something_points_to_stays(any_node: Node) -> None:
    any_node.post(text="A quiet evening")
    give(any_node)
    screening.owe(any_node.house, PLATFORM, any_node.given(4))
    for blob in any_node.house.blobs.keys():  # noqa: SIM118 (a method of ours)
        at(any_node, blob)
    before = any_node.house.vault.living("")
    any_node.move(days=3)
    assert leftovers.collect(any_node.house) == NOTHING
    assert any_node.house.vault.living("") == before


def test_a_verdict_nobody_would_hear_is_kept_for_another_try_and_then_forgotten(node: Node) -> None:
    screening.owe(node.house, PLATFORM, node.given(4))
    node.move(seconds=2)
    node.platform.answers = [Refused("not now", final=True)]
    node.work()
    (late,) = [e for e in node.ask(recent, limit=9) if e.kind == screening.LATE]
    node.move(days=6)
    leftovers.collect(node.house)
    assert screening.owed(node.house, late.payload) is not None
    node.move(days=2)
    assert leftovers.collect(node.house).verdicts == 1
    assert screening.owed(node.house, late.payload) is None
    assert leftovers.collect(node.house) == NOTHING


def test_what_a_writer_left_half_done_goes(node: Node, crashed: tuple[SubjectId, str]) -> None:
    path = node.house.blobs._path(crashed[1])
    partial = path.with_name(".abc.partial")
    path.rename(partial)
    node.move(days=2)
    assert leftovers.collect(node.house).blobs == 0
    assert not partial.exists()
