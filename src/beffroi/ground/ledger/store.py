"""The ledger's tables, and the tree read from them.

Owns: `ledger_leaf`, `ledger_subtree`, `ledger_checkpoint`; nobody else writes them.
Promises: append-only by trigger; positions without a gap; a proof over a million leaves reads three short
ranges. `ledger_subtree` repeats what the leaves say, every eighth level of the tree, for speed alone.
Never does: believe what it reads; `check` recomputes it all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Text, func, select

from beffroi.ground.kernel.errors import Invalid, InvariantViolated
from beffroi.ground.storage import Instant, Octets, StoredEvent, table
from beffroi.ground.storage.events import event_table
from beffroi.ground.storage.tables import Big
from beffroi.ground.storage.triggers import append_only

from .commit import commitment
from .merkle import Node, fold_complete, leaf_hash
from .tiles import TILE_HEIGHT, TILE_WIDTH

leaf_table = append_only(
    table(
        "ledger_leaf",
        Column("position", Big, primary_key=True, autoincrement=False),
        Column("event_seq", Big),  # NULL: a dummy
        Column("leaf", Octets, nullable=False),
    )
)
_of_event = leaf_table.c.event_seq.is_not(None)
Index(
    "uq_ledger_leaf_event_seq",
    leaf_table.c.event_seq,
    unique=True,
    sqlite_where=_of_event,
    postgresql_where=_of_event,
)

subtree_table = append_only(
    table(
        "ledger_subtree",
        Column("level", Integer, primary_key=True, autoincrement=False),  # of tiles: 1 spans 256 leaves, 2 65,536
        Column("position", Big, primary_key=True, autoincrement=False),
        Column("hash", Octets, nullable=False),
    )
)

checkpoint_table = append_only(
    table(
        "ledger_checkpoint",
        Column("size", Big, primary_key=True, autoincrement=False),
        Column("root", Octets, nullable=False),
        Column("at", Instant, nullable=False),
        Column("note", Text, nullable=False),
    )
)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One row of `ledger_checkpoint`."""

    size: int
    root: bytes
    at: datetime
    note: str


class TreeReader:
    """Reads complete subtrees as a `merkle.NodeReader`; keeps the tiles it has read for as long as it lives."""

    def __init__(self, conn: Connection) -> None:
        """Over one connection, whose view of the database must not change meanwhile."""
        self._conn = conn
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of the subtree (level, index).

        Raises:
            InvariantViolated: rows are missing from the ledger.

        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        first, count = index << height, 1 << height
        tile, offset = divmod(first, TILE_WIDTH)
        if (tile_level, tile) not in self._tiles:
            self._tiles[tile_level, tile] = tile_hashes(self._conn, tile_level, tile, TILE_WIDTH)
        hashes = self._tiles[tile_level, tile][offset : offset + count]
        if len(hashes) != count:
            raise InvariantViolated("ledger-rows-missing", f"ledger rows are missing in tile {tile_level}/{tile}")
        return fold_complete(hashes)


def event_leaf(event: StoredEvent) -> bytes | None:
    """The leaf that `event` must have; None if it has no canonical form, and so can have no leaf."""
    try:
        return commitment(event.committed(), event.personal, event.salt)
    except Invalid:
        return None


def size(conn: Connection) -> int:
    """How many leaves there are."""
    last = conn.execute(select(func.max(leaf_table.c.position))).scalar_one()
    return 0 if last is None else last + 1


def leaves(conn: Connection, begin: int, end: int) -> list[bytes]:
    """The leaves at positions from `begin` to before `end`."""
    position = leaf_table.c.position
    query = select(leaf_table.c.leaf).where(position >= begin, position < end).order_by(position)
    return [bytes(leaf) for leaf in conn.execute(query).scalars()]


def tile_hashes(conn: Connection, tile_level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a tile, or as many as there are."""
    begin = index * TILE_WIDTH
    if tile_level == 0:
        return [leaf_hash(leaf) for leaf in leaves(conn, begin, begin + width)]
    c = subtree_table.c
    within = (c.level == tile_level) & (c.position >= begin) & (c.position < begin + width)
    return [bytes(row) for row in conn.execute(select(c.hash).where(within).order_by(c.position)).scalars()]


def leaf_rows(first: int, leaves_of: Iterable[tuple[int | None, bytes]]) -> list[dict[str, Any]]:
    """Rows of `ledger_leaf` for (number of the event or None, leaf), from position `first` on."""
    return [
        {"position": position, "event_seq": event_seq, "leaf": leaf}
        for position, (event_seq, leaf) in enumerate(leaves_of, first)
    ]


def subtree_rows(nodes: Iterable[Node]) -> list[dict[str, Any]]:
    """Rows of `ledger_subtree` for those of the nodes that stand in tiles."""
    return [
        {"level": node.level // TILE_HEIGHT, "position": node.index, "hash": node.hash}
        for node in nodes
        if node.level % TILE_HEIGHT == 0
    ]


def position_of(conn: Connection, event_id: str) -> int | None:
    """Where the event's leaf stands, or None while it has none."""
    joined = leaf_table.join(event_table, event_table.c.seq == leaf_table.c.event_seq)
    query = select(leaf_table.c.position).select_from(joined).where(event_table.c.id == event_id)
    found: int | None = conn.execute(query).scalar_one_or_none()
    return found


def newest_logged(conn: Connection) -> int:
    """The highest number of an event that has a leaf; 0 if none has."""
    return conn.execute(select(func.max(leaf_table.c.event_seq))).scalar_one() or 0


def latest_checkpoint(conn: Connection) -> StoredCheckpoint | None:
    """The one in force."""
    found = conn.execute(select(checkpoint_table).order_by(checkpoint_table.c.size.desc()).limit(1)).mappings().first()
    return None if found is None else _checkpoint(found)


def last_under_another_name(conn: Connection, origin: str) -> StoredCheckpoint | None:
    """The last one that is not under the name `origin`; None where the log never had another."""
    c = checkpoint_table.c
    other = ~c.note.startswith(f"{origin}\n", autoescape=True)
    found = conn.execute(select(checkpoint_table).where(other).order_by(c.size.desc()).limit(1)).mappings().first()
    return None if found is None else _checkpoint(found)


def newest_checkpoints(conn: Connection, limit: int) -> list[StoredCheckpoint]:
    """The last ones, newest first."""
    query = select(checkpoint_table).order_by(checkpoint_table.c.size.desc()).limit(limit)
    return [_checkpoint(row) for row in conn.execute(query).mappings()]


def checkpoint_at(conn: Connection, size_then: int) -> StoredCheckpoint | None:
    """The one that was made at this size."""
    found = conn.execute(select(checkpoint_table).where(checkpoint_table.c.size == size_then)).mappings().first()
    return None if found is None else _checkpoint(found)


def checkpoints(conn: Connection, *, chunk: int = 1000) -> Iterator[StoredCheckpoint]:
    """All of them, smallest first, read `chunk` at a time."""
    after = -1
    while True:
        query = select(checkpoint_table).where(checkpoint_table.c.size > after)
        rows: Sequence[Any] = conn.execute(query.order_by(checkpoint_table.c.size).limit(chunk)).mappings().all()
        yield from map(_checkpoint, rows)
        if len(rows) < chunk:
            return
        after = rows[-1]["size"]


def _checkpoint(row: Any) -> StoredCheckpoint:
    return StoredCheckpoint(row["size"], bytes(row["root"]), row["at"], row["note"])
