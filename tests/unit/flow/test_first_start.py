"""The first start."""

from beffroi.flow import first_start
from beffroi.staff import enrol, service
from beffroi.staff.model import Credentials, Role


def person(node, *roles, demo=False):
    identity = enrol.identity(node.house.pepper, "Ada", f"ada{len(roles)}{demo}@node.example")
    credentials = Credentials(node.house.hasher.hash("seven lanterns by the canal"), None)
    node.write(lambda tx: service.create_person(tx, identity, roles, credentials, demo=demo))


def test_there_is_a_link_while_nobody_administers(any_node):
    first, second = first_start.link(any_node.house), first_start.link(any_node.house)
    assert first is not None
    assert second not in {None, first}


def test_once_there_is_an_administrator_there_is_none(node):
    person(node, Role.MODERATOR)
    assert first_start.link(node.house) is not None
    person(node, Role.ADMINISTRATOR, Role.MODERATOR)
    assert first_start.link(node.house) is None
