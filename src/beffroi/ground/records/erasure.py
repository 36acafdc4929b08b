"""Erasing a person, really, though the log stays.

Owns: the `Erased` event, the order of steps, and the wishes that cannot be fulfilled yet.
Promises: the subject's key and salt are destroyed, so that sealed bytes (also in every backup) and
commitments (also in the ledger) tell nothing any more; unsealed personal columns are cleared in the same
transaction that records `Erased`; nobody is erased under a hold, and a wish that waits is not forgotten.
Never does: ask whether something else needs the data; `flow.erasure` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Index, Text, delete

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Event, Instant, Tx, table

from .holds import held_until
from .keeping import Keeping, Retention

RESTORE = "restore"
"""The reason under which what was erased before is erased again in an older copy."""

wish_table = table(
    "erasure_wish",
    Column("subject", Text, primary_key=True),
    Column("asked_at", Instant, nullable=False),
    Column("look_at", Instant, nullable=False),
    Index("ix_erasure_wish_look_at", "look_at"),
)


@dataclass(frozen=True, slots=True)
class Erased(Event):
    """A subject's personal data was erased; what stays is this."""

    aggregate: ClassVar[str] = "subject"

    subject: SubjectId
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureAsked(Event):
    """A subject is to be erased as soon as nothing obliges us to keep it."""

    aggregate: ClassVar[str] = "subject"

    subject: SubjectId
    at: datetime


def wish(tx: Tx, subject: SubjectId, look_at: datetime) -> None:
    """Remember that a subject is to be erased, and when to ask again whether anything needs it."""
    tx.conn.execute(delete(wish_table).where(wish_table.c.subject == subject))
    tx.add(wish_table, {"subject": subject, "asked_at": tx.now, "look_at": look_at})
    tx.record(ErasureAsked(subject, tx.now))


def erase(tx: Tx, subject: SubjectId, reason: str, keepings: Iterable[Keeping]) -> None:
    """Clear, destroy, record. `reason` is one of ours: `request`, `retention`, `order`, `restore`.

    The key goes last but before the commit: if the commit fails after that, the data is unreadable though
    the event is missing, and the next sweep finds the destroyed key; the other way round could bring data back.

    Raises:
        Conflict: the subject is held.

    """
    until = None if reason == RESTORE else held_until(tx.conn, subject, tx.now)
    if until is not None:
        raise Conflict("held", f"what there is of {subject} is held until {until:%Y-%m-%d %H:%M} UTC")
    for keeping in keepings:
        if keeping.clear is not None:
            keeping.clear(tx, subject)
    tx.conn.execute(delete(wish_table).where(wish_table.c.subject == subject))
    tx.record(Erased(subject, reason))
    tx.flush()
    tx.vault.destroy(subject, tx.now)


RECORD = Keeping(
    wish_table,
    "who asked to be erased and is, once nothing obliges us to keep them (GDPR Art 17)",
    Retention("until it is fulfilled", asked=True),
)
