"""Every route, every asker, own and other and absent things: answered as `matrix.csv` says, and no other way."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update

from beffroi.doors.console.routes import ROUTES as CONSOLE
from beffroi.ground.kernel.limits import RECENT_AUTH_S_MAX
from beffroi.ground.storage.events import event_table
from beffroi.staff.model import Role
from beffroi.staff.tables import session_table
from tests.nodes import ACTOR

from .askers import ASKERS, Asker, asker, send
from .asks import ASKS
from .matrix import Line, lines, served
from .scene import Scene
from .sent import Sent, Whose

LINES = lines()
NOBODYS = frozenset({"token", "item", "account", "setting", "effect", "event", "path", "name"})
"""What things are called in an address that belong to nobody who asks: only `other` and `absent` are asked there."""
_OF_SOMEBODY = frozenset({"/api/v1/backfill/{name}"})
_STREAM = "GET /console/changes"


def origin(scene: Scene) -> dict[str, str]:
    """What a browser says of a form on a page of this node."""
    return {"Origin": scene.house.settings.public_url, "Sec-Fetch-Site": "same-origin"}


def newest(scene: Scene) -> int:
    """The number of the newest event."""
    with scene.house.read() as conn:
        return conn.execute(select(func.coalesce(func.max(event_table.c.seq), 0))).scalar_one()


def path_of(line_path: str, sent: Sent) -> str:
    """The address with its parts filled in."""
    address = line_path.replace("{path:path}", "{path}")
    filled = address.format(**{name: quote(str(part), safe="/") for name, part in sent.parts.items()})
    return f"{filled}?{sent.query}" if sent.query else filled


def answered(scene: Scene, who: Asker, route: str, sent: Sent, headers: dict[str, str]) -> str:
    """The answer as a cell of the matrix would have it."""
    method, _, address = route.partition(" ")
    path = path_of(address, sent)
    if route == _STREAM:
        return str(asyncio.run(begun(scene, who, path)))
    answer = send(scene.node.client, who, method, path, headers | dict(sent.headers), **sent.more)
    gate = re.match(r"/(login|again)\?next=", answer.headers.get("location", ""))
    return gate[1] if answer.status_code == 303 and gate else str(answer.status_code)


async def begun(scene: Scene, who: Asker, path: str) -> int:
    """The status of an answer that has no end, to a visitor who leaves when it begins."""
    statuses: list[int] = []
    has_begun = asyncio.Event()
    cookie = "; ".join(f"{name}={value}" for name, value in who.cookies.items()).encode()
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookie)],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await has_begun.wait()
        return {"type": "http.disconnect"}

    async def take(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            has_begun.set()

    await scene.node.client.app(scope, receive, take)
    return statuses[0]


def is_refusal(cell: str) -> bool:
    """Whether nothing may have happened."""
    return cell in {"login", "again"} or cell >= "400"


def comes(scene: Scene, name: str, path: str) -> Asker:
    """The asker; where they change how they prove who they are, somebody new, so that nobody else finds it changed."""
    is_oneself = path.startswith("/console/me/") and name in set(Role)
    return asker(scene.node, name, scene.person(Role(name)) if is_oneself else None)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_asker_is_answered_as_the_matrix_says(scene: Scene, line: Line) -> None:
    wrong, sent = [], None
    for name in ASKERS:
        who = comes(scene, name, line.path)
        sent = sent or ASKS[line.route](Whose(scene, who, line.thing))
        before = newest(scene)
        cell = answered(scene, who, line.route, sent, origin(scene))
        if cell != line.cells[name]:
            wrong.append(f"{name}: the matrix says {line.cells[name]}, the node {cell}")
        if is_refusal(cell) and newest(scene) != before:
            wrong.append(f"{name}: was refused ({cell}), and yet something was recorded")
        if line.thing in {"own", "-"} or not (is_refusal(cell) or line.method == "GET"):
            sent = None  # it is the asker's, or it was changed: the next one gets another
    assert not wrong, f"{line}\n" + "\n".join(wrong)


def test_the_matrix_and_the_routes_name_each_other(scene: Scene) -> None:
    routes, told = served(scene.node.client.app), {line.route for line in LINES}
    untold, gone = sorted(routes - told), sorted(told - routes)
    assert not untold, "routes without a line in matrix.csv:\n" + "\n".join(untold)
    assert not gone, "lines in matrix.csv without a route:\n" + "\n".join(gone)
    assert set(ASKS) == routes, "asks.py says of each route what is sent to it"


def test_each_route_is_asked_about_own_other_and_absent_things() -> None:
    things: dict[str, set[str]] = {}
    for line in LINES:
        things.setdefault(line.route, set()).add(line.thing)
    missing = {route: needed(route) - told for route, told in things.items() if needed(route) - told}
    assert not missing, f"lines missing from matrix.csv: {missing}"
    assert [line for line, times in Counter(map(str, LINES)).items() if times > 1] == []


def needed(route: str) -> set[str]:
    """Which things a route must be asked about."""
    names = re.findall(r"{(\w+)", route)
    if not names:
        return set()
    is_nobodys = set(names) <= NOBODYS | {"digest"} and route.partition(" ")[2] not in _OF_SOMEBODY
    return {"other", "absent"} if is_nobodys else {"own", "other", "absent"}


def test_each_cell_says_something() -> None:
    known = {"login", "again", "200", "201", "303", "401", "403", "404", "409", "422"}
    assert [(str(line), name) for line in LINES for name in ASKERS if line.cells[name] not in known] == []


RECENT = [f"{row.method} {row.path}" for row in CONSOLE if row.recent]


@pytest.mark.parametrize("route", RECENT)
def test_what_cannot_be_undone_asks_again_who_it_is(scene: Scene, route: str) -> None:
    who = comes(scene, Role.ADMINISTRATOR, route.partition(" ")[2])
    thing = "other" if "/people/{" in route else "own"
    sent = ASKS[route](Whose(scene, who, thing))
    assert who.person is not None
    age_sessions(scene, who)
    before = newest(scene)
    assert answered(scene, who, route, sent, origin(scene)) == "again"
    assert newest(scene) == before


def age_sessions(scene: Scene, who: Asker) -> None:
    """Their last proof is older than what cannot be undone allows."""
    kept = session_table
    proved_at = scene.house.clock.now() - timedelta(seconds=RECENT_AUTH_S_MAX + 1)
    aged = update(kept).where(kept.c.person == who.person).values(proved_at=proved_at)
    scene.house.write("law", ACTOR, lambda tx: tx.conn.execute(aged))


def test_a_key_sees_its_own_backfill_and_nobody_elses(scene: Scene) -> None:
    who = asker(scene.node, "platform_key")
    for thing, cursor in (("own", "10"), ("other", None)):
        sent = ASKS["GET /api/v1/backfill/{name}"](Whose(scene, who, thing))
        path = path_of("/api/v1/backfill/{name}", sent)
        assert send(scene.node.client, who, "GET", path, {}).json()["cursor"] == cursor
