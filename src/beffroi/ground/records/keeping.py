"""How a capability declares what it keeps, and how long.

Owns: `Keeping`, `Retention`, `SealedBlob`.
Promises: every column of every table is declared as a fact or as personal; personal columns say how they go; a table
whose rows end has said what ends them (`tests/tidy/test_records.py`).
Never does: delete; `sweeping` does, driven by `flow`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.storage import Tx


@dataclass(frozen=True, slots=True)
class Retention:
    """How long, in words that the public page shows, and what ends it. Rows with none of the four stay: facts.

    `over(conn, now)`: rows that this selects are past their time, whatever else there is.
    `asked`: the table has a `look_at`; at that instant `flow` is asked whether anything still needs the row.
    `owner`: the command that ends what the row belongs to, and the row in the same transaction.
    `until_erased`: published, or somebody's for as long as they want it.
    `also(tx, rows)`: what goes with rows that the sweep lets go, before they do: keys, blobs.
    """

    words: str
    over: Callable[[Connection, datetime], ColumnElement[bool]] | None = None
    asked: bool = False
    owner: str = ""
    until_erased: bool = False
    also: Callable[[Tx, Sequence[RowMapping]], None] | None = None

    @property
    def is_for_good(self) -> bool:
        """Whether the rows stay as long as the node's record."""
        return self.over is None and not (self.asked or self.owner or self.until_erased)


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
    `cleared`: personal columns that are not sealed.
    `clear(tx, subject)`: blanks or deletes what the table has of a subject, and destroys the keys that are only its.
    `blobs(conn)`: the sealed blobs that its rows point to, for `fsck`; a blob that nothing points to is an orphan.
    """

    table: Table
    purpose: str
    retention: Retention
    sealed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    clear: Callable[[Tx, str], None] | None = None
    blobs: Callable[[Connection], Iterator[SealedBlob]] | None = None
