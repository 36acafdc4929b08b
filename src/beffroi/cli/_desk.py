"""How commands on the register and on orders reach the node: through it while it runs, or by the same handlers.

Owns: `desk`, which asks a route of the JSON API.
Promises: both ways go through the same shapes and the same handlers, so that their answers cannot differ.
Never does: write beside a running node (SQLite has one writer, DESIGN §4).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, get_type_hints

from pydantic import BaseModel, ValidationError

from beffroi.app import open_house
from beffroi.doors.api.routes import ROUTES
from beffroi.doors.web.access import LOCAL
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.json import canonical

from ._options import settings_from
from ._running import RunningNode, running


class Desk(Protocol):
    """What commands need."""

    def get(self, path: str) -> dict[str, Any]:
        """What stands there; `path` as in the route table, filled in."""
        ...

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do what the route does."""
        ...


@contextmanager
def desk(data: Path | None) -> Iterator[Desk]:
    """The node's own API, over the network or without one."""
    settings = settings_from(data=data)
    node = running(settings)
    if node is not None:
        yield _Through(node)
        return
    with open_house(settings) as house:
        yield _Direct(house)


class _Direct:
    def __init__(self, house: House) -> None:
        self._house = house

    def get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        for route in ROUTES:
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path), path)
            if found is not None and route.method == method:
                return self._answer(route.handler, found.groupdict(), body)
        raise NotFound("no-such-route", f"the API has no {method} {path}")

    def _answer(self, handler: Any, named: dict[str, str], body: dict[str, Any] | None) -> dict[str, Any]:
        wanted = get_type_hints(handler)
        own = {"house": self._house, "who": LOCAL, "connector": None}
        given = {name: value for name, value in own.items() if name in wanted} | named
        if "given" in wanted:
            given["given"] = _read_shape(wanted["given"], body or {})
        answer: BaseModel = handler(**given)
        told: dict[str, Any] = answer.model_dump(mode="json")
        return told


class _Through:
    """Through the node that runs."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def get(self, path: str) -> dict[str, Any]:
        return self._node.get(path)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._node.post(path, canonical(body))


def _read_shape(shape: type[BaseModel], body: dict[str, Any]) -> BaseModel:
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid("bad-input", f"{where}: {first['msg']}", where=where) from None
