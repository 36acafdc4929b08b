"""Whole `beffroi serve` processes, killed while a platform posts over HTTP: what was answered is there, once."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from beffroi.app import open_house
from beffroi.content import store as content
from beffroi.flow.records import ROWS
from beffroi.settings import Settings
from tests.nodes import PHRASE, running

KILLS = int(os.environ.get("BEFFROI_SERVE_KILLS", "10"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(folder: Path, database: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(folder), "--port", str(port)]
    environment = os.environ | {"BEFFROI_DATABASE": database, "BEFFROI_DECODERS": "1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _post(port: int, key: str, generation: int, node: "subprocess.Popen[bytes]") -> list[tuple[str, str]]:
    """Post until the node is gone, in the middle of whatever it does; (platform id, item) of all it answered."""
    told: list[tuple[str, str]] = []
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10) as client:
        while node.poll() is None:
            platform_id = f"s{generation}-{len(told)}"
            text = PHRASE if len(told) % 3 == 0 else "A quiet evening"
            item = {"platform_id": platform_id, "account": {"platform_id": f"u{len(told) % 4}"}, "text": text}
            try:
                answer = client.post("/api/v1/screen", json={"item": item, "deadline_ms": 9000})
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                told.append((platform_id, answer.json()["item"]))
    return told


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_node_comes_back_whole(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    database = "" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    with running(tmp_path / "node", database) as node:
        key = node.key
    chance, told, port = random.Random(7), [], _free_port()
    for generation in range(KILLS):
        with _serving(tmp_path / "node", database, port) as serving:
            _wait_for(port)
            killing = threading.Timer(chance.uniform(0.2, 1.2), serving.kill)
            killing.start()
            told += _post(port, key, generation, serving)
            killing.join()
    with open_house(Settings(data=tmp_path / "node", database=database, decoders=1)) as house, house.read() as conn:
        for platform_id, item in told:
            found = content.item_by_platform_id(conn, platform_id)
            assert found is not None, f"acknowledged {platform_id} is not there"
            assert found.id == item
        for rows in ROWS:
            assert list(rows.disagreements(conn)) == []
    print(f"{KILLS} kills, {len(told)} items acknowledged")
    assert len(told) > KILLS


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the node did not come up")
