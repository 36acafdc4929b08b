"""Small files of the node's own, written whole or not at all.

Owns: `write_private`, `sync_folder`, and how much room is left.
Promises: mode 0600 from the first byte; after a crash the old content or the new one, never a part.
Never does: hold personal data.
"""

import os
from collections.abc import Callable
from pathlib import Path

from ..kernel.ids import secret_token


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path`, readable by the owner only; durable on return."""
    partial = path.with_name(f".{path.name}.{secret_token(6)}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make durable which files the folder holds and what they are called."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_private(path: Path) -> bytes | None:
    """The whole file; None if it is not there or not ours to read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def room(folder: Path) -> tuple[int, int]:
    """Bytes that are free for us where the folder lies, and bytes in all."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; made and written at the first asking, the same ever after."""
    if not path.exists():
        write_private(path, make())
    return path.read_bytes()
