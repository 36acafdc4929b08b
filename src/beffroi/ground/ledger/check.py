"""Checking the ledger against everything it is drawn from; the ledger's part of `beffroi fsck`.

Owns: the recomputation of every leaf, subtree, root and signature.
Promises: any difference between events, leaves, tree and checkpoints is found and its place named; one
damaged row does not hide the next.
Never does: repair; believe `ledger_subtree` or a stored root. A record that was rewritten throughout, by
somebody who has the keys too, agrees with itself: only checkpoints that others hold show that (`held`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain

from sqlalchemy import Connection, exists, func, select

from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.storage import Database
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.note import NoteKey
from beffroi.ground.trust.ring import KeyRing

from . import store
from .checkpoint import log_keys, open_checkpoint, read_checkpoint
from .commit import LEAF_BYTES
from .merkle import EMPTY, Frontier, grow, leaf_hash
from .tiles import TILE_HEIGHT, TILE_WIDTH

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong. `place` names it: `position 17`, `event evt_…`, `checkpoint 4096`."""

    code: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint that somebody keeps apart from this database: a witness, a counterpart, the keys' folder."""

    holder: str
    note: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """Somebody says that the tree had this root at this size."""

    size: int
    root: bytes
    place: str


@dataclass(slots=True)
class _Walk:
    """Where the recomputation stands."""

    tree: Frontier = EMPTY
    subtrees: dict[tuple[int, int], bytes] = field(default_factory=dict)
    agreed: int = 0
    """The size of the last claim that held."""
    broken: bool = False
    """Whether the last claim did not hold: then those after it, which follow from it, are not reported again."""


