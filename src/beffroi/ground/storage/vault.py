"""Subject keys: whoever's key is destroyed cannot be read any more, in the data or in any backup of it.

Owns: `vault.db`, a small SQLite file beside the data and never inside its backups: one AES-256 key and
one salt per subject.
Promises: `seal` binds the ciphertext to its subject and purpose; `destroy` overwrites the key in the file
(secure_delete, then the write-ahead log is emptied) and leaves when it was done.
Never does: hold a plaintext; decide who is erased (`ground.records` does).
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..kernel.clock import to_micros
from ..kernel.errors import InvariantViolated
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
_NONCE_BYTES = 12
_CACHE_MAX = 20_000  # subjects whose keys stay in memory: 1.3 MB


class Vault:
    """The subject keys of one node; thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create `vault.db` at `path`, mode 0600."""
        path.touch(mode=0o600, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        for name, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
            set_pragma(self._db, name, value)
        self._db.execute(_SCHEMA)
        self._cache: dict[SubjectId, tuple[bytes, bytes] | None] = {}

    def ensure(self, subjects: Iterable[SubjectId]) -> None:
        """Make keys for those who have none yet; durable on return."""
        with self._lock:
            self._ensure(subjects)

    def seal(self, subject: SubjectId, plain: bytes, purpose: str) -> bytes:
        """AES-256-GCM under the subject's key; opens only for the same subject and purpose."""
        key, _ = self._demand(subject)
        nonce = random_bytes(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, f"{subject}|{purpose}".encode())

    def open(self, subject: SubjectId, sealed: bytes, purpose: str) -> bytes | None:
        """The plaintext, or None if the subject was erased.

        Raises:
            InvariantViolated: the bytes were changed, or belong to somebody or something else.

        """
        found = self._find(subject)
        if found is None:
            return None
        try:
            return AESGCM(found[0]).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{subject}|{purpose}".encode()
            )
        except InvalidTag:
            raise InvariantViolated("sealed-bytes-changed", f"sealed bytes for {purpose} do not open") from None

    def commitment(self, subject: SubjectId, value: bytes) -> str:
        """Hex SHA-256 of the subject's salt and `value`: provable while the salt lives, unguessable after."""
        _, salt = self._demand(subject)
        return hashlib.sha256(salt + value).hexdigest()

    def destroy(self, subject: SubjectId, at: datetime) -> bool:
        """Overwrite key and salt; false if there was none (or it was destroyed before)."""
        with self._lock:
            self._cache[subject] = None
            changed = self._db.execute(
                "UPDATE subject_key SET key = NULL, salt = NULL, destroyed_at = ? "
                "WHERE subject = ? AND destroyed_at IS NULL",
                (to_micros(at), subject),
            ).rowcount
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return changed == 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _demand(self, subject: SubjectId) -> tuple[bytes, bytes]:
        with self._lock:
            if subject not in self._cache:
                self._ensure([subject])
            found = self._cache[subject]
        if found is None:
            raise InvariantViolated("subject-erased", "something writes about a subject whose key is destroyed")
        return found

    def _find(self, subject: SubjectId) -> tuple[bytes, bytes] | None:
        with self._lock:
            if subject not in self._cache:
                row = self._db.execute("SELECT key, salt FROM subject_key WHERE subject = ?", (subject,)).fetchone()
                self._remember(subject, None if row is None or row[0] is None else (row[0], row[1]))
            return self._cache[subject]

    def _ensure(self, subjects: Iterable[SubjectId]) -> None:
        unknown = [subject for subject in dict.fromkeys(subjects) if subject not in self._cache]
        if not unknown:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            fresh = ((subject, random_bytes(32), random_bytes(32)) for subject in unknown)
            self._db.executemany("INSERT OR IGNORE INTO subject_key (subject, key, salt) VALUES (?, ?, ?)", fresh)
            for subject in unknown:
                row = self._db.execute("SELECT key, salt FROM subject_key WHERE subject = ?", (subject,)).fetchone()
                self._remember(subject, None if row[0] is None else (row[0], row[1]))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _remember(self, subject: SubjectId, found: tuple[bytes, bytes] | None) -> None:
        if len(self._cache) >= _CACHE_MAX:
            self._cache.clear()
        self._cache[subject] = found
