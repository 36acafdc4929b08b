"""A PDQ index as a file: mapped by every process that reads it.

Owns: the file's form: magic, version, count, SHA-256 of the rest; then the four planes, then the ids, all
little-endian 64-bit.
Promises: a file is written beside the old one, synced and renamed, so that a crash leaves one or the other and
readers keep the one they mapped; a cut, changed or newer file is refused before anything is read from it.
Never does: know what a hash means.
"""

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import secret_token

_MAGIC = b"BEFFROI-PDQ\n"
_VERSION = 1
_HEAD = struct.Struct("<12sIQ32s8x")  # 64 bytes, so that the planes begin aligned
_WORDS = 4
_ROW_BYTES = 8 * (_WORDS + 1)
_LITTLE = np.dtype("<u8")


def write(path: Path, planes: NDArray[np.uint64], ids: NDArray[np.uint64]) -> None:
    """Write `planes` (4, n) and `ids` (n,); durable on return."""
    parts = [np.ascontiguousarray(part, _LITTLE).data.cast("B") for part in (planes, ids) if ids.size]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    partial = path.with_name(f".{path.name}.{secret_token(8)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(_HEAD.pack(_MAGIC, _VERSION, ids.size, digest.digest()))
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read(path: Path) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The planes (4, n) and ids (n,) at `path`, mapped.

    Raises:
        NotFound: there is no such file.
        Invalid: it is cut, changed, or from a newer version.

    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
            size = os.fstat(file.fileno()).st_size
            count, digest = _read_head(head, size)
            if count == 0:
                return np.empty((_WORDS, 0), np.uint64), np.empty(0, np.uint64)
            words = np.memmap(file, _LITTLE, "r", _HEAD.size, (_WORDS + 1, count))
    except FileNotFoundError:
        raise NotFound("no-such-index", "there is no index file here") from None
    if hashlib.sha256(words.data).digest() != digest:
        raise Invalid("index-changed", "the index file does not have its digest; build it again")
    plain = words.view(np.ndarray)
    return plain[:_WORDS], plain[_WORDS]


def _read_head(head: bytes, size: int) -> tuple[int, bytes]:
    if len(head) < _HEAD.size or not head.startswith(_MAGIC):
        raise Invalid("not-an-index", "this is no PDQ index file")
    _, version, count, digest = _HEAD.unpack(head)
    if version != _VERSION:
        raise Invalid("index-newer", f"the index file is of version {version}; this program reads {_VERSION}")
    if size != _HEAD.size + count * _ROW_BYTES:
        raise Invalid("index-cut", "the index file is shorter or longer than it says")
    return count, digest


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
