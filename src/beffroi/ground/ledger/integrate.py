"""Integration: events get their leaves, and the log says so at a fixed beat.

Owns: the one way into the ledger's tables.
Promises: every event gets exactly one leaf; a checkpoint each beat, whether or not anything happened;
leaves shuffled and padded to powers of two, so that the published log tells neither when nor how much.
Hashing and signing happen outside the write transactions. Nothing is signed that contradicts what was
signed before, even if the database was set back.
Never does: lose its place. A crash between any two steps leaves events without leaves or leaves without a
checkpoint; the next beat takes both up.

    prepare (reads, hashes) → append (writes) → … until nothing waits → sign → publish (writes)
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, Refusal, Unavailable
from beffroi.ground.kernel.ids import shuffled
from beffroi.ground.kernel.limits import LEDGER_BATCH_MAX, LEDGER_PAD_MIN, LEDGER_ROUNDS_MAX, LEDGER_WINDOW
from beffroi.ground.storage import Database, StoredEvent, Tx, Writer
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing

from . import store
from .checkpoint import Checkpoint, log_keys, open_checkpoint, read_checkpoint, sign_checkpoint
from .commit import dummy
from .merkle import Frontier, Node, NodeReader, frontier, grow, leaf_hash, root_at
from .store import StoredCheckpoint, TreeReader, event_leaf


@dataclass(frozen=True, slots=True)
class Batch:
    """Leaves ready to be appended to the tree `before`."""

    before: Frontier
    after: Frontier
    leaves: tuple[tuple[int | None, bytes], ...]
    """(number of the event, or None for a dummy; leaf)"""
    nodes: tuple[Node, ...]
    reached: int
    """The number of the last event in it."""
    more: bool
    """Whether more events may be waiting."""


class Integrator:
    """The ledger's beat. One per process; the worker calls `beat` each `LEDGER_CADENCE_S`."""

    def __init__(self, database: Database, writer: Writer, ring: KeyRing, origin: str, clock: Clock) -> None:
        """`origin` names the log, for example `node.example/ledger`; it is also the name of its keys."""
        self._database, self._writer = database, writer
        self._ring, self._origin, self._clock = ring, origin, clock
        self._swept = False

    def beat(self) -> StoredCheckpoint:
        """Integrate what waits, then sign and publish a checkpoint.

        Raises:
            Unavailable: the database did not answer, or another process integrates; the next beat may succeed.
            InvariantViolated: the tree contradicts what was signed before; nothing was signed.

        """
        reached = self._start()
        for _ in range(LEDGER_ROUNDS_MAX):
            batch = self._integrate(reached)
            reached = batch.reached
            if not batch.more:
                self._swept = True
                break
        with self._database.read() as conn:
            signed = sign(conn, self._ring, self._origin, self._clock.now())
        self._writer.run("law", NODE, lambda tx: publish(tx, signed))
        return signed

    def _start(self) -> int:
        """The event after which to look: all are looked through once, then the newest `LEDGER_WINDOW`."""
        with self._database.read() as conn:
            return store.newest_logged(conn) - LEDGER_WINDOW if self._swept else 0

    def _integrate(self, after: int) -> Batch:
        with self._database.read() as conn:
            batch = prepare(conn, after=after)
        try:
            self._writer.run("law", NODE, lambda tx: append(tx, batch))
        except Conflict as lost:
            raise Unavailable(lost.code, "another process integrates at this moment") from None
        return batch


def prepare(conn: Connection, *, after: int = 0) -> Batch:
    """The next batch: events above number `after` without a leaf, shuffled, with dummies between them."""
    # An event without a canonical form must not hold up the others; `check` reports it.
    waiting = _waiting(conn, after)
    known = [(event.seq, leaf) for event in waiting if (leaf := event_leaf(event)) is not None]
    padding = [(None, dummy()) for _ in range(padded(len(known)) - len(known))]
    leaves = tuple(shuffled([*known, *padding]))
    before = frontier(store.size(conn), TreeReader(conn))
    grown, nodes = grow(before, (leaf_hash(leaf) for _, leaf in leaves))
    return Batch(
        before,
        grown,
        leaves,
        tuple(nodes),
        reached=waiting[-1].seq if waiting else after,
        more=len(waiting) == LEDGER_BATCH_MAX,
    )


