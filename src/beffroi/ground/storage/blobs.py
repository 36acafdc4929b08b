"""Bytes by their digest: files named after the SHA-256 of what is in them.

Owns: the folder `blobs/`.
Promises: a key that was returned is on the disk (written, synced, renamed, folder synced); reading checks
the digest; storing the same bytes twice stores them once.
Never does: know what the bytes are. Personal bytes come here sealed under their subject's key.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ..kernel.errors import InvariantViolated, NotFound
from ..kernel.ids import BlobKey, secret_token


class BlobStore:
    """A folder of blobs, two levels deep."""

    def __init__(self, folder: Path) -> None:
        """Create `folder` if it is missing, readable by the owner only."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes) -> BlobKey:
        """Store and return the key; durable on return."""
        key = BlobKey(hashlib.sha256(content).hexdigest())
        path = self._path(key)
        if path.exists():
            return key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f".{secret_token(8)}.partial")
        try:
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return key

    def get(self, key: BlobKey) -> bytes:
        """The bytes.

        Raises:
            NotFound: no such blob.
            InvariantViolated: the bytes on the disk are not what the key says.

        """
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("no-such-blob", "no blob has this key") from None
        if hashlib.sha256(content).hexdigest() != key:
            raise InvariantViolated("blob-changed", f"blob {key} does not have its digest")
        return content

    def has(self, key: BlobKey) -> bool:
        """Whether it is stored."""
        return self._path(key).exists()

    def drop(self, key: BlobKey) -> None:
        """Remove it, if it is there."""
        self._path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[BlobKey]:
        """All keys, in no order."""
        for path in self._folder.glob("??/??/*"):
            if not path.name.startswith("."):
                yield BlobKey(path.name)

    def _path(self, key: BlobKey) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise NotFound("no-such-blob", "a blob key is 64 lower-case hex digits")
        return self._folder / key[:2] / key[2:4] / key


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
