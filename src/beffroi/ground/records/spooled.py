"""Acts that came over the emergency spool: that they are entered once, and that the record says so.

Owns: the table `spooled_act`; the events by which the ledger knows when an act was done and when it could be recorded.
Promises: an act and the note that it was entered are one transaction; its digest is that of the sealed frame.
Never does: enter an act; `beffroi.flow.spool` does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Connection, Text, func, select

from beffroi.ground.storage import Event, Instant, Tx, table
from beffroi.ground.storage.spool import Frame, Spooled

from .keeping import Keeping, Retention

ENTERED, UNREADABLE = "entered", "unreadable"
spooled_table = table(
    "spooled_act",
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("spooled_at", Instant, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SpooledActEntered(Event):
    """An act that was kept at `spooled_at` is in the record; `outcome`: `entered`, or why it was refused."""

    aggregate: ClassVar[str] = "spooled-act"

    act: str
    kind: str
    digest: str
    spooled_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class SpooledActUnreadable(Event):
    """Something on the spool does not open: damaged, or planted. The file is set aside for a person."""

    aggregate: ClassVar[str] = "spooled-act"

    act: str
    """File and number of the frame."""
    digest: str


def is_entered(conn: Connection, key: str) -> bool:
    """Whether the act, or that it does not open, is in the record."""
    return conn.execute(select(spooled_table.c.key).where(spooled_table.c.key == key)).first() is not None


def note(tx: Tx, act: Spooled, digest: str, outcome: str) -> None:
    """The act is in the record, or was refused."""
    row = {"key": act.key, "kind": act.kind, "digest": digest, "spooled_at": act.at, "entered_at": tx.now}
    tx.add(spooled_table, row | {"outcome": outcome})
    tx.record(SpooledActEntered(act.key, act.kind, digest, act.at, outcome))


def note_unreadable(tx: Tx, frame: Frame) -> None:
    """A frame does not open."""
    row = {"key": place_of(frame), "kind": "", "digest": frame.digest, "spooled_at": tx.now, "entered_at": tx.now}
    tx.add(spooled_table, row | {"outcome": UNREADABLE})
    tx.record(SpooledActUnreadable(place_of(frame), frame.digest))


def place_of(frame: Frame) -> str:
    """What a frame that does not open is called: where it lies, and what lies there."""
    return f"{frame.file}-{frame.number}-{frame.digest[:16]}"


def refused(conn: Connection, since: datetime) -> int:
    """How many acts that people were promised could not be entered, from `since` on.

    What could not even be read is not among them: its file was set aside, and is looked at there.
    """
    c = spooled_table.c
    query = select(func.count()).where(c.outcome.not_in((ENTERED, UNREADABLE)), c.entered_at >= since)
    return int(conn.execute(query).scalar_one())


KEEPING = Keeping(
    spooled_table, "that what waited while the database was away is entered once", Retention("as long as the record")
)
