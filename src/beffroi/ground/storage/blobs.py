"""Bytes by their digest: what a store of blobs promises, and the one in a folder.

Owns: `BlobStore`, which a folder and a bucket (`bucket`) are; the folder `blobs/`, whose files are named after the
SHA-256 of what is in them.
Promises: a key that was returned is on the disk (written, synced, renamed, every folder on the way synced);
reading checks the digest; storing the same bytes twice stores them once.
Never does: know what the bytes are. Personal bytes come here sealed under their subject's key.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ..kernel.errors import InvariantViolated, NotFound
from ..kernel.ids import BlobKey, secret_token
from .files import sync_folder

_KEY = re.compile("[0-9a-f]{64}", re.ASCII)


class BlobStore(Protocol):
    """Where blobs lie. Every store refuses what is no key as `NotFound`, and checks the digest of what it reads."""

    def put(self, content: bytes) -> BlobKey:
        """Store and return the key; durable on return. Raises `OSError` or `Unavailable` if it could not be."""
        ...

    def get(self, key: BlobKey) -> bytes:
        """The bytes. Raises `NotFound`, or `InvariantViolated` where they are not what the key says."""
        ...

    def has(self, key: BlobKey) -> bool:
        """Whether it is stored."""
        ...

    def drop(self, key: BlobKey) -> None:
        """Remove it, if it is there."""
        ...

    def keys(self) -> Iterator[BlobKey]:
        """All keys, in no order."""
        ...

    def older_than(self, at: datetime) -> Iterator[BlobKey]:
        """Keys of blobs written before that instant."""
        ...


class BlobFolder:
    """A folder of blobs, two levels deep."""

    def __init__(self, folder: Path) -> None:
        """Create `folder` if it is missing, readable by the owner only."""
        self._folder = folder
        self._known: set[Path] = set()
        """Folders that are there for good: they and their names are on the disk."""
        self._settle(folder)

    def put(self, content: bytes) -> BlobKey:
        """Store and return the key; durable on return.

        Raises:
            OSError: it could not be written; nothing is there.

        """
        key = BlobKey(hashlib.sha256(content).hexdigest())
        path = self._path(key)
        self._settle(path.parent)
        if not path.exists():
            self._write(path, content)
        sync_folder(path.parent)  # also if it was there: another thread may have written it a moment ago
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
        return checked(key, content)

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

    def older_than(self, at: datetime) -> Iterator[BlobKey]:
        """Keys of blobs written before that instant; what writers that died left half done is removed on the way."""
        for path in self._folder.glob("??/??/*"):
            try:
                is_older = datetime.fromtimestamp(path.stat().st_mtime, UTC) < at
            except FileNotFoundError:
                continue
            if is_older and path.name.startswith("."):
                path.unlink(missing_ok=True)
            elif is_older:
                yield BlobKey(path.name)

    def _path(self, key: BlobKey) -> Path:
        return self._folder / place_of(key)

    def _write(self, path: Path, content: bytes) -> None:
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

    def _settle(self, folder: Path) -> None:
        """Make `folder` and those above it, each for the owner only and with its name on the disk."""
        if folder in self._known:
            return
        if folder != self._folder:
            self._settle(folder.parent)
        folder.mkdir(mode=0o700, parents=folder == self._folder, exist_ok=True)
        sync_folder(folder.parent)
        self._known.add(folder)


def place_of(key: BlobKey) -> str:
    """Where a blob lies in its store: `ab/cd/abcd…`.

    Raises:
        NotFound: this is no key.

    """
    if not _KEY.fullmatch(key):
        raise NotFound("no-such-blob", "a blob key is 64 lower-case hex digits")
    return f"{key[:2]}/{key[2:4]}/{key}"


def checked(key: BlobKey, content: bytes) -> bytes:
    """The same bytes, if they are what the key says.

    Raises:
        InvariantViolated: they are not.

    """
    if hashlib.sha256(content).hexdigest() != key:
        raise InvariantViolated("blob-changed", f"blob {key} does not have its digest")
    return content
