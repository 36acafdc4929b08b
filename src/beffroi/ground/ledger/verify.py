"""Checking a proof: this event is in the log, and the log has only grown.

Owns: inclusion proofs in their textual form (C2SP tlog-proof), consistency proofs, receipts.
Promises: pure; whoever checks needs the published keys and this module, no node and no database. It says
which step fails.
Never does: make a proof; `proof` does.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import PROOF_LINES_MAX
from beffroi.ground.trust.note import NoteKey

from .checkpoint import Checkpoint, open_checkpoint
from .commit import commitment
from .merkle import HASH_BYTES, consistency_holds, inclusion_holds, leaf_hash

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX_DIGITS = 19  # 2**63


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The leaf at `position` is under the root of the checkpoint in `note`."""

    position: int
    path: tuple[bytes, ...]
    note: str

    def encode(self) -> str:
        """C2SP tlog-proof."""
        lines = [_FIRST_LINE, f"index {self.position}", *(base64.b64encode(step).decode() for step in self.path)]
        return "\n".join(lines) + "\n\n" + self.note


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The log of `old_note` is a prefix of that of `new_note`."""

    path: tuple[bytes, ...]
    old_note: str
    new_note: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """What a receipt proves: the log held these facts at `position` when it signed `checkpoint`."""

    facts: Mapping[str, Any]
    personal: Mapping[str, str]
    position: int
    checkpoint: Checkpoint


def verify_receipt(raw: bytes, trusted: Iterable[NoteKey]) -> LoggedEvent:
    """What a receipt proves.

    Raises:
        Invalid: malformed, or the proof does not lead from this event to the root.
        Unauthenticated: no trusted key signed the checkpoint.

    """
    told = parse(raw)
    try:
        facts, personal = dict(told["event"]["facts"]), dict(told["event"]["personal"])
        salt, proof = base64.b64decode(told["salt"], validate=True), str(told["proof"])
    except (KeyError, TypeError, ValueError, binascii.Error):
        message = "a receipt has event.facts, event.personal, salt (base64) and proof"
        raise Invalid("receipt-malformed", message) from None
    return verify_event(facts, personal, salt, proof, trusted)


def verify_event(
    facts: Mapping[str, Any], personal: Mapping[str, str], salt: bytes, proof: str, trusted: Iterable[NoteKey]
) -> LoggedEvent:
    """Like `verify_receipt`, from its parts; `proof` is in its textual form.

    Raises:
        Invalid: as `verify_receipt`.
        Unauthenticated: as `verify_receipt`.

    """
    parsed = parse_proof(proof)
    checkpoint = verify_inclusion(commitment(facts, personal, salt), parsed, trusted)
    return LoggedEvent(facts, personal, parsed.position, checkpoint)


def verify_inclusion(leaf: bytes, proof: InclusionProof, trusted: Iterable[NoteKey]) -> Checkpoint:
    """The checkpoint under whose root `leaf` is.

    Raises:
        Invalid: the path does not lead there; the leaf, its position, the path or the root is another.
        Unauthenticated: no trusted key signed the checkpoint.

    """
    checkpoint = open_checkpoint(proof.note, trusted)
    if not inclusion_holds(proof.position, checkpoint.size, leaf_hash(leaf), proof.path, checkpoint.root):
        raise Invalid("not-included", f"the log of {checkpoint.size} leaves does not hold this at {proof.position}")
    return checkpoint


def verify_consistency(proof: ConsistencyProof, trusted: Iterable[NoteKey]) -> tuple[Checkpoint, Checkpoint]:
    """The two checkpoints, the first a prefix of the second.

    Raises:
        Invalid: they are of two logs, or the path does not lead from one to the other.
        Unauthenticated: no trusted key signed one of them.

    """
    keys = list(trusted)
    old, new = open_checkpoint(proof.old_note, keys), open_checkpoint(proof.new_note, keys)
    if old.origin != new.origin:
        raise Invalid("two-logs", f"{old.origin} and {new.origin} are two logs")
    if not consistency_holds(old.size, new.size, proof.path, old.root, new.root):
        raise Invalid("not-consistent", f"the log of {old.size} leaves is not a prefix of the one of {new.size}")
    return old, new


def parse_proof(text: str) -> InclusionProof:
    """The proof in its textual form. An `extra` line is passed over: it proves nothing.

    Raises:
        Invalid: malformed.

    """
    head, separator, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if lines and lines[0].startswith("extra "):
        del lines[0]
    if first != _FIRST_LINE or not separator or not lines or len(lines) > PROOF_LINES_MAX + 1:
        raise Invalid("proof-malformed", f"a proof begins with {_FIRST_LINE}, then index, hashes, and a checkpoint")
    return InclusionProof(_position(lines[0]), tuple(_hash(line) for line in lines[1:]), note)


def _position(line: str) -> int:
    digits = line.removeprefix("index ")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= _INDEX_DIGITS
    if not plain or line != f"index {int(digits)}":
        raise Invalid("proof-malformed", "the index is a plain number")
    return int(digits)


def _hash(line: str) -> bytes:
    try:
        raw = base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != HASH_BYTES or base64.b64encode(raw).decode() != line:
        raise Invalid("proof-malformed", "a step of the proof is 32 bytes in base64")
    return raw
