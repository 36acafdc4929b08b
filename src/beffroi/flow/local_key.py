"""The key by which the command line speaks to the node of the same machine and user.

Owns: `local.key` in the data folder, mode 0600, made anew at every start.
Promises: whoever can read it could read the database itself; it opens the banks' commands and nothing else.
Never does: outlive the process that made it.
"""

import hashlib
import hmac
from pathlib import Path

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.ids import secret_token
from beffroi.ground.storage.files import read_private, write_private

PREFIX = "bfl_"
_NAME = "local.key"


class LocalKey:
    """The key of this process."""

    def __init__(self, folder: Path) -> None:
        """Make one and leave it in `folder`."""
        self._path = folder / _NAME
        token = PREFIX + secret_token()
        self._digest = hashlib.sha256(token.encode()).digest()
        write_private(self._path, token.encode())

    def fits(self, token: str) -> bool:
        """Whether this is it; constant time."""
        return hmac.compare_digest(self._digest, hashlib.sha256(token.encode()).digest())

    def forget(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


def read(folder: Path) -> str:
    """The key that the running node left.

    Raises:
        Unavailable: it cannot be read: another user's node, or one that is just stopping.

    """
    found = read_private(folder / _NAME)
    if found is None:
        raise Unavailable("no-local-key", f"the node holds {folder}, but its key cannot be read")
    return found.decode()
