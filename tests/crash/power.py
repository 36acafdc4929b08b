"""What a power cut may leave of a SQLite database: a file system that remembers what was not synced yet.

Owns: `Disk`, a VFS under which every write, truncation and sync is written down in order; the states that a cut at any
moment may leave: unsynced writes dropped, kept, in another order, or torn at a sector.
Promises: what was synced is in every state; which of the rest is, hangs on the seed alone.
Never does: model a disk that lies about its syncs.

The shim has no shared memory, so the database runs in exclusive locking mode: the same frames, the same syncs; the
index of the write-ahead log is in memory instead of in a file that outlives no power cut anyway.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Step:
    """One thing that happened to a file, or, with `file` empty, a commit that returned."""

    kind: str  # write, truncate, sync, remove, commit
    file: str = ""
    offset: int = 0
    content: bytes = b""


class Disk(apsw.VFS):
    """Files on the real disk below, and the list of what was done to them."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.name = name
        self.steps: list[Step] = []

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        return _File(self, name, path, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.steps.append(Step("remove", Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: object, path: str, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk, self._name = disk, Path(path).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._disk.steps.append(Step("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.steps.append(Step("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.steps.append(Step("sync", self._name))


def replay(disk: Disk, database: Path, statements: Iterable[str], *, synchronous: str = "FULL") -> None:
    """Run recorded statements on `database` under the product's PRAGMAs; each COMMIT that returned is a step."""
    conn = apsw.Connection(str(database), vfs=disk.name)
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON"):
        conn.execute(f"PRAGMA {pragma}").fetchall()
    conn.execute("PRAGMA wal_autocheckpoint=40").fetchall()
    for statement in statements:
        conn.execute(statement).fetchall()
        if statement.upper().startswith("COMMIT"):
            disk.steps.append(Step("commit"))
    conn.close()


def after_cut(steps: list[Step], start: dict[str, bytes], seed: int) -> dict[str, bytes]:
    """The files as a power cut after `steps` may leave them; `start` are the files before."""
    chance = random.Random(seed)
    synced = {step.file: number for number, step in enumerate(steps) if step.kind == "sync"}
    files = dict(start)
    mood = chance.choice(("drop", "keep", "some", "torn"))
    for name in {step.file for step in steps if step.file}:
        durable = [s for n, s in enumerate(steps) if s.file == name and n <= synced.get(name, -1)]
        pending = [s for n, s in enumerate(steps) if s.file == name and n > synced.get(name, -1) and s.kind != "sync"]
        for step in (*durable, *_chosen(pending, mood, chance)):
            _apply(files, step)
    return files


def _chosen(pending: list[Step], mood: str, chance: random.Random) -> Iterator[Step]:
    if mood == "drop":
        return
    picked = [step for step in pending if mood == "keep" or chance.random() < 0.5]
    if mood != "keep":
        chance.shuffle(picked)
    for step in picked:
        yield _torn(step, chance) if mood == "torn" and step.kind == "write" else step


def _torn(step: Step, chance: random.Random) -> Step:
    """Some sectors of it only: those before, or those after a place."""
    cut = SECTOR * chance.randint(0, len(step.content) // SECTOR)
    if chance.random() < 0.5:
        return Step("write", step.file, step.offset, step.content[:cut])
    return Step("write", step.file, step.offset + cut, step.content[cut:])


def _apply(files: dict[str, bytes], step: Step) -> None:
    if step.kind == "remove":
        files.pop(step.file, None)
    elif step.kind == "truncate":
        files[step.file] = files.get(step.file, b"")[: step.offset].ljust(step.offset, b"\0")
    elif step.kind == "write" and step.content:
        old = files.get(step.file, b"").ljust(step.offset, b"\0")
        files[step.file] = old[: step.offset] + step.content + old[step.offset + len(step.content) :]
