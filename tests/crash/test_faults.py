"""Any one system call that fails, or is the last one, leaves a store that is whole and has all that was acknowledged.

Every write, sync, rename, truncation and removal of an operation is found by tracing it once. Then the operation runs
again for each of them and for each of three faults: an I/O error, a full disk, and a kill at that call. The short form
takes the first and last call of each kind with all three, and some between with one; the long form takes all. What a
power cut does is in `test_power.py`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from beffroi.app import open_house
from beffroi.content import store as content
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.flow.fsck import Counts
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.ledger import store as ledger
from beffroi.ground.storage import archive, migrate
from tests.conftest import SOAK, _without
from tests.crash.faults import IN_A_HOUSE, commit, settings
from tests.nodes import without_decoders
from tests.unit.flow.node import opened

CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,mkdir"
FAULTS = {"EIO": "error=EIO", "ENOSPC": "error=ENOSPC", "KILL": "signal=SIGKILL"}
BETWEEN = 3
"""How many calls of each kind the short form takes between the first and the last."""
OPERATIONS = (*IN_A_HOUSE, "migrate")


@dataclass(frozen=True)
class Fault:
    """One system call, counted in its thread, and what becomes of it."""

    call: str
    number: int
    kind: str

    @property
    def injected(self) -> list[str]:
        return ["-e", f"inject={self.call}:{FAULTS[self.kind]}:when={self.number}"]


class Stage:
    """The process that forks victims, and what is done to them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.faults"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, folder: Path, operation: str, *inject: str) -> tuple[int, list[str], str]:
        """Exit code, what was acknowledged, and the trace."""
        log = folder.parent / "trace"
        self._say(f"{folder} {operation}")
        _, pid = self._hear().split()
        calls = ["-f", "-qq", "-e", f"trace={CALLS}", *inject, "-o", str(log)]
        tracer = subprocess.Popen(["strace", *calls, "-p", pid], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while f"TracerPid:\t{tracer.pid}" not in Path(f"/proc/{pid}/status").read_text():
            assert tracer.poll() is None, tracer.stderr and tracer.stderr.read()
        self._all_attached(pid, tracer.pid)
        self._say("go")
        _, status, *acks = self._hear().split(" ")
        tracer.wait(60)
        tracer.stderr and tracer.stderr.close()
        return int(status), [ack.replace("\x1f", " ") for ack in acks], log.read_text()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _all_attached(self, pid: str, tracer: int) -> None:
        """The threads that are there are attached one by one."""
        waiting = set(Path(f"/proc/{pid}/task").iterdir())
        while waiting:
            waiting = {task for task in waiting if f"TracerPid:\t{tracer}" not in (task / "status").read_text()}

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().rstrip("\n")


def may_trace() -> bool:
    """Whether `strace` is there and the kernel lets it attach."""
    if shutil.which("strace") is None:
        return False
    traced = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return traced.returncode == 0


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    if not may_trace():
        _without("strace is not there, or may not trace (Debian: apt-get install strace)", "BEFFROI_REQUIRE_STRACE")
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A node with a few posts and a checkpoint; for migrations one as the first release left it."""
    folder = tmp_path_factory.mktemp("template")
    with opened(folder / "node", clock=SystemClock()) as node:  # type: ignore[arg-type]
        commit(node.house, "before")
        node.house.vault.seal(SubjectId("sub_doomed"), b"gone soon", "test")
        node.house.blobs.put(b"a file")
        node.house.integrator.beat()
        commit(node.house, "waiting")
    shutil.copytree(folder / "node", folder / "old")
    (folder / "old/beffroi.db").unlink()
    make_old(folder / "old")
    return {name: folder / ("old" if name == "migrate" else "node") for name in OPERATIONS}


def make_old(folder: Path) -> None:
    """A database at the first schema."""
    from alembic import command
    from alembic.config import Config

    from beffroi.ground.storage import Database

    config = Config()
    config.set_main_option("script_location", str(migrate._HERE))
    database = Database(f"sqlite:///{folder / 'beffroi.db'}")
    with database.write() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
    database.close()


def faults(trace: str, *, every: bool) -> list[Fault]:
    """All calls of the trace with every fault; or so the first and last of each kind, and one fault each between."""
    of_thread = Counter(re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE))
    most: Counter[str] = Counter()
    for (_, call), count in of_thread.items():
        most[call] = max(most[call], count)
    found = []
    for call, count in sorted(most.items()):
        ends = range(1, count + 1) if every else sorted({1, count})
        found += [Fault(call, number, kind) for number in ends for kind in FAULTS]
        between = range(2, count, max(1, count // BETWEEN)) if not every else ()
        found += [Fault(call, number, kind) for number, kind in zip(between, cycle(FAULTS), strict=False)]
    return found


@pytest.mark.timeout(7200 if SOAK else 1800)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_single_fault_loses_what_was_acknowledged(
    operation: str, stage: Stage, template: dict[str, Path], tmp_path: Path
) -> None:
    place = tmp_path / "plain"
    status, acks, trace = stage.run(copied(template[operation], place), operation)
    assert (status, len(acks)) == (0, 2), trace
    settled(place / "node", acks)
    chosen = faults(trace, every=SOAK)
    assert {fault.call for fault in chosen} & {"fdatasync", "fsync"}, "an operation that syncs nothing promises nothing"
    killed = struck = 0
    for number, fault in enumerate(chosen):
        place = tmp_path / str(number)
        status, acks, trace = stage.run(copied(template[operation], place), operation, *fault.injected)
        struck += "(INJECTED)" in trace or status != 0
        killed += status != 0
        try:
            settled(place / "node", acks)
        except AssertionError as wrong:
            message = f"{operation}, {fault}, acknowledged {acks}"
            raise AssertionError(message) from wrong
        shutil.rmtree(place)
    print(f"{operation}: {len(chosen)} faults, {struck} struck, {killed} killed")
    assert struck == len(chosen), "a fault missed its call: the operation does other things each time"
    assert killed == sum(fault.kind == "KILL" for fault in chosen), "an error is no end, and a kill is one"


def copied(template: Path, place: Path) -> Path:
    return Path(shutil.copytree(template, place / "node"))


def settled(folder: Path, acks: list[str]) -> None:
    """Opened again, by the way every start takes: whole, with all that was acknowledged, and it goes on."""
    upkeep.bring_to_head(settings(folder), SystemClock().now())
    with without_decoders(), open_house(settings(folder)) as house:
        for ack in acks:
            what, _, words = ack.partition(" ")
            PRESENT[what](house, words)
        commit(house, "afterwards")
        house.integrator.beat()
    with upkeep.open_premises(settings(folder), SystemClock()) as premises:
        found = fsck.check(premises, frozenset(PERFORMERS), SystemClock().now(), Counts(), lambda *_: None)
        assert [(finding.code, finding.place) for finding in found] == []


def _item(house, name):
    with house.read() as conn:
        assert content.item_by_platform_id(conn, name) is not None


def _size(house, size):
    with house.read() as conn:
        assert ledger.checkpoint_at(conn, int(size)) is not None


def _blob(house, key):
    assert house.blobs.get(key)


def _key(house, words):
    subject, sealed = words.split()
    assert house.vault.open(SubjectId(subject), bytes.fromhex(sealed), "test") == subject.removeprefix("sub_").encode()
    assert house.vault.is_destroyed(SubjectId("sub_doomed"))


def _backup(house, out):
    assert list(archive.differences(Path(out))) == []
    assert Path(out).with_suffix(".chest").stat().st_size > 0


def _schema(house, schema):
    assert migrate.current(house.database) == schema


PRESENT = {"item": _item, "size": _size, "blob": _blob, "key": _key, "backup": _backup, "schema": _schema}
