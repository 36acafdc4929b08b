"""Proofs that anybody can check: this event is in the log, and the log has only grown.

Owns: inclusion proofs (C2SP tlog-proof), consistency proofs, and receipts: an event with its proof.
Promises: the verifying half is pure and needs the published keys alone, no node and no database; it says
which step fails.
Never does: trust the half that proves.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.json import canonical, parse
from beffroi.ground.kernel.limits import PROOF_LINES_MAX
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.trust.note import NoteKey

from . import store
from .checkpoint import Checkpoint, open_checkpoint
from .commit import commitment
from .merkle import (
    HASH_BYTES,
    consistency_holds,
    inclusion_holds,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
)
from .store import StoredCheckpoint, TreeReader

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_DIGITS_MAX = 19


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


# Proving


def inclusion(conn: Connection, position: int, size: int | None = None) -> InclusionProof:
    """The proof for a position, in the checkpoint of `size` or else the newest.

    Raises:
        NotFound: there is no such checkpoint, or the position is not in it (yet).

    """
    checkpoint = _checkpoint(conn, size)
    if not 0 <= position < checkpoint.size:
        raise NotFound("not-in-checkpoint", f"the checkpoint of {checkpoint.size} leaves has no position {position}")
    path = prove_inclusion(position, checkpoint.size, TreeReader(conn))
    return InclusionProof(position, tuple(path), checkpoint.note)


def event_inclusion(conn: Connection, event_id: str, size: int | None = None) -> InclusionProof:
    """The proof for an event.

    Raises:
        NotFound: no such event, or it is not in the checkpoint (yet).

    """
    position = store.position_of(conn, event_id)
    if position is None:
        raise NotFound("not-in-checkpoint", "no such event has a leaf yet; a new one has it within a minute")
    return inclusion(conn, position, size)


def consistency(conn: Connection, old: int, new: int) -> ConsistencyProof:
    """The proof between the checkpoints of `old` and of `new` leaves.

    Raises:
        NotFound: no checkpoint was made at one of the sizes.
        Invalid: `old` is larger than `new`.

    """
    first, second = _checkpoint(conn, old), _checkpoint(conn, new)
    path = prove_consistency(first.size, second.size, TreeReader(conn))
    return ConsistencyProof(tuple(path), first.note, second.note)


def receipt(conn: Connection, event_id: str, size: int | None = None) -> bytes:
    """One event with its salt and its proof, as canonical JSON; whoever gets it can check it alone.

    Raises:
        NotFound: see `event_inclusion`.

    """
    proof = event_inclusion(conn, event_id, size)
    event = next(read(conn, select(event_table).where(event_table.c.id == event_id)), None)
    if event is None:
        raise NotFound("no-such-event", "there is no event with this id")
    told = {
        "event": {"facts": event.committed(), "personal": event.personal},
        "salt": base64.b64encode(event.salt).decode(),
        "proof": proof.encode(),
    }
    return canonical(told)


def _checkpoint(conn: Connection, size: int | None) -> StoredCheckpoint:
    found = store.latest_checkpoint(conn) if size is None else store.checkpoint_at(conn, size)
    if found is None:
        raise NotFound("no-such-checkpoint", "the ledger has no checkpoint of this size")
    return found


# Verifying


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
    parsed = parse_proof(proof)
    checkpoint = verify_inclusion(commitment(facts, personal, salt), parsed, trusted)
    return LoggedEvent(facts, personal, parsed.position, checkpoint)


def verify_event(event: bytes, salt: bytes, proof: str, trusted: Iterable[NoteKey]) -> LoggedEvent:
    """Like `verify_receipt`, from its parts: `event` is the JSON `{"facts": …, "personal": …}`."""
    told = {"event": parse(event), "salt": base64.b64encode(salt).decode(), "proof": proof}
    return verify_receipt(canonical(told), trusted)


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
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS_MAX
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
