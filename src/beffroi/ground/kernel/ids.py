"""Identifiers: one type per kind of thing, so that one cannot be passed for another.

Owns: the shapes of ids and the only source of randomness outside `trust`.
Promises: an id is a short prefix, an underscore and 26 characters of Crockford base 32 that
sort by time of creation (48 bits of milliseconds, 80 random bits: a ULID).
Never does: put meaning or personal data into an id.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType, TypeVar

ItemId = NewType("ItemId", str)
AccountId = NewType("AccountId", str)
BankId = NewType("BankId", str)
EntryId = NewType("EntryId", str)
MatchId = NewType("MatchId", str)
CaseId = NewType("CaseId", str)
DecisionId = NewType("DecisionId", str)
RuleId = NewType("RuleId", str)
PolicyId = NewType("PolicyId", str)
RestrictionId = NewType("RestrictionId", str)
StatementId = NewType("StatementId", str)
ReportId = NewType("ReportId", str)
ThreatId = NewType("ThreatId", str)
RecipientId = NewType("RecipientId", str)
PersonId = NewType("PersonId", str)
OrganisationId = NewType("OrganisationId", str)
AuthorityId = NewType("AuthorityId", str)
OrderId = NewType("OrderId", str)
OrderItemId = NewType("OrderItemId", str)
SessionId = NewType("SessionId", str)
KeyId = NewType("KeyId", str)
EventId = NewType("EventId", str)
EffectId = NewType("EffectId", str)
SubjectId = NewType("SubjectId", str)
"""Whose personal data it is: the unit of erasure. One per account, per notifier, per staff member."""
BlobKey = NewType("BlobKey", str)
"""Lower-case hex SHA-256 of the stored bytes."""

T = TypeVar("T")

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LINK_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 26


def fresh(prefix: str, at: datetime) -> str:
    """A new id `prefix_…` that sorts by `at` (any aware datetime)."""
    number = (int(at.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    letters = (_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return f"{prefix}_{''.join(letters)}"


def made_at(id_: str) -> datetime:
    """When an id that `fresh` made was made, UTC, to the millisecond."""
    number = 0
    for letter in id_.rpartition("_")[2]:
        number = number << 5 | _ALPHABET.index(letter)
    return datetime.fromtimestamp((number >> 80) / 1000, UTC)


def secret_token(size_bytes: int = 32) -> str:
    """An unguessable URL-safe token; 256 bits unless told otherwise."""
    return secrets.token_urlsafe(size_bytes)


def random_bytes(size: int) -> bytes:
    """`size` bytes from the operating system's generator."""
    return secrets.token_bytes(size)


def reference(at: datetime, is_taken: Callable[[str], bool], prefix: str = "") -> str:
    """A short name to say on the telephone, `7F-22031A`: the day of the year, and three random bytes not taken yet."""
    while True:
        name = f"{prefix}{at.timetuple().tm_yday:02X}-{random_bytes(3).hex().upper()}"
        if not is_taken(name):
            return name


def shuffled(things: list[T]) -> list[T]:
    """The same things in an order nobody can foresee."""
    order = list(things)
    secrets.SystemRandom().shuffle(order)
    return order


def spoken_code() -> str:
    """A reference that people can read out: `KLMT-4417-RSBN`. Consonants only, so that it spells no word."""
    return f"{_letters(4)}-{secrets.randbelow(10_000):04d}-{_letters(4)}"


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LINK_ALPHABET) for _ in range(count))
