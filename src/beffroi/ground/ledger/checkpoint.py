"""Checkpoints: what the log said at one size, signed (C2SP tlog-checkpoint).

Owns: the text of a checkpoint.
Promises: one spelling; what is verified is what is read.
Never does: compare two of them; proofs do.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.limits import LEDGER_SIZE_MAX
from beffroi.ground.trust.keys import VerifyKey
from beffroi.ground.trust.note import NoteKey, Signer, open_note, parse_note, sign_note

from .merkle import HASH_BYTES

_SIZE_DIGITS = len(str(LEDGER_SIZE_MAX))
_LINES_MIN = 3  # origin, size, root; extensions may follow


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` leaves and this `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text: three lines, no extensions."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def log_keys(origin: str, keys: Iterable[VerifyKey]) -> list[NoteKey]:
    """The keys as others configure them; `.vkey` is the text to publish."""
    return [NoteKey(origin, key.public) for key in keys]


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer]) -> str:
    """The note over it; the name of the key is the origin, as the specification recommends."""
    return sign_note(checkpoint.text, checkpoint.origin, signers).encode()


def open_checkpoint(note: str | bytes, trusted: Iterable[NoteKey]) -> Checkpoint:
    """What `note` says, if a trusted key of the log itself signed it.

    Raises:
        Invalid: malformed.
        Unauthenticated: not signed by such a key, or signed falsely.

    """
    opened = open_note(note, trusted)
    checkpoint = parse_checkpoint(opened.text)
    if all(signature.name != checkpoint.origin for signature in opened.signatures):
        raise Unauthenticated("checkpoint-of-another-log", "no key of the log it names has signed this checkpoint")
    return checkpoint


def read_checkpoint(note: str | bytes) -> Checkpoint:
    """What `note` says, whoever signed it; for notes that this node keeps itself."""
    return parse_checkpoint(parse_note(note).text)


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text. Extension lines are passed over, as they mean nothing to us.

    Raises:
        Invalid: malformed.

    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _LINES_MIN or not all(lines):
        raise Invalid("checkpoint-malformed", "a checkpoint reads: origin, size, root, each on its line")
    origin, digits, encoded = lines[:_LINES_MIN]
    size, root = _size(digits), _root(encoded)
    if size is None or root is None:
        raise Invalid("checkpoint-malformed", "a checkpoint's size is a plain number and its root 32 bytes in base64")
    return Checkpoint(origin, size, root)


def _size(digits: str) -> int | None:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _SIZE_DIGITS):
        return None
    size = int(digits)
    return size if str(size) == digits and size <= LEDGER_SIZE_MAX else None


def _root(encoded: str) -> bytes | None:
    try:
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        return None
    return root if len(root) == HASH_BYTES and base64.b64encode(root).decode() == encoded else None
