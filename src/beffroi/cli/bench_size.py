"""`beffroi bench size`: what a machine for so many uploads must have: computing time and room on the disk.

Owns: the measurement, over real HTTP against a real node process.
Promises: computing time is that of the node and all its children, as the kernel counts it, so that other work on the
machine hardly matters; the disk is measured after the log has taken everything up and the node has stopped.
Never does: judge what is enough; peaks are the operator's to know.
"""

import base64
import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from beffroi.ground.kernel.limits import BATCH_UNITS_MAX, LEDGER_CADENCE_S

from ._options import say, show
from .bench import _PHRASE, _node, _picture, _prepare

_MILLION = 1_000_000
_MATCHES_EVERY = 1000
_POSTS_OF_AN_ACCOUNT = 20
_TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sized:
    """What a million uploads of a kind cost, from `uploads` of them."""

    what: str
    uploads: int
    core_s_per_million: float
    gb_per_million: float
    database_gb: float
    vault_gb: float


def size(
    texts: Annotated[int, typer.Option(min=1000, help="Posts of one sentence.")] = 20_000,
    pictures: Annotated[int, typer.Option(min=100, help="Posts with one 1-MP JPEG.")] = 2_000,
    port: Annotated[int, typer.Option(help="Port for the node that is measured.")] = 8191,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Core-seconds and GB for a million uploads: text in batches, and 1-MP JPEGs one by one."""
    jpegs = [_picture(seed) for seed in range(32)]
    rows = [
        _sized("text, in batches", texts, port, jpegs[0], _batches(texts)),
        _sized("1-MP JPEG", pictures, port, jpegs[0], _singles(pictures, jpegs)),
    ]
    if as_json:
        for row in rows:
            say(asdict(row))
        return
    names = ("what", "uploads", "core-s / 1M", "GB / 1M", "database", "vault")
    shown = (
        (
            r.what,
            r.uploads,
            f"{r.core_s_per_million:.0f}",
            f"{r.gb_per_million:.2f}",
            f"{r.database_gb:.2f}",
            f"{r.vault_gb:.2f}",
        )
        for r in rows
    )
    show(f"One in {_MATCHES_EVERY} matches; {_POSTS_OF_AN_ACCOUNT} posts an account", names, shown)


def _sized(what: str, uploads: int, port: int, known: bytes, asked: Iterable[tuple[str, bytes]]) -> Sized:
    with tempfile.TemporaryDirectory(prefix="beffroi-size-") as name:
        folder = Path(name)
        key = _prepare(folder, port, known)
        empty = _bytes(folder)
        with _node(folder, port) as process:
            began_s = _core_s(process)
            for path, body in asked:
                _ask(port, key, path, body)
            time.sleep(LEDGER_CADENCE_S + 5)  # until the log has taken it all up
            took_s = _core_s(process) - began_s
        full = _bytes(folder)
    grown = {part: (full[part] - empty[part]) / uploads * _MILLION / 1e9 for part in full}
    return Sized(what, uploads, took_s / uploads * _MILLION, sum(grown.values()), grown["database"], grown["vault"])


def _batches(uploads: int) -> Iterator[tuple[str, bytes]]:
    for start in range(0, uploads, BATCH_UNITS_MAX):
        items = [_text(number) for number in range(start, min(start + BATCH_UNITS_MAX, uploads))]
        yield "/api/v1/screen/batch", json.dumps({"deadline_ms": 30_000, "items": items}).encode()


def _singles(uploads: int, jpegs: list[bytes]) -> Iterator[tuple[str, bytes]]:
    for number in range(uploads):
        which = 0 if number % _MATCHES_EVERY == 0 else 1 + number % (len(jpegs) - 1)
        media = [{"data": base64.b64encode(jpegs[which]).decode()}]
        item = _item(number) | {"media": media}
        yield "/api/v1/screen", json.dumps({"deadline_ms": 30_000, "item": item}).encode()


def _text(number: int) -> dict[str, Any]:
    words = _PHRASE if number % _MATCHES_EVERY == 0 else "a quiet evening by the canal, with bread and three herons"
    return _item(number) | {"text": f"Post {number}: {words}"}


def _item(number: int) -> dict[str, Any]:
    return {"platform_id": f"s{number}", "account": {"platform_id": f"u{number // _POSTS_OF_AN_ACCOUNT}"}}


def _ask(port: int, key: str, path: str, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 200 or b'"problem"' in said:  # noqa: PLR2004 (HTTP's own number)
        message = f"wrong answer: {answer.status} {said[:200]!r}"
        raise RuntimeError(message)


def _core_s(process: int) -> float:
    """Computing time of a process, of its children that ended, and of those that live."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15]) / _TICKS_S  # utime, stime, cutime, cstime (proc(5), 14 to 17)
    children = {
        child for task in Path(f"/proc/{process}/task").glob("*/children") for child in task.read_text().split()
    }
    return own + sum(_core_s(int(child)) for child in children)


def _bytes(folder: Path) -> dict[str, int]:
    """What lies on the disk, by part."""
    parts = {"database": "beffroi.db*", "vault": "vault.db*", "blobs": "blobs/**/*"}
    return {part: sum(p.stat().st_size for p in folder.glob(name) if p.is_file()) for part, name in parts.items()}