def append(tx: Tx, batch: Batch) -> None:
    """Store the batch.

    Raises:
        Conflict: the tree has grown since the batch was prepared.

    """
    if store.size(tx.conn) != batch.before.size:
        raise Conflict("ledger-grew", "the ledger has grown since this batch was prepared")
    tx.add(store.leaf_table, store.leaf_rows(batch.before.size, batch.leaves))
    tx.add(store.subtree_table, store.subtree_rows(batch.nodes))


def sign(conn: Connection, ring: KeyRing, origin: str, at: datetime) -> StoredCheckpoint:
    """A signed checkpoint of the tree as it is stored; with every key whose overlap runs.

    Raises:
        InvariantViolated: the tree contradicts the last published checkpoint, or the last one signed with
            these keys; or nobody knows which that was. Restored from a backup, a node may not go on under the
            same origin (DESIGN §4, keys).

    """
    doubt = ring.last_signed.doubted(origin)
    if doubt is not None:
        raise InvariantViolated("ledger-restored", f"nothing is signed for {origin}: {doubt}")
    read_node = TreeReader(conn)
    size = store.size(conn)
    for known in _said_before(conn, ring, origin):
        _refuse_contradiction(known, size, read_node)
    checkpoint = Checkpoint(origin, size, root_at(size, read_node))
    note = sign_checkpoint(checkpoint, ring.signers(Purpose.LEDGER))
    ring.last_signed.remember(origin, note)  # before anybody else can see it
    return StoredCheckpoint(size, checkpoint.root, at, note)


def publish(tx: Tx, signed: StoredCheckpoint) -> None:
    """Put the checkpoint in force; nothing happens if one of this size is already."""
    if store.checkpoint_at(tx.conn, signed.size) is None:
        row = {"size": signed.size, "root": signed.root, "at": signed.at, "note": signed.note}
        tx.add(store.checkpoint_table, row)


def padded(count: int) -> int:
    """How many leaves a batch of `count` events has: a power of two, at least `LEDGER_PAD_MIN`."""
    return max(LEDGER_PAD_MIN, 1 << max(0, count - 1).bit_length())


def _waiting(conn: Connection, after: int) -> list[StoredEvent]:
    c = event_table.c
    logged = exists().where(store.leaf_table.c.event_seq == c.seq)
    query = select(event_table).where(c.seq > after, ~logged).order_by(c.seq).limit(LEDGER_BATCH_MAX)
    return list(read(conn, query))


def _said_before(conn: Connection, ring: KeyRing, origin: str) -> list[Checkpoint]:
    published, signed = store.latest_checkpoint(conn), ring.last_signed.get(origin)
    notes = [published.note if published else None, signed]
    known = [read_checkpoint(note) for note in notes if note is not None]
    if published is not None and known[0].origin == origin:
        _refuse_foreign(published.note, origin, ring)
    return known


def _refuse_foreign(note: str, origin: str, ring: KeyRing) -> None:
    """Going on with other keys under the same origin would look like a forgery to everybody else."""
    try:
        open_checkpoint(note, log_keys(origin, ring.ever(Purpose.LEDGER)))
    except Refusal as refusal:
        raise InvariantViolated(
            "ledger-keys-lost",
            f"the last checkpoint was not signed with the keys of this node ({refusal.message}). "
            "Restore the keys, or let a named operator open a new log origin",
        ) from None


def _refuse_contradiction(known: Checkpoint, size: int, read_node: NodeReader) -> None:
    if known.size > size:
        raise InvariantViolated(
            "ledger-set-back",
            f"the ledger has {size} leaves, but one of {known.size} was signed: the database was set back. "
            "Restore a newer one, or let a named operator open a new log origin",
        )
    if root_at(known.size, read_node) != known.root:
        raise InvariantViolated(
            "ledger-forked", f"the first {known.size} leaves are not those that were signed; run `beffroi fsck`"
        )