def check(
    conn: Connection,
    trusted: Sequence[NoteKey],
    now: datetime,
    *,
    held: Iterable[Held] = (),
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[Finding]:
    """Everything that is wrong with the ledger; nothing if all is well.

    Args:
        conn: a reading connection.
        trusted: every key that ever signed for this log.
        now: events younger than `LEDGER_LAG_S_MAX` need no leaf yet.
        held: checkpoints kept elsewhere; each must be a prefix of the tree.
        progress: told (leaves checked, leaves there are) from time to time.

    """
    size = store.size(conn)
    refused: list[Finding] = []
    walk = _Walk()
    yield from _check_leaves(conn, size, walk, _claims(conn, trusted, held, refused), progress)
    yield from refused
    yield from _check_subtrees(conn, walk)
    yield from _check_misplaced(conn)
    yield from _check_unlogged(conn, now)


def check_own(
    database: Database,
    ring: KeyRing,
    now: datetime,
    *,
    held: Iterable[Held] = (),
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[Finding]:
    """`check` with this node's own keys, under every origin it ever used, and what the keys' folder remembers."""
    with database.read() as conn:
        origins = sorted(_origins(conn))
    trusted = [key for origin in origins for key in log_keys(origin, ring.ever(Purpose.LEDGER))]
    # Read before the view of the database is fixed: what was signed by then is in it, even if the node is at work.
    # A name that was given up after a restore says nothing: the log went on elsewhere, or not at all.
    known = [origin for origin in origins if ring.last_signed.doubted(origin) is None]
    remembered = {origin: ring.last_signed.get(origin) for origin in known}
    own = [Held(f"the keys of {origin}", note) for origin, note in remembered.items() if note]
    with database.read() as conn:
        yield from check(conn, trusted, now, held=[*own, *held], progress=progress)


# Claims


def _claims(
    conn: Connection, trusted: Sequence[NoteKey], held: Iterable[Held], refused: list[Finding]
) -> Iterator[_Claim]:
    """All checkpoints by size; what is wrong with one by itself goes to `refused`."""
    elsewhere = sorted(_held_claims(trusted, held, refused), key=_claimed_size)
    return merge(_stored_claims(conn, trusted, refused), elsewhere, key=_claimed_size)


def _stored_claims(conn: Connection, trusted: Sequence[NoteKey], refused: list[Finding]) -> Iterator[_Claim]:
    for row in store.checkpoints(conn):
        place = f"checkpoint {row.size}"
        try:
            said = open_checkpoint(row.note, trusted)
        except Refusal as refusal:
            refused.append(Finding("checkpoint-forged", place, f"its note does not verify: {refusal.message}"))
        else:
            if (said.size, said.root) != (row.size, row.root):
                refused.append(Finding("checkpoint-changed", place, f"its signed note speaks of {said.size} leaves"))
        yield _Claim(row.size, row.root, place)


def _held_claims(trusted: Sequence[NoteKey], held: Iterable[Held], refused: list[Finding]) -> Iterator[_Claim]:
    for each in held:
        place = f"checkpoint held by {each.holder}"
        try:
            said = open_checkpoint(each.note, trusted)
        except Refusal as refusal:
            refused.append(Finding("held-checkpoint-forged", place, f"it does not verify: {refusal.message}"))
        else:
            yield _Claim(said.size, said.root, place)


def _origins(conn: Connection) -> set[str]:
    found = set()
    for row in store.checkpoints(conn):
        with suppress(Refusal):  # a note that cannot be read is reported by the check itself
            found.add(read_checkpoint(row.note).origin)
    return found


def _claimed_size(claim: _Claim) -> int:
    return claim.size


# Leaves and roots


def _check_leaves(
    conn: Connection, size: int, walk: _Walk, claims: Iterator[_Claim], progress: Callable[[int, int], None]
) -> Iterator[Finding]:
    claim = next(claims, None)
    for begin in range(0, size, _CHUNK):
        end = min(begin + _CHUNK, size)
        present = _rows(conn, begin, end)
        yield from _check_against_events(conn, present)
        for position in range(begin, end):
            while claim is not None and claim.size <= position:
                yield from _check_claim(walk, claim)
                claim = next(claims, None)
            row = present.get(position)
            if row is None:
                yield Finding("leaf-missing", f"position {position}", "there is no leaf at this position")
            _grow(walk, b"" if row is None else row[1])
        progress(end, size)
    for late in chain([claim] if claim else [], claims):
        yield from _check_claim(walk, late)


def _rows(conn: Connection, begin: int, end: int) -> dict[int, tuple[int | None, bytes]]:
    c = store.leaf_table.c
    query = select(c.position, c.event_seq, c.leaf).where(c.position >= begin, c.position < end)
    return {position: (seq, bytes(leaf)) for position, seq, leaf in conn.execute(query)}


def _check_against_events(conn: Connection, rows: dict[int, tuple[int | None, bytes]]) -> Iterator[Finding]:
    wanted = [seq for seq, _ in rows.values() if seq is not None]
    events = {event.seq: event for event in read(conn, select(event_table).where(event_table.c.seq.in_(wanted)))}
    for position, (seq, leaf) in sorted(rows.items()):
        place = f"position {position}"
        if seq is None:
            if len(leaf) != LEAF_BYTES:
                yield Finding("leaf-changed", place, "a leaf has 32 bytes")
        elif seq not in events:
            yield Finding("event-missing", place, f"event number {seq}, to which this leaf commits, is gone")
        elif leaf != store.event_leaf(events[seq]):
            place = f"{place}, event {events[seq].id}"
            yield Finding("leaf-changed", place, "the event and its leaf differ: one of them was changed")


def _grow(walk: _Walk, leaf: bytes) -> None:
    walk.tree, nodes = grow(walk.tree, (leaf_hash(leaf),))
    for node in nodes:
        if node.level % TILE_HEIGHT == 0:
            walk.subtrees[node.level // TILE_HEIGHT, node.index] = node.hash


def _check_claim(walk: _Walk, claim: _Claim) -> Iterator[Finding]:
    """Compare a claim with the tree as recomputed; called when the tree has grown to its size, or to its end."""
    size = walk.tree.size
    if claim.size > size:
        yield Finding("ledger-cut-short", claim.place, f"it speaks of {claim.size} leaves and there are {size}")
    elif claim.root == walk.tree.root:
        walk.agreed, walk.broken = claim.size, False
    elif not walk.broken:
        walk.broken = True
        message = f"the leaves from position {walk.agreed} to {claim.size - 1} are not those that were signed"
        yield Finding("root-differs", claim.place, message)


# The rest


def _check_misplaced(conn: Connection) -> Iterator[Finding]:
    """What the constraints forbid, in case somebody took them away."""
    c = store.leaf_table.c
    for position in conn.execute(select(c.position).where(c.position < 0)).scalars():
        yield Finding("leaf-outside-tree", f"position {position}", "this leaf stands outside the tree")
    twice = select(c.event_seq).where(c.event_seq.is_not(None)).group_by(c.event_seq).having(func.count() > 1)
    for position in conn.execute(select(c.position).where(c.event_seq.in_(twice)).order_by(c.position)).scalars():
        yield Finding("event-logged-twice", f"position {position}", "its event has another leaf as well")


def _check_subtrees(conn: Connection, walk: _Walk) -> Iterator[Finding]:
    c = store.subtree_table.c
    rows = conn.execute(select(c.level, c.position, c.hash))
    stored = {(level, position): bytes(found) for level, position, found in rows}
    for level, position in sorted(stored.keys() | walk.subtrees.keys()):
        if stored.get((level, position)) != walk.subtrees.get((level, position)):
            span = TILE_WIDTH**level
            place = f"positions {position * span} to {(position + 1) * span - 1}"
            yield Finding("subtree-differs", place, f"the stored hash of level {level} is not that of its leaves")


def _check_unlogged(conn: Connection, now: datetime) -> Iterator[Finding]:
    c = event_table.c
    logged = exists().where(store.leaf_table.c.event_seq == c.seq)
    due = now - timedelta(seconds=LEDGER_LAG_S_MAX)
    query = select(c.id, c.at).where(c.at < due, ~logged).order_by(c.seq)
    for event_id, at in conn.execute(query):
        late_s = int((now - at).total_seconds())
        yield Finding("event-without-leaf", f"event {event_id}", f"recorded {late_s} s ago and still without a leaf")


def lag_s(conn: Connection, now: datetime) -> float:
    """Seconds since the oldest event after the last logged one was recorded; 0 if there is none. For `/health`."""
    c = event_table.c
    oldest = conn.execute(select(func.min(c.at)).where(c.seq > store.newest_logged(conn))).scalar_one()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
