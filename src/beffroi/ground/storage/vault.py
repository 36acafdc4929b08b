"""Subject keys: whoever's key is destroyed cannot be read any more, in the data or in any backup of it.

Owns: `vault.db`, a small SQLite file beside the data and never inside its backups: one AES-256 key and
one salt per subject.
Promises: nothing is sealed under a key that is not on the disk; `seal` binds the ciphertext to its subject and
purpose; `destroy` overwrites the key in the file (secure_delete, then the write-ahead log is emptied) and leaves
when it was done; another process's change is seen at the next call.
Never does: hold a plaintext; decide who is erased (`ground.records` does).
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..kernel.clock import to_micros
from ..kernel.errors import InvariantViolated, Unavailable
from ..kernel.ids import SubjectId, random_bytes
from .engine import set_pragma

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subject_key (
  subject TEXT PRIMARY KEY,
  key BLOB,
  salt BLOB,
  destroyed_at INTEGER
) STRICT
"""
_FIND = "SELECT key, salt FROM subject_key WHERE subject = ?"
_DESTROY = """
INSERT INTO subject_key (subject, destroyed_at) VALUES (?, ?)
ON CONFLICT (subject) DO UPDATE SET key = NULL, salt = NULL, destroyed_at = excluded.destroyed_at
WHERE destroyed_at IS NULL
"""
_NONCE_BYTES = 12
_CACHE_MAX = 20_000  # subjects whose keys stay in memory: 1.3 MB


