"""Nodes under attack, one for a module, and people on them who prove who they are as they would outside the demo."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import enrol
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Role
from tests.nodes import ACTOR, PASSWORD, Running, running

SECRET = b"a telephone's secret"


def person(node: Running, name: str, *roles: Role) -> PersonId:
    """Somebody with `tests.nodes.PASSWORD` and a telephone that holds `SECRET`."""
    house = node.house
    who = enrol.identity(house.pepper, name.capitalize(), f"{name}@node.example")
    proof = Credentials(house.hasher.hash(PASSWORD), SECRET)
    made = house.write("law", ACTOR, lambda tx: staff.create_person(tx, who, roles or (Role.MODERATOR,), proof))
    return made.id


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """Starts a node with these settings; it ends with the module. Its crew does not work."""
    opened: list[Any] = []

    def begin(**settings: Any) -> Running:
        context = running(tmp_path_factory.mktemp("node"), **settings)
        node = context.__enter__()
        opened.append(context)
        node.node.crew.stop()
        return node

    yield begin
    for context in reversed(opened):
        context.__exit__(None, None, None)
