"""Whoever is named acts with their own roles, or nothing happens."""

import pytest

from beffroi.flow.acting import acting
from beffroi.ground.kernel.errors import NotAllowed, NotFound
from beffroi.staff import enrol, service
from beffroi.staff.model import Credentials, Role
from beffroi.staff.permissions import Permission
from tests.unit.flow.node import Node


def person(node: Node, name: str, *roles: Role):
    who = enrol.identity(node.house.pepper, name, f"{name}@node.example")
    return node.write(service.create_person, who, roles, Credentials("x", None)).id


def test_by_their_address(node: Node):
    ioana, noor = person(node, "ioana", Role.POLICY_LEAD), person(node, "noor", Role.MODERATOR)
    assert acting(node.house, "ioana@node.example", Permission.REGISTER_MANAGE) == ioana
    with pytest.raises(NotAllowed):
        acting(node.house, "noor@node.example", Permission.REGISTER_MANAGE)
    assert acting(node.house, "noor@node.example", Permission.REGISTER_READ) == noor
    with pytest.raises(NotFound):
        acting(node.house, "nobody@node.example", Permission.REGISTER_READ)


def test_who_is_suspended_does_nothing(node: Node):
    ioana = person(node, "ioana", Role.POLICY_LEAD)
    node.write(service.suspend, ioana, None)
    with pytest.raises(NotFound):
        acting(node.house, "ioana@node.example", Permission.REGISTER_MANAGE)
