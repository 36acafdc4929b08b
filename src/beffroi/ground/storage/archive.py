"""The folder of a backup: what is in it, and whether it is still what was put there.

Owns: `backup.json` (when, by which program, of which schema) and `SHA256SUMS`, which `sha256sum -c` reads too.
Promises: `SHA256SUMS` is written last, so a backup that has it is whole; a name that leads out of the folder is
refused.
Never does: hold a key. Keys travel in the chest.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..kernel.clock import rfc3339
from ..kernel.errors import Conflict, Invalid
from ..kernel.json import canonical, parse
from .files import write_private

DATABASE = "beffroi.db"
BLOBS = "blobs"
FACTS = "backup.json"
SUMS = "SHA256SUMS"

_FORMAT = 1
_LINE = re.compile(r"([0-9a-f]{64})  (beffroi\.db|backup\.json|blobs/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64})", re.ASCII)
_CHUNK_BYTES = 2**20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """When it was made, by which version of the program, and the schema of the database in it."""

    made_at: datetime
    version: str
    schema: str


def begin(folder: Path) -> None:
    """Make the folder, for the owner only.

    Raises:
        Conflict: there is something in it.

    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("not-empty", f"{folder} is not an empty folder")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)


@contextmanager
def removed_on_failure(folder: Path) -> Iterator[None]:
    """What came into the folder, which was empty, goes again if an exception leaves."""
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        raise


def finish(folder: Path, facts: BackupFacts, progress: Progress = lambda _done, _of: None) -> None:
    """Read everything back and write down what it is; from then on this is a backup."""
    told = {"format": _FORMAT, "made_at": rfc3339(facts.made_at), "version": facts.version, "schema": facts.schema}
    write_private(folder / FACTS, canonical(told))
    names = sorted(_present(folder))
    lines = []
    for done, name in enumerate(names, 1):
        lines.append(f"{_digest(folder / name)}  {name}\n")
        progress(done, len(names))
    write_private(folder / SUMS, "".join(lines).encode())


def read_facts(folder: Path) -> BackupFacts:
    """What the backup says of itself.

    Raises:
        Invalid: this is no backup, an unfinished one, or one of a later form.

    """
    if not (folder / SUMS).is_file():
        raise Invalid("no-backup", f"{folder} is no backup, or one that was not finished: it has no {SUMS}")
    try:
        told = parse((folder / FACTS).read_bytes())
        if told["format"] != _FORMAT:
            raise Invalid("backup-of-another-form", f"{folder} has form {told['format']}; this program reads {_FORMAT}")
        return BackupFacts(datetime.fromisoformat(told["made_at"]), str(told["version"]), str(told["schema"]))
    except (OSError, KeyError, TypeError, ValueError):
        raise Invalid("no-backup", f"{folder / FACTS} cannot be read") from None


def differences(folder: Path, progress: Progress = lambda _done, _of: None) -> Iterator[str]:
    """What is not as it was put there: changed, missing or added files, each named; nothing if all is well."""
    listed = dict(_listed(folder))
    present = _present(folder)
    for done, (name, digest) in enumerate(sorted(listed.items()), 1):
        if name not in present:
            yield f"{name} is missing"
        elif _digest(folder / name) != digest:
            yield f"{name} was changed"
        progress(done, len(listed))
    yield from (f"{name} was added" for name in sorted(present - listed.keys()))
    yield from (f"{name} is not listed in {SUMS}" for name in (DATABASE, FACTS) if name not in listed)


def _listed(folder: Path) -> Iterator[tuple[str, str]]:
    for line in (folder / SUMS).read_text("ascii").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise Invalid("no-backup", f"{folder / SUMS} has a line that no backup has: {line[:80]!r}")
        yield found[2], found[1]


def _present(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {SUMS}


def _digest(path: Path) -> str:
    if path.is_symlink():
        raise Invalid("no-backup", f"{path} is a link; a backup has none")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
