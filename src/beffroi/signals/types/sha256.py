"""SHA-256 of a file's bytes: the same file, bit for bit.

Owns: the signal type `sha256` (FIPS 180-4).
Promises: a match is the very file.
Never does: hash text or decoded pixels.
"""

import hashlib

from ..digest import digest_of, same_or_not
from ..model import Reading, SignalType


def parse(text: str, where: str = "") -> str:
    """The digest written in `text`: 64 hex digits, lower case.

    Raises:
        Invalid: it is not one.

    """
    return digest_of(text, where, name="SHA-256", length=64)


def of_bytes(raw: bytes) -> Reading:
    """The digest of `raw`."""
    return Reading(hashlib.sha256(raw).hexdigest())


TYPE = SignalType(name="sha256", parse=parse, distance=same_or_not, distance_max=1, of_bytes=of_bytes)
