"""The register by the roads from outside."""

from beffroi.flow import register
from beffroi.ground.storage import Actor
from beffroi.parties.model import AuthorityState
from tests.unit.flow.node import IOANA, TOMAS, Node
from tests.unit.parties.invented import OFFICE, PHONE


def test_entered_called_back_taken_off(node: Node):
    entry = register.add(node.house, _as(IOANA), IOANA, OFFICE)
    assert register.verify(node.house, _as(TOMAS), TOMAS, entry.id, PHONE).state is AuthorityState.PINNED
    register.end(node.house, _as(IOANA), IOANA, entry.id, "closed")
    assert [one.state for one in register.entries(node.house)] == [AuthorityState.ENDED]


def _as(person):
    return Actor("person", person)
