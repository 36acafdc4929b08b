"""The emergency spool: acts that must not wait for the database lie on another path until it takes them (DESIGN §5.10).

Owns: the folder of spool files: one for each process that runs, its room, its frames, their order and their end.
Promises: an act that was put is on the disk: first the act, then its mark, each with an fsync of its own, so that a
frame is there whole or not at all; room for them is taken before it is needed; a frame is sealed under the node's own
key and bound to its file and number, so that none can be read, planted, changed or moved; frames are handed out in
order, and a file is emptied only after all of them were taken; what does not open is set aside and never dropped.
Never does: know what an act means, or enter it; `beffroi.flow.spool` does.

    file   magic 16 ‖ id 16 ‖ name of the key, padded to 64        then frames, each at a multiple of 16
    frame  length 4 ‖ CRC-32 of length and number 4 ‖ number 8 ‖ nonce 12 ‖ AES-256-GCM, padded      a zero length ends
"""

import fcntl
import hashlib
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..kernel.clock import from_micros, to_micros
from ..kernel.errors import Invalid, NotFound, Unavailable
from ..kernel.ids import random_bytes
from ..kernel.json import canonical, parse
from ..kernel.limits import SPOOL_ACT_BYTES_MAX, SPOOL_ROOM_BYTES
from .files import sync_folder
from .tx import Actor

_MAGIC = b"beffroi spool 1\n"
_ID_BYTES, _KEY_NAME_BYTES = 16, 64
_HEAD_BYTES = len(_MAGIC) + _ID_BYTES + _KEY_NAME_BYTES
_MARK = struct.Struct(">IIQ")
_ALIGNED = _MARK.size
"""Marks stand at multiples of their size, so that none lies across two sectors and each is written whole."""
_NONCE_BYTES, _TAG_BYTES = 12, 16
_SEALED_BYTES_MAX = SPOOL_ACT_BYTES_MAX + _NONCE_BYTES + _TAG_BYTES
_ENDING, _ASIDE = ".spool", ".damaged"

