"""`beffroi bench verdict`: how long an upload waits for its answer.

Owns: the measurement of the verdict endpoint on this machine, over real HTTP against a real node process.
Promises: every answer is checked (the known copy matches, the others do not); the machine is described; the
hashing that the peer (Pillow and pdqhash) would need for the same picture is measured in the same run.
Never does: time anything in tests.
"""

import base64
import http.client
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from beffroi.app import open_house
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.matching import service as matching
from beffroi.matching.model import BankTerms, EntryGiven
from beffroi.settings import Settings
from beffroi.signals import Posted, extract
from beffroi.staff import keys
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Identity, Role
from beffroi.staff.permissions import PLATFORM_SCOPES
from beffroi.staff.proof import tokens

from ._options import say, show

app = typer.Typer(no_args_is_help=True)
_CALLERS = 14
_PHRASE = "the paper lamp sings at noon"


@app.callback()
def _bench() -> None:
    """Measurements; run them on an idle machine."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies of one load, milliseconds as the caller sees them."""

    what: str
    load: str
    requests: int
    per_s: float
    p50_ms: float
    p99_ms: float
    worst_ms: float


@app.command()
def verdict(
    requests: Annotated[int, typer.Option(min=50, help="Requests per row.")] = 400,
    port: Annotated[int, typer.Option(help="Port for the node that is measured.")] = 8190,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Text and a 1-MP JPEG, alone and with 14 callers at half of what the node can do."""
    rows: list[Measured] = []
    pictures = [_picture(seed) for seed in range(32)]
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder:
        key = _prepare(Path(folder), port, pictures[0])
        with _node(Path(folder), port):
            for what, body in (("text", _text), ("1-MP JPEG", lambda n: _media(n, pictures))):
                ask = _Caller(port, key, body)
                _run(ask, 30, 1, None)
                rows.append(_measured(what, "idle, 1 caller", *_run(ask, requests, 1, None)))
                full = _measured(what, f"as fast as it goes, {_CALLERS} callers", *_run(ask, requests, _CALLERS, None))
                half = _run(ask, requests, _CALLERS, full.per_s / 2)
                rows += [_measured(what, f"half load, {_CALLERS} callers", *half), full]
    peer = _peer_hash_ms(pictures)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if as_json:
        for row in rows:
            say({name: getattr(row, name) for name in Measured.__dataclass_fields__})
        say({"peer": "Pillow + pdqhash, one 1-MP JPEG, hashing alone", "p50_ms": peer, "machine": machine})
        return
    names = ("what", "load", "requests", "per s", "p50 ms", "p99 ms", "worst ms")
    shown = (
        (r.what, r.load, r.requests, f"{r.per_s:.0f}", f"{r.p50_ms:.1f}", f"{r.p99_ms:.1f}", f"{r.worst_ms:.1f}")
        for r in rows
    )
    show(f"Verdict over HTTP ({machine})", names, shown)
    typer.echo(f"Peer, hashing alone (Pillow + pdqhash, the same JPEG): {peer or 'pdqhash is not installed'} ms")


class _Caller:
    """One kind of request, asked over a kept connection per thread; every answer is checked."""

    def __init__(self, port: int, key: str, body: Callable[[int], tuple[dict[str, Any], bool]]) -> None:
        self._port, self._key, self._body = port, key, body
        self._local = threading.local()
        self._next = iter(range(10**9))
        self._guard = threading.Lock()

    def prepare(self) -> tuple[bytes, bool]:
        """The next request, made before the clock starts."""
        with self._guard:
            number = next(self._next)
        item, matches = self._body(number)
        return json.dumps({"deadline_ms": 30_000, "item": item}).encode(), matches

    def ask(self, body: bytes, *, matches: bool) -> float:
        """Seconds until the answer was here."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        began = time.perf_counter()
        connection.request("POST", "/api/v1/screen", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        took = time.perf_counter() - began
        if answer.status != 200 or bool(said["reasons"]) != matches:  # noqa: PLR2004 (HTTP's own number)
            message = f"wrong answer: {answer.status} {said}"
            raise RuntimeError(message)
        return took


def _run(caller: _Caller, requests: int, callers: int, rate_per_s: float | None) -> tuple[list[float], float]:
    """Latencies, and how long it took in all; with a rate, requests start on schedule and lateness counts."""
    prepared = [caller.prepare() for _ in range(requests)]
    took: list[float] = []
    turn = iter(range(requests))
    guard = threading.Lock()
    began = time.perf_counter()

    def work() -> None:
        while True:
            with guard:
                number = next(turn, None)
            if number is None:
                return
            due = began + number / rate_per_s if rate_per_s else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            late = max(0.0, time.perf_counter() - due)
            body, matches = prepared[number]
            took.append(late + caller.ask(body, matches=matches))

    threads = [threading.Thread(target=work) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(took) != requests:
        message = "a caller failed; see above"
        raise RuntimeError(message)
    return took, time.perf_counter() - began


def _measured(what: str, load: str, took: list[float], elapsed_s: float) -> Measured:
    p50, p99 = (float(value) * 1000 for value in np.percentile(took, (50, 99)))
    return Measured(what, load, len(took), len(took) / elapsed_s, p50, p99, max(took) * 1000)


def _text(number: int) -> tuple[dict[str, Any], bool]:
    matches = number % 10 == 0
    words = f"Post {number}: " + (_PHRASE if matches else "a quiet evening by the canal, with bread and three herons")
    return _item(number, "t") | {"text": words}, matches


def _media(number: int, pictures: list[bytes]) -> tuple[dict[str, Any], bool]:
    which = number % len(pictures)
    inline = base64.b64encode(pictures[which]).decode()
    return _item(number, "m") | {"media": [{"data": inline}]}, which == 0


def _item(number: int, kind: str) -> dict[str, Any]:
    return {"platform_id": f"{kind}{number}", "account": {"platform_id": f"u{number % 50}", "name": "Somebody"}}


def _picture(seed: int) -> bytes:
    """A 1-MP JPEG with structure at many scales, the same for the same seed."""
    noise = np.random.default_rng(seed)
    layers = [np.kron(noise.random((1024 // s, 1024 // s, 3)), np.ones((s, s, 1))) for s in (256, 64, 16, 4)]
    mixed = sum(layer * weight for layer, weight in zip(layers, (4, 2, 1, 0.5), strict=True))
    pixels = (np.asarray(mixed) / 7.5 * 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return out.getvalue()


def _prepare(folder: Path, port: int, known: bytes) -> str:
    """A node with a bank of one picture and one phrase; the API key of its platform."""
    with open_house(Settings(data=folder, port=port)) as house:
        [read] = extract(house.decoder, [Posted(None, (known,))])
        pdq = next(signal.value for signal in read.signals if signal.type == "pdq")

        def work(tx: Tx) -> str:
            identity = Identity("Bench", "bench@node.example", tokens.lookup_of(house.pepper, "bench@node.example"))
            credentials = Credentials(house.hasher.hash("measured, never used"), None)
            person = staff.create_person(tx, identity, (Role.ADMINISTRATOR,), credentials)
            bank = matching.create_bank(tx, BankTerms("Bench", "to be measured", hourly_cap=100_000), person.id)
            matching.add_entry(tx, bank.id, EntryGiven("pdq", pdq), PersonId(person.id))
            matching.add_entry(tx, bank.id, EntryGiven("phrase", _PHRASE), PersonId(person.id))
            matching.promote(tx, bank.id, person.id)
            return keys.issue(tx, "bench", PLATFORM_SCOPES, person.id, days=1).written

        return house.write("law", Actor("command-line"), work)


@contextmanager
def _node(folder: Path, port: int) -> Iterator[int]:
    """A node process of its own, as an operator would run it; its id."""
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(folder), "--port", str(port)]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)  # noqa: S603 (our own interpreter and module)
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    end = time.perf_counter() + 60
    while time.perf_counter() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:  # noqa: PLR2004
                return
        except OSError:
            time.sleep(0.2)
    message = "the node did not come up within 60 s"
    raise RuntimeError(message)


def _peer_hash_ms(pictures: list[bytes]) -> float | None:
    """The median of Pillow decoding and pdqhash for the same pictures; None where pdqhash is not installed."""
    try:
        import pdqhash
    except ImportError:
        return None
    took = []
    for picture in pictures:
        began = time.perf_counter()
        pdqhash.compute(np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")))
        took.append((time.perf_counter() - began) * 1000)
    return round(float(np.median(took)), 1)
