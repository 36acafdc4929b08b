"""A PDQ index as a file: mapped by every process that reads it.

Owns: the file's form. 64 bytes: magic, version, bytes an id takes, count, whether tables follow, SHA-256 of the 32
bytes before and of all that follows. Then rows, ids and, in a large index, the offsets, nexts and places of
`pdq_ring`: little-endian, each begun at a multiple of 64.
Promises: a file is written beside the old one, synced and renamed, so that a crash leaves one or the other and
readers keep the one they mapped; a cut, changed or newer file is refused before anything is read from it, and one that
was made to look whole cannot lead a search out of its memory.
Never does: know what a hash means.
"""

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import secret_token
from beffroi.ground.kernel.limits import PDQ_ROWS_MAX

from .pdq_plain import KEYS, PAD, WORDS
from .pdq_ring import Ring
from .pdq_state import State

_MAGIC = b"BEFFROI-PDQ\n"
_VERSION = 2
_HEAD = struct.Struct("<12sHBBQ8x")
"""Before the digest."""
_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class _Form:
    """What a head says."""

    id_bytes: int
    has_tables: bool
    count: int

    @property
    def sections(self) -> tuple[tuple[str, int], ...]:
        """Kind and number of the items of each part."""
        rows = (("<u8", 4 * self.count), (f"<u{self.id_bytes}", self.count))
        tables = (("<u4", WORDS * (KEYS + 1)), ("<u2", WORDS * self.count + PAD), ("<u4", WORDS * self.count))
        return (*rows, *tables) if self.has_tables else rows

    def places(self) -> Iterator[tuple[np.dtype[np.unsignedinteger], int, int]]:
        """Kind, number and place in the file of each part."""
        at = _ALIGNED
        for kind, many in self.sections:
            yield np.dtype(kind), many, at
            at += _padded(many * np.dtype(kind).itemsize)

    @property
    def size(self) -> int:
        """Of the whole file."""
        return _ALIGNED + sum(_padded(many * np.dtype(kind).itemsize) for kind, many in self.sections)

    def packed(self) -> bytes:
        """The head up to its digest."""
        return _HEAD.pack(_MAGIC, _VERSION, self.id_bytes, self.has_tables, self.count)


def write(path: Path, state: State) -> None:
    """Write all that lives in `state`; durable on return."""
    form, parts = _laid_out(state)
    digest = hashlib.sha256(form.packed())
    for part in parts:
        digest.update(part)
    partial = path.with_name(f".{path.name}.{secret_token(8)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(form.packed() + digest.digest())
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read(path: Path) -> State:
    """The state at `path`, mapped.

    Raises:
        NotFound: there is no such file.
        Invalid: it is cut, changed, or from another version.

    """
    try:
        with path.open("rb") as file:
            head = file.read(_ALIGNED)
            form = _read_head(head, os.fstat(file.fileno()).st_size)
            mapped = np.memmap(file, np.uint8, "r").view(np.ndarray)
    except FileNotFoundError:
        raise NotFound("no-such-index", "there is no index file here") from None
    digest = hashlib.sha256(head[: _HEAD.size])
    digest.update(mapped[_ALIGNED:].data)
    if digest.digest() != head[_HEAD.size :]:
        raise Invalid("index-changed", "the index file does not have its digest; build it again")
    rows, ids, *tables = (mapped[at : at + many * kind.itemsize].view(kind) for kind, many, at in form.places())
    if not form.has_tables:
        return State(tail_rows=rows.reshape(-1, 4), tail_ids=ids.astype(np.uint64))
    ring = Ring(rows.reshape(-1, 4), ids, *tables)
    if not ring.is_sound():
        raise Invalid("index-changed", "the index file has its digest, but is none; build it again")
    return State(ring)


def _laid_out(state: State) -> tuple[_Form, list[bytes | memoryview]]:
    """The file's form and its parts, padding included."""
    whole = not state.gone and not state.tail_ids.size and len(state.ring)
    arrays: Sequence[NDArray[np.unsignedinteger]]
    if not whole and not len(state.ring):
        rows, ids = state.living()
        form, arrays = _Form(8, has_tables=False, count=len(state)), (rows, ids)
    else:
        ring = state.ring if whole else Ring.build(*state.living())
        form = _Form(ring.ids.itemsize, has_tables=True, count=len(ring))
        arrays = ring.rows, ring.ids, ring.offsets, ring.nexts, ring.places
    parts: list[bytes | memoryview] = []
    for array, (kind, _) in zip(arrays, form.sections, strict=True):
        flat = np.ascontiguousarray(array, kind).reshape(-1)
        parts += [flat.data.cast("B") if flat.size else b"", bytes(_padded(flat.nbytes) - flat.nbytes)]
    return form, parts


def _read_head(head: bytes, size: int) -> _Form:
    if len(head) < _ALIGNED or not head.startswith(_MAGIC):
        raise Invalid("not-an-index", "this is no PDQ index file")
    _, version, id_bytes, has_tables, count = _HEAD.unpack(head[: _HEAD.size])
    if version > _VERSION:
        raise Invalid("index-newer", f"the index file is of version {version}; this program reads {_VERSION}")
    if version < _VERSION:
        raise Invalid("index-older", f"the index file is of version {version}; build it again")
    form = _Form(id_bytes, bool(has_tables), count)
    if id_bytes not in {4, 8} or has_tables > 1 or count > PDQ_ROWS_MAX or size != form.size:
        raise Invalid("index-cut", "the index file is shorter or longer than it says")
    return form


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
