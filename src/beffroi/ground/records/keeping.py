"""How a capability declares what it keeps.

Owns: `Keeping`, `Retention`, `SealedBlob`.
Promises: every column of every table is declared as a fact or as personal; personal columns say how they go.
Never does: delete; the sweep functions named here belong to their capability.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.storage import Tx


@dataclass(frozen=True, slots=True)
class Retention:
    """How long, in words that the public page shows, and the sweep that ends it.

    `sweep(tx, limit)` removes up to `limit` overdue rows and returns how many; None where rows stay as facts.
    """

    words: str
    sweep: Callable[[Tx, int], int] | None = None


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A blob that a row points to: `place` names the row; `purpose` is what it was sealed for, where it is known."""

    place: str
    blob: BlobKey
    subject: SubjectId
    purpose: str | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """One table: its `personal` columns, why they are kept (article), how long, and how they are erased.

    `sealed`: columns whose bytes open only with the subject's key, so that destroying the key erases them.
    `cleared`: personal columns that are not sealed; `clear(tx, subject)` blanks or deletes them.
    `blobs(conn)`: the sealed blobs that its rows point to, for `fsck`; a blob that nothing points to is an orphan.
    """

    table: Table
    purpose: str
    retention: Retention
    sealed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    clear: Callable[[Tx, str], None] | None = None
    blobs: Callable[[Connection], Iterator[SealedBlob]] | None = None
