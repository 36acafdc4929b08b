"""What people post, and who they are, never stands in the log; every event and every refusal does (house rule S7)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from beffroi.app import open_house
from beffroi.ground.kernel.ids import EventId
from beffroi.ground.storage import events
from beffroi.settings import Settings
from tests.nodes import PHRASE, running

CANARY = "zq7canary"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, log: Path, database: str = "") -> Iterator[httpx.Client]:
    """A node in a process of its own, whose standard error is the file `log`."""
    port = free_port()
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(folder), "--port", str(port)]
    with log.open("wb") as standard_error:
        process = subprocess.Popen(
            command,
            env=os.environ | {"BEFFROI_DECODERS": "1", "BEFFROI_DATABASE": database},
            stdout=subprocess.DEVNULL,
            stderr=standard_error,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                while True:
                    try:
                        client.get("/health")
                        break
                    except httpx.TransportError:
                        assert process.poll() is None, log.read_text()
                        time.sleep(0.1)
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def canary(what: str) -> str:
    return f"{CANARY}-{what}"


def post_everything(client: httpx.Client, key: str) -> list[int]:
    """All that outsiders can say, each with a canary in it; the statuses they got."""
    bearer = {"Authorization": f"Bearer {key}"}
    account = {"platform_id": canary("account"), "name": canary("name")}
    item = {"platform_id": canary("item"), "account": account, "text": f"{PHRASE} {canary('text')}"}
    item |= {"url": f"https://agora.example/{canary('url')}"}
    notice = {
        "url": f"https://agora.example/{canary('reported')}", "explanation": canary("explanation"), "good_faith": True,
        "name": canary("notifier"), "email": f"{canary('mail')}@mail.example",
    }  # fmt: skip
    site = {"origin": str(client.base_url).rstrip("/")}
    asks: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/v1/screen", {"json": {"item": item, "deadline_ms": 9000}, "headers": bearer}),
        ("POST", "/api/v1/notices", {"json": notice, "headers": bearer}),
        ("POST", "/api/v1/events", {"json": {"type": "account.created", "account": account}, "headers": bearer}),
        ("POST", "/api/v1/screen", {"json": {"item": {canary("key"): 1}}, "headers": bearer}),
        ("POST", "/api/v1/screen", {"content": f'{{"a":"{canary("body")}"', "headers": bearer}),
        ("POST", "/api/v1/screen", {"json": {}, "headers": {"Authorization": f"Bearer {canary('token')}"}}),
        ("PUT", f"/api/v1/backfill/{canary('backfill')}", {"json": {"items": 1}, "headers": bearer}),
        ("GET", f"/api/v1/{canary('path')}?q={canary('query')}", {}),
        ("GET", f"/statement/{canary('statement')}", {}),
        ("GET", f"/console/cases/{canary('case')}", {}),
        (
            "POST",
            "/login",
            {"data": {"email": f"{canary('who')}@x.example", "password": canary("pw")}, "headers": site},
        ),
        ("POST", "/login", {"data": {"email": canary("crossed")}, "headers": {"origin": f"https://{CANARY}.example"}}),
        ("GET", "/metrics", {}),
    ]
    return [client.request(method, path, **more).status_code for method, path, more in asks]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[int], set[EventId]]:
    """The log, the statuses, and the ids of all events that were recorded meanwhile."""
    folder = tmp_path_factory.mktemp("canaries")
    with running(folder / "node") as node:
        key = node.key
        with node.house.read() as conn:
            before = {event.id for event in events.newest(conn, 1000)}
    with serving(folder / "node", folder / "log") as client:
        statuses = post_everything(client, key)
    with open_house(Settings(data=folder / "node", decoders=1)) as house, house.read() as conn:
        after = {event.id for event in events.newest(conn, 1000)}
    return (folder / "log").read_text(), statuses, after - before


def test_no_canary_stands_in_the_log(told: tuple[str, list[int], set[EventId]]) -> None:
    log, statuses, _ = told
    assert statuses[:3] == [200, 201, 200]
    assert CANARY not in log.lower()


def test_each_line_is_an_object(told: tuple[str, list[int], set[EventId]]) -> None:
    for line in told[0].splitlines():
        assert {"at", "level", "log"} <= json.loads(line).keys()


def test_each_event_has_its_line_once(told: tuple[str, list[int], set[EventId]]) -> None:
    log, _, recorded = told
    logged = [told["id"] for line in log.splitlines() if "event" in (told := json.loads(line))]
    assert recorded
    assert sorted(logged) == sorted(recorded)


def test_each_refusal_has_its_line_with_its_code(told: tuple[str, list[int], set[EventId]]) -> None:
    log, statuses, _ = told
    lines = [line for line in map(json.loads, log.splitlines()) if "refused" in line]
    assert [line["status"] for line in lines] == [status for status in statuses if status >= 400]
    codes = [line["refused"] for line in lines]
    assert {"invalid-request", "api-key-refused", "no-such-path", "not-signed-in", "cross-site"} <= set(codes)
    assert all(line["route"] == "none" or line["route"].startswith("/") for line in lines)
