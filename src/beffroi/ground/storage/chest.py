"""The chest: one file with everything that opens what a backup holds, so that the two can be kept apart.

Owns: the form of the file: a tar of `vault.db`, `pepper`, `keys/…` and, last, their `SHA256SUMS`.
Promises: mode 0600 from the first byte; whole and durable on return, or not there; nothing is unpacked before all
of it was checked, and nothing under any other name.
Never does: encrypt. Whoever has the chest and a backup has everything; where it lies is the operator's choice.
"""

import hashlib
import io
import os
import re
import sqlite3
import tarfile
from collections.abc import Mapping
from pathlib import Path

from ..kernel.errors import Conflict, Invalid, Unavailable
from .copies import copy_sqlite
from .files import sync_folder, write_private

VAULT = "vault.db"
_SUMS = "SHA256SUMS"
_NAME = re.compile(r"vault\.db|pepper|keys/[a-z0-9_-]{1,64}\.(json|signed)", re.ASCII)


def signed_notes(data: Path) -> dict[str, bytes]:
    """What the node remembers to have signed; read before the database is copied, so that it is never ahead of it."""
    return {f"keys/{path.name}": path.read_bytes() for path in sorted((data / "keys").glob("*.signed"))}


def pack(chest: Path, data: Path, notes: Mapping[str, bytes]) -> None:
    """Write the chest of the node in the folder `data`, with its `notes` of what it signed.

    Raises:
        Conflict: there is a file of that name.
        Unavailable: one of the node's files could not be read, or the chest not be written; there is none.

    """
    if chest.exists():
        raise Conflict("not-empty", f"{chest} exists; a chest is never written over")
    try:
        files = {VAULT: _vault(chest, data), "pepper": (data / "pepper").read_bytes()}
        files |= {f"keys/{path.name}": path.read_bytes() for path in sorted((data / "keys").glob("*.json"))}
        write_private(chest, _tar({**files, **notes}))
    except (OSError, sqlite3.Error) as error:
        raise Unavailable("not-packed", f"the keys were not packed into {chest}: {error}") from error


def unpack(chest: Path, data: Path) -> None:
    """Put the files of a chest into the folder `data`.

    Raises:
        Invalid: this is no chest, or it was changed; nothing was written.

    """
    files = _read(chest)
    (data / "keys").mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        write_private(data / name, content)
    sync_folder(data)


def put_back(chest: Path, data: Path, name: str) -> None:
    """Put one file of a chest (`vault.db`, `pepper`) or one folder (`keys`) into `data`, over what is there.

    Raises:
        Invalid: this is no chest, or it was changed; nothing was written.

    """
    files = {each: content for each, content in _read(chest).items() if each == name or each.startswith(f"{name}/")}
    lose(data, name)
    for each, content in files.items():
        write_private(data / each, content)


def lose(data: Path, name: str) -> None:
    """Take a file away, with what SQLite keeps beside it; a folder of keys stays, and is written over."""
    for path in (data / name, data / f"{name}-wal", data / f"{name}-shm"):
        if not path.is_dir():
            path.unlink(missing_ok=True)


def _vault(chest: Path, data: Path) -> bytes:
    """One moment of it, though the node writes to it."""
    copied = chest.with_name(f".{chest.name}.vault.partial")
    try:
        copied.touch(mode=0o600)
        copy_sqlite(data / VAULT, copied)
        return copied.read_bytes()
    finally:
        copied.unlink(missing_ok=True)


def _tar(files: Mapping[str, bytes]) -> bytes:
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in {**files, _SUMS: sums.encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o600, os.geteuid(), os.getegid()
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _read(chest: Path) -> dict[str, bytes]:
    try:
        with tarfile.open(chest, mode="r:") as tar:
            files = {entry.name: _content(tar, entry) for entry in tar.getmembers()}
    except (OSError, tarfile.TarError) as error:
        raise Invalid("no-chest", f"{chest} cannot be read as a chest: {error}") from None
    sums = files.pop(_SUMS, b"").decode("ascii", "replace").splitlines()
    listed = dict(line.split("  ", 1)[::-1] for line in sums if "  " in line)
    if listed != {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} or VAULT not in files:
        raise Invalid("no-chest", f"{chest} is not as it was packed: its sums differ")
    for name in files:
        if not _NAME.fullmatch(name):
            raise Invalid("no-chest", f"{chest} holds {name[:80]!r}, which no chest has")
    return files


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(entry) if entry.isfile() else None
    return b"" if file is None else file.read()
