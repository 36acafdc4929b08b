"""Passwords: which are good enough, how they are hashed and checked.

Owns: the rules for a new password; `Hasher` (argon2id, RFC 9106).
Promises: a wrong password, an unknown account and one without a password cost the same work; no more than a few
hashes run at once, so that sign-ins cannot eat the machine.
Never does: keep a password, in any form but the hash it returns.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from beffroi.ground.kernel.errors import Invalid, TooMany
from beffroi.ground.kernel.ids import secret_token
from beffroi.ground.kernel.limits import (
    HASH_WAIT_S_MAX,
    HASHES_AT_ONCE_MAX,
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
)

Cost = Literal["standard", "cheap"]
_COSTS: dict[Cost, tuple[int, int, int]] = {
    "standard": (3, 64 * 1024, 4),  # RFC 9106 section 4, second choice
    "cheap": (1, 8, 1),
}
"""Passes, memory in KiB, lanes."""
_DENIED = (
    "password", "passwort", "passphrase", "letmein", "welcome", "willkommen", "bienvenue", "qwerty", "qwertz", "azerty",
    "administrator", "admin", "moderator", "overseer", "beffroi", "changeme", "correcthorsebatterystaple", "iloveyou",
    "1234567890", "0123456789", "abcdefghijkl", "asdfghjkl", "1q2w3e4r5t6y",
)  # fmt: skip
"""What people type to be done with it; nothing but these, digits and signs is no password."""


def normalised(password: str) -> str:
    """NFKC, so that the same password typed on two keyboards is the same (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *about: str) -> None:
    """Whether it may become somebody's password; `about`: their name and e-mail address.

    Raises:
        Invalid: too short, too long, not text, or among the first that a guesser tries.

    """
    plain = normalised(password)
    if len(plain) < PASSWORD_CHARS_MIN:
        raise Invalid("password-too-short", f"use at least {PASSWORD_CHARS_MIN} characters", where="password")
    if len(plain) > PASSWORD_CHARS_MAX:
        raise Invalid("password-too-long", f"use at most {PASSWORD_CHARS_MAX} characters", where="password")
    if _octets(plain) is None:
        raise Invalid("password-not-text", "this is not text", where="password")
    if _is_guessable(plain.casefold(), [normalised(word).casefold() for word in about]):
        raise Invalid("password-guessable", "this is among the first that a guesser tries", where="password")


def _is_guessable(plain: str, about: list[str]) -> bool:
    """Few different characters, or nothing left once well-known words and the person's own are taken out."""
    if len(frozenset(plain)) < 4:  # noqa: PLR2004  `aaaaaaaaaaab`, `121212121212`
        return True
    own = [part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split())]
    rest = plain
    for word in sorted([*_DENIED, *own], key=len, reverse=True):
        if len(word) >= 3:  # noqa: PLR2004  shorter names stand in every second sentence
            rest = rest.replace(word, "")
    return sum(letter.isalpha() for letter in rest) < 4 and len(rest) < PASSWORD_CHARS_MIN  # noqa: PLR2004


def _octets(plain: str) -> bytes | None:
    try:
        return plain.encode()
    except UnicodeEncodeError:
        return None


class Hasher:
    """Argon2id with one set of parameters; thread-safe."""

    def __init__(self, cost: Cost = "standard") -> None:
        """`cheap` is for tests."""
        passes, memory_kib, lanes = _COSTS[cost]
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._turns = threading.BoundedSemaphore(HASHES_AT_ONCE_MAX)
        self._nobodys = self._argon2.hash(secret_token())

    def hash(self, password: str) -> str:
        """The argon2id hash of a password that passed `check_new`, with its salt and parameters (PHC form)."""
        with self._turn():
            return self._argon2.hash(normalised(password))

    def holds(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash; without a hash the same work is done in vain.

        Raises:
            TooMany: too many people sign in at once.

        """
        plain = _octets(normalised(password)) if len(password) <= PASSWORD_CHARS_MAX else None
        with self._turn():
            matches = self._matches(password_hash or self._nobodys, plain or b"")
        return matches and password_hash is not None and plain is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def _matches(self, password_hash: str, plain: bytes) -> bool:
        try:
            return self._argon2.verify(password_hash, plain)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=HASH_WAIT_S_MAX):
            raise TooMany("sign-in-busy", "too many people sign in at this moment", retry_after_s=5)
        try:
            yield
        finally:
            self._turns.release()
