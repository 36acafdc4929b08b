"""The node's keys, one per purpose.

Owns: what a key is: Ed25519 for what others verify, 256 random bits for what stays in the house.
Promises: the algorithm is part of a key's id, never negotiated; no `repr`, pickle or error holds a secret.
Never does: keep keys; `ring` does.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import KeyId

SECRET_BYTES = 32
PUBLIC_BYTES = 32


class Purpose(StrEnum):
    """What a key is for; it is used for nothing else."""

    LEDGER = "ledger"  # signs checkpoints
    PEERING = "peering"  # signs messages to other nodes
    WEBHOOK = "webhook"  # the root of the secrets shared with platforms
    VAULT_WRAP = "vault_wrap"  # wraps what leaves the vault
    SPOOL = "spool"  # seals acts that wait outside the database

    @property
    def algorithm(self) -> "Algorithm":
        """The one algorithm of this purpose."""
        return Algorithm.ED25519 if self in (Purpose.LEDGER, Purpose.PEERING) else Algorithm.HKDF_SHA256


class Algorithm(StrEnum):
    """What a key does."""

    ED25519 = "ed25519"  # RFC 8032
    HKDF_SHA256 = "hkdf-sha256"  # RFC 5869: derives the key that is really used


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What anybody may know of a key."""

    id: KeyId
    purpose: Purpose
    algorithm: Algorithm
    created_at: datetime
    retires_at: datetime | None
    """From then on nothing signed with it is accepted any more; None: it is the key in use."""
    public: bytes | None
    """32 bytes (RFC 8032); None for a secret that stays in the house."""


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The half of a signing key that others have."""

    facts: KeyFacts
    public: bytes

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether this key signed exactly this message."""
        return signature_holds(self.public, signature, message)


class _Hidden:
    """A holder of a secret: it shows its id, and cannot be pickled or copied."""

    __slots__ = ("_secret", "facts")

    def __init__(self, facts: KeyFacts, secret: bytes) -> None:
        self.facts = facts
        self._secret = secret

    @property
    def id(self) -> KeyId:
        """The key's id, which names its algorithm."""
        return self.facts.id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.facts.id} for {self.facts.purpose}>"

    def __reduce__(self) -> NoReturn:
        message = "a key does not leave its process"
        raise TypeError(message)


class SigningKey(_Hidden):
    """An Ed25519 key that signs."""

    __slots__ = ()

    @property
    def public(self) -> bytes:
        """The 32 bytes that others verify with."""
        return public_of(self._secret)

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032 section 5.1.6)."""
        return Ed25519PrivateKey.from_private_bytes(self._secret).sign(message)


class SecretKey(_Hidden):
    """A secret that others are derived from; it is itself used for nothing."""

    __slots__ = ()

    def derive(self, context: str, size_bytes: int = 32) -> bytes:
        """The secret for one `context`: the same each time, unlike that of any other context or purpose (RFC 5869)."""
        info = f"beffroi/{self.facts.purpose}/{context}".encode()
        return HKDF(algorithm=SHA256(), length=size_bytes, salt=None, info=info).derive(self._secret)


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the Ed25519 key `public` signed `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(secret: bytes) -> bytes:
    """The public half of an Ed25519 seed."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def key_id(purpose: Purpose, material: bytes) -> KeyId:
    """`ed25519-` and 16 hex digits: a fingerprint of algorithm, purpose and key.

    `material` is the public half, or a secret of 256 random bits, which a fingerprint does not give away.

    Raises:
        Invalid: `material` has not 32 bytes.

    """
    if len(material) != PUBLIC_BYTES:
        raise Invalid("key-of-wrong-size", f"a {purpose} key has {PUBLIC_BYTES} bytes")
    algorithm = purpose.algorithm
    digest = sha256(b"\x00".join((b"beffroi key id", algorithm.encode(), purpose.encode(), material))).hexdigest()
    return KeyId(f"{algorithm}-{digest[:16]}")
