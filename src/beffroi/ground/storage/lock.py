"""One node process per SQLite database: a lock on a file in the data folder.

Owns: `node.lock`.
Promises: held until the process ends, however it ends; says who holds it.
Never does: wait.
"""

import fcntl
import os
from pathlib import Path

from ..kernel.errors import Unavailable


class NodeLock:
    """Held from `take` to `release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the data folder."""
        self._path = folder / "node.lock"
        self._handle: int | None = None

    def take(self, note: str) -> None:
        """Take the lock and leave `note` (where this node can be reached) for the command line.

        Raises:
            Unavailable: another process holds it.

        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise Unavailable(
                "already-running", f"another process holds {self._path} ({self.note() or 'no note'})"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, note.encode(), 0)
        self._handle = handle

    def is_held(self) -> bool:
        """Whether some process holds it now."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def note(self) -> str:
        """What the holder left."""
        try:
            return self._path.read_text()
        except OSError:
            return ""

    def release(self) -> None:
        """Give it back."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None
