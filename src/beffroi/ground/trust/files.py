"""Small secret files, written so that a crash leaves the old one or the new one.

Owns: how a key file reaches the disk and comes back.
Promises: durable on return (file and folder synced); readable by the owner only, and never read if
others could have read or changed it; links are not followed.
Never does: print or log what is in a file.
"""

import os
import stat
from pathlib import Path

from beffroi.ground.kernel.errors import Conflict, InvariantViolated, Unavailable
from beffroi.ground.kernel.ids import secret_token
from beffroi.ground.kernel.limits import KEY_FILE_BYTES_MAX, NOTE_BYTES_MAX

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SIZE_MAX = max(KEY_FILE_BYTES_MAX, NOTE_BYTES_MAX)


def open_folder(folder: Path) -> None:
    """Make `folder` for the owner alone.

    Raises:
        Unavailable: it exists and others have access to it.

    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_exposed(folder, folder.lstat(), "700")


def create(path: Path, content: bytes) -> None:
    """Write a new file.

    Raises:
        Conflict: there is one already; it is unchanged.

    """
    partial = _written_beside(path, content)
    try:
        os.link(partial, path)  # unlike a rename, a link refuses to replace
    except FileExistsError:
        raise Conflict("key-file-exists", f"{path.name} exists already") from None
    finally:
        partial.unlink()
    _sync_folder(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Write a file, in place of the one that is there."""
    partial = _written_beside(path, content)
    try:
        partial.replace(path)
    except OSError:
        partial.unlink()
        raise
    _sync_folder(path.parent)


def read(path: Path) -> bytes:
    """What is in the file.

    Raises:
        FileNotFoundError: there is none.
        Unavailable: others have access to it, or it is a link.
        InvariantViolated: it is larger than any file of ours.

    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable("key-file-unreadable", f"{path} cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        _refuse_exposed(path, os.fstat(file.fileno()), "600")
        content = file.read(_SIZE_MAX + 1)
    if len(content) > _SIZE_MAX:
        raise InvariantViolated("key-file-damaged", f"{path} is larger than any key file")
    return content


def _refuse_exposed(path: Path, status: os.stat_result, mode: str) -> None:
    if status.st_uid != os.geteuid():
        raise Unavailable("key-file-exposed", f"{path} belongs to another user: chown {os.geteuid()} {path}")
    if stat.S_IMODE(status.st_mode) & _OTHERS:
        raise Unavailable("key-file-exposed", f"others can reach {path}: chmod {mode} {path}")


def _written_beside(path: Path, content: bytes) -> Path:
    partial = path.with_name(f".{secret_token(8)}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        partial.unlink()
        raise
    return partial


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
