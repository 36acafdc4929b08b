"""Everything durable: one set of tables on two databases, one writer, blobs, subject keys.

Owns: the engine, the transaction (`Tx`), the writer thread, events, intended effects, blobs, the vault.
Promises: what was acknowledged is on the disk; a row, its event and its intended effects are one
transaction; the same code runs on SQLite and on PostgreSQL.
Never does: know what a row means. Tables belong to the `store.py` of their capability.
"""

from .aggregate import Rows
from .blobs import BlobFolder, BlobStore
from .bucket import BlobBucket, Bucket
from .effects import Effect
from .engine import Database
from .events import Event, StoredEvent
from .reserve import Reserve
from .spool import Spool
from .tables import Flag, Instant, Json, Octets, metadata, table
from .tx import Actor, Tx
from .vault import Vault
from .writer import Lane, Writer

__all__ = [
    "Actor",
    "BlobBucket",
    "BlobFolder",
    "BlobStore",
    "Bucket",
    "Database",
    "Effect",
    "Event",
    "Flag",
    "Instant",
    "Json",
    "Lane",
    "Octets",
    "Reserve",
    "Rows",
    "Spool",
    "StoredEvent",
    "Tx",
    "Vault",
    "Writer",
    "metadata",
    "table",
]
