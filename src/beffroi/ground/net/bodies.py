"""Reading an answer's body without swallowing a bomb.

Owns: the one content coding we ask for (gzip) and the cap on what comes out of it.
Promises: never holds more than the cap plus one piece off the wire; an incomplete coding is an error, not a short body.
Never does: decode brotli, zstd or stacked codings; nobody was asked for them.
"""

import zlib
from collections.abc import Iterable

from .errors import AnswerTooLarge, AnswerUnreadable

ACCEPTED = "gzip"
_PLAIN = frozenset({"", "identity"})
_GZIPPED = frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def read_body(pieces: Iterable[bytes], coding: str, bytes_max: int) -> bytes:
    """The decoded body in `pieces`, whose Content-Encoding is `coding`.

    Raises:
        AnswerTooLarge: over `bytes_max` bytes after decoding.
        AnswerUnreadable: a coding nobody asked for, or a broken one.

    """
    name = coding.strip().lower()
    if name in _PLAIN:
        return _gather(pieces, bytes_max)
    if name in _GZIPPED:
        return _gather(_unzipped(pieces, bytes_max), bytes_max)
    raise AnswerUnreadable("content-coding-unknown")


def _gather(pieces: Iterable[bytes], bytes_max: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > bytes_max:
            raise AnswerTooLarge("body-too-large")
    return bytes(body)


def _unzipped(pieces: Iterable[bytes], bytes_max: int) -> Iterable[bytes]:
    """Each member of a gzip stream (RFC 1952 §2.2); a piece yields one byte over the cap at most."""
    member = zlib.decompressobj(_GZIP_WINDOW)
    begun = False
    for piece in pieces:
        rest = piece
        while rest:
            if member.eof:
                member = zlib.decompressobj(_GZIP_WINDOW)
            begun = True
            try:
                yield member.decompress(rest, bytes_max + 1)
            except zlib.error:
                raise AnswerUnreadable("content-coding-broken") from None
            rest = member.unused_data if member.eof else b""
    if begun and not member.eof:
        raise AnswerUnreadable("content-coding-broken")
