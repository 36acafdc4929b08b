"""How much longer a message, and an upload with its message, take with the module on.

    .venv/bin/python -m bench.matrix [--pairs 300] [--json]

Two Synapse processes stand side by side on loopback, alike but for the module; behind the one stands a node process
with a bank. Each pair asks both, one right after the other, the order changing from pair to pair; every answer is
checked. Reported of each is p50 and p99 as the client waits, and the same of the difference within the pairs.

Owns: this measurement.
Promises: nothing but loopback is reached; both run from fresh databases that are up to date; nothing is left out.
Never does: assert a figure.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import numpy as np

from beffroi.cli.bench import _picture, _prepare
from examples.matrix.client import Client
from examples.matrix.homeserver import Homeserver

PORT = 8290
START_S_MAX = 120


@dataclass(frozen=True)
class Row:
    """Milliseconds as the client waits."""

    what: str
    pairs: int
    alone_p50: float
    alone_p99: float
    with_p50: float
    with_p99: float
    added_p50: float
    added_p99: float


def main() -> None:
    """Measure, print."""
    reader = argparse.ArgumentParser(prog="bench.matrix", description=__doc__.partition("\n")[0])
    reader.add_argument("--pairs", type=int, default=300)
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder, ExitStack() as closing:
        key = _prepare(Path(folder) / "node", PORT, _picture(0))
        closing.enter_context(_node(Path(folder) / "node"))
        module = {"node_url": f"http://127.0.0.1:{PORT}", "api_key": key, "deadline_ms": 30_000}
        alone = closing.enter_context(Homeserver(Path(folder) / "alone", PORT + 1))
        screened = closing.enter_context(Homeserver(Path(folder) / "screened", PORT + 2, module))
        rooms = [_room(server) for server in (alone, screened)]
        rows = [measured(what, asked.pairs, work, rooms) for what, work in WORK.items()]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load average {load}"
    if asked.json:
        for row in rows:
            print(json.dumps(asdict(row)))
        print(json.dumps({"machine": machine}))
        return
    print(f"{machine}\n{'':34}{'alone p50':>10}{'p99':>8}{'with p50':>10}{'p99':>8}{'added p50':>11}{'p99':>8}  ms")
    for row in rows:
        figures = (row.alone_p50, row.alone_p99, row.with_p50, row.with_p99, row.added_p50, row.added_p99)
        print(f"{row.what:34}" + "".join(f"{f:>{w}.1f}" for f, w in zip(figures, (10, 8, 10, 8, 11, 8), strict=True)))


Work = Callable[[Client, str, int], httpx.Response]


def _words(person: Client, room: str, number: int) -> httpx.Response:
    return person.say(room, f"Post {number}: a quiet evening by the canal, with bread and three herons")


def _upload(person: Client, room: str, number: int) -> httpx.Response:
    return person.upload(PICTURES[number % len(PICTURES)], "image/jpeg")


def _shown(person: Client, room: str, number: int) -> httpx.Response:
    """What a person waits for who posts a picture: upload, then the message."""
    mxc = person.uploaded(PICTURES[number % len(PICTURES)], "image/jpeg")
    return person.show(room, mxc, "picture.jpg")


WORK: dict[str, Work] = {
    "message": _words,
    "upload of a 1-MP JPEG, alone": _upload,
    "the same with its message": _shown,
}
PICTURES = [_picture(seed) for seed in range(1, 17)]


def measured(what: str, pairs: int, work: Work, rooms: list[tuple[Client, str]]) -> Row:
    """`pairs` times both, after a warm-up."""
    for number in range(20):
        for person, room in rooms:
            work(person, room, number).raise_for_status()
    took = np.zeros((pairs, 2))
    for number in range(pairs):
        for which in (0, 1) if number % 2 else (1, 0):
            person, room = rooms[which]
            began = time.perf_counter()
            answer = work(person, room, number)
            took[number, which] = time.perf_counter() - began
            answer.raise_for_status()
    took *= 1000
    alone, screened, added = took[:, 0], took[:, 1], took[:, 1] - took[:, 0]
    figures = [float(np.percentile(each, share)) for each in (alone, screened, added) for share in (50, 99)]
    return Row(what, pairs, *figures)


def _room(server: Homeserver) -> tuple[Client, str]:
    keeper = server.account("keeper", admin=True)
    while keeper.http.get("/_synapse/admin/v1/background_updates/status").json()["current_updates"]:
        time.sleep(0.5)
    person = server.account("alice")
    return person, person.room("Canal")


@contextmanager
def _node(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(folder), "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S_MAX
        while not _answers() and time.monotonic() < until:
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers() -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/health", timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
