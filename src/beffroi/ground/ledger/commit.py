"""What a leaf says of an event: that it was so, to those who are shown the event, and nothing to others.

Owns: the bytes of a leaf.
Promises: equal events with different salts have unrelated leaves; a dummy cannot be told from the
leaf of an event; the leaf stays checkable after an erasure, because of a person it commits only to a
commitment under that person's salt (P1).
Never does: see personal data.

    leaf = SHA-256(tag ‖ salt ‖ JCS{"facts": …, "personal": {subject: hex SHA-256(salt of the subject ‖ bytes)}})
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import random_bytes
from beffroi.ground.kernel.json import canonical

LEAF_BYTES = 32
SALT_BYTES = 32
TAG = b"beffroi event v1\n"
"""Tells these digests from every other use of SHA-256 here; a new form of leaf takes a new tag."""


def commitment(facts: Mapping[str, Any], personal: Mapping[str, str], salt: bytes) -> bytes:
    """The 32 bytes of a leaf.

    Args:
        facts: `StoredEvent.committed()`: everything of the event but its number, `personal` and the salt.
        personal: hex commitment by subject.
        salt: the event's own 32 random bytes.

    Raises:
        Invalid: `facts` have no canonical form (RFC 8785), or the salt has another size.

    """
    if len(salt) != SALT_BYTES:
        raise Invalid("salt-of-wrong-size", f"an event's salt has {SALT_BYTES} bytes", where="salt")
    return sha256(TAG + salt + canonical({"facts": dict(facts), "personal": dict(personal)})).digest()


def dummy() -> bytes:
    """The leaf of nothing."""
    return random_bytes(LEAF_BYTES)