class Vault:
    """The subject keys of one node; thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create `vault.db` at `path`, mode 0600.

        Raises:
            Unavailable: it cannot be opened, or is not a vault.

        """
        path.touch(mode=0o600, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            for name, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
                set_pragma(self._db, name, value)
            self._db.execute(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
            raise Unavailable("vault-unavailable", f"{path} cannot be opened ({_cause(error)})") from error
        self._cache: dict[SubjectId, tuple[bytes, bytes] | None] = {}
        """Key and salt, or None once destroyed; only what is on the disk."""
        self._seen = -1

    def ensure(self, subjects: Iterable[SubjectId]) -> None:
        """Make keys for those who have none yet; durable on return.

        Raises:
            Unavailable: the file could not be written; nothing was.

        """
        with self._at_hand():
            self._ensure(subjects)

    def seal(self, subject: SubjectId, plain: bytes, purpose: str) -> bytes:
        """AES-256-GCM under the subject's key; opens only for the same subject and purpose.

        Raises:
            InvariantViolated: the subject was erased.
            Unavailable: there was no key yet, and none could be stored.

        """
        key, _ = self._demand(subject)
        nonce = random_bytes(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(subject, purpose))

    def open(self, subject: SubjectId, sealed: bytes, purpose: str) -> bytes | None:
        """The plaintext, or None if the subject was erased.

        Raises:
            InvariantViolated: the bytes were changed, or belong to somebody or something else.

        """
        with self._at_hand():
            found = self._find(subject)
        if found is None:
            return None
        try:
            nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return AESGCM(found[0]).decrypt(nonce, ciphertext, _bound_to(subject, purpose))
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise InvariantViolated("sealed-bytes-changed", f"sealed bytes for {purpose} do not open") from None

    def commitment(self, subject: SubjectId, value: bytes) -> str:
        """Hex SHA-256 of the subject's salt and `value`: provable while the salt lives, unguessable after."""
        _, salt = self._demand(subject)
        return hashlib.sha256(salt + value).hexdigest()

    def destroy(self, subject: SubjectId, at: datetime) -> bool:
        """Overwrite key and salt; false if there was none (or it was destroyed before).

        A subject without a key gets none from then on.

        Raises:
            Unavailable: the key opens nothing any more, but its bytes may still be in the file; call again.

        """
        return self.destroy_all([subject], at) == 1

    def destroy_all(self, subjects: Iterable[SubjectId], at: datetime) -> int:
        """The same for many, written once; returns how many had a key.

        Raises:
            Unavailable: the keys open nothing any more, but their bytes may still be in the file; call again.

        """
        doomed = list(dict.fromkeys(subjects))
        if not doomed:
            return 0
        with self._at_hand():
            had_key = sum(self._find(subject) is not None for subject in doomed)
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(_DESTROY, [(subject, to_micros(at)) for subject in doomed])
            self._db.execute("COMMIT")
            for subject in doomed:
                self._remember(subject, None)
            is_busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if is_busy:
                raise Unavailable("key-not-overwritten", "another process reads the vault; the key's bytes remain")
            return had_key

    def knows(self, subject: SubjectId) -> bool:
        """Whether there is a key for this subject, or the note that it was destroyed."""
        with self._at_hand():
            return self._find(subject) is not None or subject in self._cache

    def is_destroyed(self, subject: SubjectId) -> bool:
        """Whether this subject's key was destroyed."""
        with self._at_hand():
            return self._find(subject) is None and subject in self._cache

    def flaws(self) -> list[str]:
        """What SQLite finds wrong with the file; nothing if all is well."""
        try:
            with self._at_hand():
                said = [row[0] for row in self._db.execute("PRAGMA integrity_check")]
        except Unavailable as failure:
            return [failure.message]
        return [] if said == ["ok"] else said

    def destroyed_since(self, at: datetime) -> list[SubjectId]:
        """Whose keys were destroyed at that instant or later."""
        with self._at_hand():
            rows = self._db.execute("SELECT subject FROM subject_key WHERE destroyed_at >= ?", (to_micros(at),))
            return [SubjectId(subject) for (subject,) in rows]

    def living(self, prefix: str) -> list[SubjectId]:
        """Subjects whose ids begin with `prefix` (which has no wildcard) and who have a key."""
        query = "SELECT subject FROM subject_key WHERE subject GLOB ? AND destroyed_at IS NULL"
        with self._at_hand():
            return [SubjectId(subject) for (subject,) in self._db.execute(query, (f"{prefix}*",))]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _at_hand(self) -> Iterator[None]:
        """The file for us alone among threads, its failures told as ours, nothing remembered that others changed."""
        with self._lock:
            try:
                (version,) = self._db.execute("PRAGMA data_version").fetchone()
                if version != self._seen:
                    self._cache.clear()
                    self._seen = version
                yield
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                cause = _cause(error)
                raise Unavailable("vault-unavailable", f"the vault did not answer ({cause})", cause=cause) from error

    def _demand(self, subject: SubjectId) -> tuple[bytes, bytes]:
        with self._at_hand():
            found = self._find(subject)
            if found is None and subject not in self._cache:
                self._ensure([subject])
                found = self._cache[subject]
        if found is None:
            raise InvariantViolated("subject-erased", "something writes about a subject whose key is destroyed")
        return found

    def _find(self, subject: SubjectId) -> tuple[bytes, bytes] | None:
        """The key; None if it was destroyed (then that is remembered) or never made (then nothing is)."""
        if subject not in self._cache:
            row = self._db.execute(_FIND, (subject,)).fetchone()
            if row is None:
                return None
            self._remember(subject, None if row[0] is None else (row[0], row[1]))
        return self._cache[subject]

    def _ensure(self, subjects: Iterable[SubjectId]) -> None:
        unknown = [subject for subject in dict.fromkeys(subjects) if subject not in self._cache]
        if not unknown:
            return
        self._db.execute("BEGIN IMMEDIATE")
        fresh = ((subject, random_bytes(32), random_bytes(32)) for subject in unknown)
        self._db.executemany("INSERT OR IGNORE INTO subject_key (subject, key, salt) VALUES (?, ?, ?)", fresh)
        found = {subject: self._db.execute(_FIND, (subject,)).fetchone() for subject in unknown}
        self._db.execute("COMMIT")
        # Only now: a key that was used but never stored would lose what it sealed.
        for subject, row in found.items():
            self._remember(subject, None if row[0] is None else (row[0], row[1]))

    def _remember(self, subject: SubjectId, found: tuple[bytes, bytes] | None) -> None:
        if len(self._cache) >= _CACHE_MAX:
            self._cache.clear()
        self._cache[subject] = found


def _bound_to(subject: SubjectId, purpose: str) -> bytes:
    return f"{subject}|{purpose}".encode()


def _cause(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
