"""Blobs that go: named in the transaction that forgets them, removed from the disk after it.

Owns: the table `doomed_blob`.
Promises: a blob is removed only once the row that pointed to it is gone for good; a crash in between removes it later.
Never does: open a blob, or touch a file; whoever has the blobs asks `doomed` and then says `gone`.
"""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Text, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..kernel.ids import BlobKey
from .tables import Instant, table
from .tx import Tx

doomed_table = table(
    "doomed_blob",
    Column("blob", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)


def doom(tx: Tx, blobs: Iterable[BlobKey]) -> None:
    """These are to be removed once this transaction is committed."""
    insert = sqlite_insert if tx.conn.dialect.name == "sqlite" else postgresql_insert
    rows = [{"blob": blob, "at": tx.now} for blob in dict.fromkeys(blobs)]
    if rows:
        tx.conn.execute(insert(doomed_table).on_conflict_do_nothing(), rows)


def doomed(conn: Connection, limit: int) -> list[BlobKey]:
    """Some that are still to be removed."""
    return [BlobKey(blob) for blob in conn.execute(select(doomed_table.c.blob).limit(limit)).scalars()]


def gone(tx: Tx, blobs: Iterable[BlobKey]) -> int:
    """These were removed from the disk; returns how many of them were still noted."""
    those = doomed_table.c.blob.in_(list(blobs))
    return tx.conn.execute(delete(doomed_table).where(those)).rowcount
