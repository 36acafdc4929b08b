"""Proofs drawn from the ledger for whoever asks.

Owns: making inclusion proofs, consistency proofs, and receipts: an event with its salt and its proof.
Promises: what it hands out convinces a stranger with the published keys (`verify`).
Never does: decide who may have a receipt; an event's facts are in it.
"""

import base64

from sqlalchemy import Connection, select

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.json import canonical
from beffroi.ground.storage.events import event_table, read

from . import store
from .merkle import prove_consistency, prove_inclusion
from .store import StoredCheckpoint, TreeReader
from .verify import ConsistencyProof, InclusionProof


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
    (event,) = read(conn, select(event_table).where(event_table.c.id == event_id))
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
