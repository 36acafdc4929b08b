"""Reserved disk: room that is taken while there is plenty, and let go for people's decisions when there is none.

Owns: the file `reserve` beside the database.
Promises: its bytes are really taken from the disk; letting it go is one call that cannot fail for want of room; it is
taken again only when twice as much is free.
Never does: decide who gets the room; the writer gives it to its law lane.
"""

import os
from pathlib import Path

from ..kernel.limits import DISK_RESERVE_BYTES
from .files import room, sync_folder


class Reserve:
    """The reserve of one data folder."""

    def __init__(self, folder: Path, size_bytes: int = DISK_RESERVE_BYTES) -> None:
        """Nothing is taken before `keep`."""
        self._path, self._size_bytes = folder / "reserve", size_bytes
        self._is_kept = self._was_let_go = False

    @property
    def is_kept(self) -> bool:
        """Whether the room is there to be let go."""
        return self._is_kept

    @property
    def is_used(self) -> bool:
        """Whether it was let go and is not back yet: what room there is, is for people's decisions."""
        return self._was_let_go

    def keep(self) -> bool:
        """Take the room if it is not taken; returns whether it is."""
        if not self._is_kept:
            self._is_kept = self._has_all() or self._take()
            self._was_let_go = self._was_let_go and not self._is_kept
        return self._is_kept

    def release(self) -> bool:
        """Let the room go; false if it was gone before."""
        had, self._is_kept = self._is_kept, False
        self._was_let_go = self._was_let_go or had
        self._path.unlink(missing_ok=True)
        return had

    def _has_all(self) -> bool:
        try:
            found = self._path.stat()
        except OSError:
            return False
        return found.st_size >= self._size_bytes and found.st_blocks * 512 >= self._size_bytes

    def _take(self) -> bool:
        free, _ = room(self._path.parent)
        if free < 2 * self._size_bytes:
            return False
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size_bytes)
            finally:
                os.close(handle)
            sync_folder(self._path.parent)
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True