Keys = Callable[[str], tuple[str, bytes]]
"""From the name of a key, or from nothing for the one in use, to its name and its 32 bytes; raises `NotFound`."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """An act that waits. `key` is its own: it is entered once under it. `body` is JSON and may hold personal data."""

    kind: str
    key: str
    at: datetime
    actor: Actor
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """One place in a spool file. `digest`: hex SHA-256 of what lies there; `act`: None if it does not open."""

    file: str
    number: int
    digest: str
    act: Spooled | None


class _File:
    """One spool file whose lock we hold, or which we only look at (`handle` is read-only then)."""

    def __init__(self, path: Path, handle: int, keys: Keys) -> None:
        """Raises `Invalid` if it is none of ours."""
        self.path, self.handle = path, handle
        head = os.pread(handle, _HEAD_BYTES, 0)
        name = head[len(_MAGIC) + _ID_BYTES :].rstrip(b"\0")
        if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC) or not name.isascii():
            raise Invalid("no-spool-file", f"{path.name} is no spool file")
        self.id = head[len(_MAGIC) : len(_MAGIC) + _ID_BYTES]
        try:
            _, key = keys(name.decode())
        except NotFound:
            raise Invalid("spool-key-missing", f"{path.name} is sealed under a key that is not here") from None
        self._cipher = AESGCM(key)
        self.size = os.fstat(handle).st_size
        self.end, self.count, self.taken = _HEAD_BYTES, 0, 0
        for _, after in self._walk():
            self.end, self.count = after, self.count + 1

    def frames(self, after: int = 0) -> Iterator[Frame]:
        """The frames, but for the first `after`."""
        for number, (frame, _) in enumerate(self._walk()):
            if number >= after:
                yield frame

    def append(self, plain: bytes) -> None:
        """Durable on return; raises `OSError`, and then nothing was appended or `end` cannot be trusted."""
        number, nonce = self.count, random_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, plain, self._bound(number))
        room = _padded(_MARK.size + len(sealed))
        self._make_room(self.end + room + _MARK.size)
        behind = bytes(room - _MARK.size - len(sealed) + _MARK.size)  # padding, and the zeros that end the file
        _write(self.handle, sealed + behind, self.end + _MARK.size)
        os.fsync(self.handle)
        _write(self.handle, _marked(len(sealed), number), self.end)
        os.fsync(self.handle)
        self.end, self.count = self.end + room, number + 1

    def take_mark_back(self) -> None:
        """After an append that failed on its way: whatever was begun is not there."""
        _write(self.handle, bytes(_MARK.size), self.end)
        os.fsync(self.handle)

    def empty(self) -> None:
        """Forget all frames: first that there are any, then what was in them."""
        _write(self.handle, bytes(_MARK.size), _HEAD_BYTES)
        os.fsync(self.handle)
        _write(self.handle, bytes(self.end - _HEAD_BYTES), _HEAD_BYTES)
        os.fsync(self.handle)
        self.end, self.count, self.taken = _HEAD_BYTES, 0, 0

    def content(self) -> bytes:
        """Everything up to the end."""
        return os.pread(self.handle, self.end, 0)

    def close(self) -> None:
        """Let it go."""
        os.close(self.handle)

    def _walk(self) -> Iterator[tuple[Frame, int]]:
        """Each frame, and where the next one begins."""
        at, expected = _HEAD_BYTES, 0
        while at + _MARK.size <= self.size:
            length, checked, number = _MARK.unpack(os.pread(self.handle, _MARK.size, at))
            if (length, checked, number) == (0, 0, 0):
                return
            after = at + _padded(_MARK.size + length)
            if _marked(length, number) != _MARK.pack(length, checked, number) or length > _SEALED_BYTES_MAX:
                yield self._unreadable(number, os.pread(self.handle, _SEALED_BYTES_MAX, at)), self.size
                return
            sealed = os.pread(self.handle, length, at + _MARK.size)
            yield self._opened(number, sealed) if number == expected else self._unreadable(number, sealed), after
            at, expected = after, expected + 1

    def _opened(self, number: int, sealed: bytes) -> Frame:
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound(number))
            return Frame(self.path.name, number, _digest(sealed), _read(plain))
        except (InvalidTag, ValueError, KeyError, TypeError, Invalid):
            return self._unreadable(number, sealed)

    def _unreadable(self, number: int, content: bytes) -> Frame:
        return Frame(self.path.name, number, _digest(content), None)

    def _bound(self, number: int) -> bytes:
        return _MAGIC + self.id + number.to_bytes(8)

    def _make_room(self, wanted: int) -> None:
        if wanted > self.size:
            more = max(wanted - self.size, SPOOL_ROOM_BYTES // 4)
            os.posix_fallocate(self.handle, self.size, more)
            self.size += more


class Spool:
    """The spool of one process; thread-safe."""

    def __init__(self, folder: Path, keys: Keys, *, room_bytes: int = SPOOL_ROOM_BYTES) -> None:
        """Take in hand what dead processes left in `folder`; `make_ready` is for who will put something there.

        Raises:
            Unavailable: the folder cannot be read.

        """
        self.folder, self._keys, self._room_bytes = folder, keys, room_bytes
        self._turn = threading.Lock()
        self._broken = ""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._files = [file for path in sorted(folder.glob(f"*{_ENDING}")) if (file := self._adopt(path))]
        except OSError as error:
            raise Unavailable(
                "no-spool", f"the emergency spool in {folder} cannot be used ({_cause(error)})"
            ) from error
        self._own: _File | None = None

    def make_ready(self) -> None:
        """Have a file with room; a free one that is there is taken.

        Raises:
            Unavailable: the folder cannot be written, or there is no room.

        """
        with self._turn:
            try:
                self._ready()
            except OSError as error:
                cause = _cause(error)
                raise Unavailable("no-spool", f"the spool in {self.folder} cannot be used ({cause})") from error

    def put(self, act: Spooled) -> None:
        """Keep an act; it is on the disk on return.

        Raises:
            Invalid: it is too large.
            Unavailable: `record-not-written`: nothing was kept; or `commit-in-doubt`: nobody can tell.

        """
        plain = _written(act)
        if len(plain) > SPOOL_ACT_BYTES_MAX:
            raise Invalid("act-too-large", f"an act on the spool has at most {SPOOL_ACT_BYTES_MAX} bytes")
        with self._turn:
            if self._broken:
                raise Unavailable("record-not-written", f"the spool failed before ({self._broken})", cause=self._broken)
            try:
                self._ready().append(plain)
            except OSError as error:
                self._failed(error)

    @property
    def waiting(self) -> int:
        """How many acts wait to be entered."""
        with self._turn:
            return sum(file.count - file.taken for file in self._files)

    @property
    def set_aside(self) -> int:
        """How many files hold something that did not open, and wait for a person."""
        return len(list(self.folder.glob(f"*{_ASIDE}")))

    def shares_disk_with(self, other: Path) -> bool:
        """Whether a full disk there is a full disk here."""
        return self.folder.stat().st_dev == other.stat().st_dev

    def frames(self) -> list[Frame]:
        """What waits, oldest file first."""
        with self._turn:
            return [frame for file in self._files for frame in file.frames(file.taken)]

    def drain(self, enter: Callable[[Frame], None]) -> int:
        """Hand every frame to `enter`, in order; empty the files whose frames were all taken. Returns how many were.

        What `enter` raises ends it; the frame and those behind it are handed out again the next time. By one thread.

        Raises:
            Unavailable: a file could not be emptied; its frames are handed out again after the next start.

        """
        done = 0
        for file in tuple(self._files):
            while frames := self._some(file):
                for frame in frames:
                    enter(frame)
                    file.taken += 1
                    done += 1
            self._end(file)
        return done

    def close(self) -> None:
        """Let all files go; the next process takes them in hand."""
        for file in self._files:
            file.close()

    def _some(self, file: _File) -> list[Frame]:
        with self._turn:
            return list(file.frames(file.taken)) if file.taken < file.count else []

    def _end(self, file: _File) -> None:
        """Empty a file that is done with, unless something was put meanwhile."""
        with self._turn:
            if not file.count or file.taken < file.count:
                return
            try:
                if any(frame.act is None for frame in file.frames()):
                    _aside(file.path, file.content())
                file.empty()
            except OSError as error:
                raise Unavailable("spool-not-emptied", f"{file.path.name}: {_cause(error)}") from error
            if file is not self._own:
                file.path.unlink()
                file.close()
                self._files.remove(file)

    def _ready(self) -> _File:
        """The file that takes what is put."""
        if self._own is None:
            self._own = next((file for file in self._files if not file.count), None) or self._make()
        return self._own

    def _adopt(self, path: Path) -> _File | None:
        """A file of a dead process; None if a living one has it, or it is none of ours (then it is set aside)."""
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        try:
            return _File(path, handle, self._keys)
        except Invalid:
            os.close(handle)
            if path.stat().st_size:  # an empty one was being made when its process ended
                path.rename(path.with_suffix(_ASIDE))
            else:
                path.unlink()
            return None

    def _make(self) -> _File:
        """A new file with its room taken; it gets its head last."""
        identity = random_bytes(_ID_BYTES)
        name, _ = self._keys("")
        path = self.folder / f"{identity.hex()}{_ENDING}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.posix_fallocate(handle, 0, self._room_bytes)
            _write(handle, _MAGIC + identity + name.encode().ljust(_KEY_NAME_BYTES, b"\0"), 0)
            os.fsync(handle)
            sync_folder(self.folder)
        except OSError:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        made = _File(path, handle, self._keys)
        self._files.append(made)
        return made

    def _failed(self, error: OSError) -> None:
        """An append failed: see to it that it did not happen, or say that nobody can tell."""
        cause = _cause(error)
        try:
            if self._own is not None:
                self._own.take_mark_back()
        except OSError as again:
            self._broken = _cause(again)
            raise Unavailable("commit-in-doubt", f"the spool did not confirm ({cause})", cause=cause) from error
        raise Unavailable("record-not-written", f"the spool cannot be written ({cause})", cause=cause) from error


def look(folder: Path, keys: Keys) -> tuple[list[Frame], int]:
    """What waits in a folder that another process may be using, and how many files were set aside; changes nothing."""
    found: list[Frame] = []
    strange = len(list(folder.glob(f"*{_ASIDE}")))
    for path in sorted(folder.glob(f"*{_ENDING}")):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found += _File(path, handle, keys).frames()
        except Invalid:
            strange += 1
        finally:
            os.close(handle)
    return found, strange


def _aside(path: Path, content: bytes) -> None:
    """A copy of a file with something in it that does not open, for a person."""
    copy = path.with_name(f"{path.stem}-{random_bytes(4).hex()}{_ASIDE}")
    handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _write(handle, content, 0)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def _written(act: Spooled) -> bytes:
    actor = {"kind": act.actor.kind, "id": act.actor.id}
    told = {"kind": act.kind, "key": act.key, "at": to_micros(act.at), "actor": actor, "body": dict(act.body)}
    return canonical(told)


def _read(plain: bytes) -> Spooled:
    told = parse(plain, size_max=SPOOL_ACT_BYTES_MAX)
    actor = Actor(told["actor"]["kind"], told["actor"]["id"])
    return Spooled(told["kind"], told["key"], from_micros(told["at"]), actor, told["body"])


def _marked(length: int, number: int) -> bytes:
    return _MARK.pack(length, zlib.crc32(struct.pack(">IQ", length, number)) or 1, number)


def _padded(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(handle: int, content: bytes, at: int) -> None:
    """All of it: a write may stop short, on a nearly full disk above all."""
    written = 0
    while written < len(content):
        written += os.pwrite(handle, content[written:], at + written)


def _cause(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__
