"""`beffroi bench restore`: a backup made while a node works, restored on an empty host, with the figures.

Owns: the drill: fill, back up beside a writer, lose the host, restore in a fresh process, start, answer.
Promises: the commands are those an operator types, each a process of its own; everything acknowledged before the backup
began is looked for by name in what came back; `fsck` must find nothing; figures stand beside how busy the machine was.
Never does: touch a node that is there; everything happens in a folder that is removed.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from beffroi.app import open_house
from beffroi.content import store as content
from beffroi.content.model import AccountGiven, Submission
from beffroi.flow import screening
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import InvariantViolated, Refusal, ensure
from beffroi.ground.kernel.limits import BATCH_UNITS_MAX, LEDGER_CADENCE_S
from beffroi.ground.storage import Actor
from beffroi.ground.storage import events as recorded
from beffroi.settings import Settings

from ._options import say, show

_PLATFORM = Actor("key", "drill")
_LOOKED_FOR = 500
"""Acknowledged items that are looked for by name in what came back."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What it came to. Seconds, bytes; `lost_items` is what was acknowledged after the backup's moment."""

    events: int
    database_bytes: int
    backup_s: float
    written_meanwhile: int
    restore_s: float
    """The command, `fsck` of everything included."""
    start_s: float
    """Until the restored node has answered its first upload."""
    recovered_items: int
    lost_items: int
    machine: str
    load: float


def restore(
    events: Annotated[int, typer.Option(min=100, help="Events the node has before the backup.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Back up while writing, restore on an empty host, start, answer: how long it takes and what is lost."""
    with tempfile.TemporaryDirectory(prefix="beffroi-drill-") as folder:
        done = drill(Path(folder), events)
    if as_json:
        say(asdict(done))
        return
    show(f"Backup and restore ({done.machine}, load {done.load:.1f})", ("what", "figure"), _told(done))


def _told(done: Drilled) -> list[tuple[str, str]]:
    return [
        ("events", f"{done.events}"),
        ("database", f"{done.database_bytes / 1e6:.1f} MB"),
        ("backup, while the node writes", f"{done.backup_s:.1f} s"),
        ("items written meanwhile", f"{done.written_meanwhile}"),
        ("restore on an empty host, fsck of everything included", f"{done.restore_s:.1f} s"),
        ("start and first answer", f"{done.start_s:.1f} s"),
        ("back at work (RTO: restore, start)", f"{done.restore_s + done.start_s:.1f} s"),
        ("loss if backups follow one another (RPO)", f"{done.backup_s:.1f} s: {done.lost_items} items"),
    ]


def drill(folder: Path, events: int) -> Drilled:
    """The whole drill in an empty folder.

    Raises:
        InvariantViolated: something acknowledged before the backup is not in it, or a command failed.

    """
    there, out, chest, here = (folder / name for name in ("node", "backup", "chest", "host"))
    with open_house(_settings(there)) as house:
        before = _fill(house, events)
        writing = _Writing(house)
        backup_s, _ = _timed("backup", str(out), "--with-vault", str(chest), "--data", str(there))
        written = writing.stop()
        count = _events(house)
    restore_s, told = _timed("restore", str(out), "--vault", str(chest), "--data", str(here))
    ensure(told[-1]["clean"], "not-clean", "fsck found something in what came back")
    begun = time.perf_counter()
    with open_house(_settings(here, log_origin="drill.example/ledger-2")) as house:
        _post(house, "after the restore", 1)
        start_s = time.perf_counter() - begun
        step = max(1, len(before) // _LOOKED_FOR)
        _require(house, before[::step])
        house.integrator.beat()
        back = sum(_is_there(house, name) for name in written)
    return Drilled(
        events=count,
        database_bytes=(out / "beffroi.db").stat().st_size,
        backup_s=backup_s,
        written_meanwhile=len(written),
        restore_s=restore_s,
        start_s=start_s,
        recovered_items=len(before) + back,
        lost_items=len(written) - back,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        load=os.getloadavg()[0],
    )


class _Writing:
    """Somebody posts all the while."""

    def __init__(self, house: House) -> None:
        self._house, self._stop, self._written = house, threading.Event(), list[str]()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> list[str]:
        """Names of all that was acknowledged."""
        self._stop.set()
        self._thread.join()
        return self._written

    def _run(self) -> None:
        number, beaten_at = 0, time.perf_counter()
        while not self._stop.is_set():
            self._written += _post(self._house, f"meanwhile-{number}", 8)
            number += 1
            if time.perf_counter() - beaten_at > LEDGER_CADENCE_S:  # as a node at work does
                self._house.integrator.beat()
                beaten_at = time.perf_counter()


def _settings(folder: Path, **given: str) -> Settings:
    return Settings(data=folder, database="", decoders=1, **given)  # type: ignore[arg-type]


def _fill(house: House, events: int) -> list[str]:
    written: list[str] = []
    while _events(house) < events:
        written += _post(house, f"before-{len(written)}", BATCH_UNITS_MAX)
    house.integrator.beat()
    return written


def _post(house: House, name: str, count: int) -> list[str]:
    given: list[Submission | Refusal] = [
        Submission(f"{name}-{n}", AccountGiven(f"u-{n}", "Somebody"), text=f"A quiet evening, says {name}, {n}")
        for n in range(count)
    ]
    answers = screening.screen(house, _PLATFORM, given, awaited=False)
    return [f"{name}-{n}" for n, answer in enumerate(answers) if not isinstance(answer, Refusal)]


def _events(house: House) -> int:
    with house.read() as conn:
        return recorded.waiting(conn, 0)[0]


def _is_there(house: House, name: str) -> bool:
    with house.read() as conn:
        return content.item_by_platform_id(conn, name) is not None


def _require(house: House, names: list[str]) -> None:
    missing = [name for name in names if not _is_there(house, name)]
    if missing:
        raise InvariantViolated("not-recovered", f"{len(missing)} of {len(names)} items are not in what came back")


def _timed(*command: str) -> tuple[float, list[dict[str, Any]]]:
    """Seconds that a command of ours took in a process of its own, and the lines it printed."""
    begun = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEFFROI_")}
    whole = [sys.executable, "-m", "beffroi", *command, "--json"]
    done = subprocess.run(whole, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    said = (done.stderr + done.stdout[-2000:]).strip()
    ensure(done.returncode == 0, "command-failed", f"beffroi {command[0]} ended with {done.returncode}: {said}")
    return time.perf_counter() - begun, [json.loads(line) for line in done.stdout.splitlines()]
