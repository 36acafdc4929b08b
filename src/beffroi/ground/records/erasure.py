"""Erasing a person, really, though the log stays.

Owns: the `Erased` event and the order of steps.
Promises: the subject's key and salt are destroyed, so that sealed bytes (also in every backup) and
commitments (also in the ledger) tell nothing any more; unsealed personal columns are cleared in the same
transaction that records `Erased`.
Never does: ask whether it may; the caller has checked holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Event, Tx

from .keeping import Keeping


@dataclass(frozen=True, slots=True)
class Erased(Event):
    """A subject's personal data was erased; what stays is this."""

    aggregate: ClassVar[str] = "subject"

    subject: SubjectId
    reason: str


def erase(tx: Tx, subject: SubjectId, reason: str, keepings: Iterable[Keeping]) -> None:
    """Clear, destroy, record. `reason` is one of ours: `request`, `retention`, `order`, `restore`.

    The key goes last but before the commit: if the commit fails after that, the data is unreadable though
    the event is missing, and the next sweep finds the destroyed key; the other way round could bring data back.
    """
    for keeping in keepings:
        if keeping.clear is not None:
            keeping.clear(tx, subject)
    tx.record(Erased(subject, reason))
    tx.flush()
    tx.vault.destroy(subject, tx.now)
