"""The last checkpoint this node signed, kept apart from its database.

Owns: one small file per log origin, beside the keys.
Promises: a database that was set back (an old backup, a copied file) cannot be signed for again unnoticed:
whoever signs compares first (rollback guard, DESIGN §4 keys). Where these files came out of a backup themselves they
say so, and nothing is signed for their origins.
Never does: judge; `ledger.checkpoint` does.
"""

from hashlib import sha256
from pathlib import Path

from . import files


class LastSigned:
    """The files `<digest of the origin>.signed` in the keys' folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the one the keys lie in."""
        self._folder = folder

    def get(self, origin: str) -> str | None:
        """The last note signed for `origin`, or None if there never was one."""
        try:
            return files.read(self._path(origin)).decode()
        except FileNotFoundError:
            return None

    def remember(self, origin: str, note: str) -> None:
        """Keep `note`; durable on return."""
        files.replace(self._path(origin), note.encode())

    def doubt(self, why: str) -> None:
        """These files are as old as a backup, so what was signed after it is unknown; durable on return."""
        for path in self._folder.glob("*.signed"):
            files.replace(path.with_suffix(".restored"), why.encode())

    def doubted(self, origin: str) -> str | None:
        """Why nobody can tell what was last signed for `origin`; None if it is known."""
        try:
            return files.read(self._path(origin).with_suffix(".restored")).decode()
        except FileNotFoundError:
            return None

    def _path(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()[:16]}.signed"
