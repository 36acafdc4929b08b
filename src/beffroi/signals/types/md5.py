"""MD5 of a file's bytes: the same file, bit for bit.

Owns: the signal type `md5` (RFC 1321).
Promises: agreement with the banks that still speak MD5; two files with one MD5 can be made on purpose, so a
bank that lists MD5 alone proves little.
Never does: hash text or decoded pixels.
"""

import hashlib

from ..digest import digest_of, same_or_not
from ..model import Reading, SignalType


def parse(text: str, where: str = "") -> str:
    """The digest written in `text`: 32 hex digits, lower case.

    Raises:
        Invalid: it is not one.

    """
    return digest_of(text, where, name="MD5", length=32)


def of_bytes(raw: bytes) -> Reading:
    """The digest of `raw`."""
    return Reading(hashlib.md5(raw, usedforsecurity=False).hexdigest())


TYPE = SignalType(name="md5", parse=parse, distance=same_or_not, distance_max=1, of_bytes=of_bytes)
