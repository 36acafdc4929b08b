"""What happened to banks, entries and matches.

Owns: the events of `matching`.
Promises: names and purposes of banks are words the node publishes; values of entries appear only as a digest;
a big list is one event with count and digest, not one per entry.
Never does: carry posted text or anything about a person but the ids of staff.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId, PersonId
from beffroi.ground.storage import Event

from .model import BankTerms, Opinion, Stage, Verdict


@dataclass(frozen=True, slots=True)
class BankCreated(Event):
    """A bank was made; it observes."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    terms: BankTerms
    owner: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class BankChanged(Event):
    """Its terms or its owner changed."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    terms: BankTerms
    owner: PersonId


@dataclass(frozen=True, slots=True)
class BankPromoted(Event):
    """A policy lead saw what it would have done and let it act."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    by: PersonId


@dataclass(frozen=True, slots=True)
class BankSetBack(Event):
    """It observes again."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    by: PersonId


@dataclass(frozen=True, slots=True)
class BankPaused(Event):
    """The brake: `items` matched since `since` (the full hour, or the last resume) were more than `cap`."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    items: int
    cap: int
    since: datetime


@dataclass(frozen=True, slots=True)
class BankResumed(Event):
    """A policy lead let it go on after the brake, which counts anew from `at`."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class BankDisabled(Event):
    """It matches nothing any more; `stage` is where it stood."""

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    by: PersonId
    stage: Stage


@dataclass(frozen=True, slots=True)
class EntriesImported(Event):
    """`count` new entries, of numbers `first_seq` to `last_seq`; `known` of the list were there before.

    `digest`: SHA-256 over the lines `type:value` of the new entries, each ended by a newline, in order.
    """

    aggregate: ClassVar[str] = "bank"

    bank: BankId
    first_seq: int
    last_seq: int
    count: int
    known: int
    digest: str
    by: PersonId


@dataclass(frozen=True, slots=True)
class EntryAdded(Event):
    """One entry was added by hand. `digest`: SHA-256 of its line `type:value` and a newline."""

    aggregate: ClassVar[str] = "bank-entry"

    entry: EntryId
    bank: BankId
    seq: int
    signal_type: str
    digest: str
    opinion: Opinion
    by: PersonId


@dataclass(frozen=True, slots=True)
class EntryChanged(Event):
    """What an entry now is; `seq` is the bank sequence of the change."""

    aggregate: ClassVar[str] = "bank-entry"

    entry: EntryId
    bank: BankId
    seq: int
    opinion: Opinion
    enabled: bool
    confirmed_here: bool
    by: PersonId


@dataclass(frozen=True, slots=True)
class EntryDescribed(Event):
    """Its labels, note, description or strain changed."""

    aggregate: ClassVar[str] = "bank-entry"

    entry: EntryId
    bank: BankId
    by: PersonId


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """One match that may act, for those who open cases and apply rules."""

    match: MatchId
    entry: EntryId
    bank: BankId
    type: str
    source: str
    distance: int
    confirmed_here: bool


@dataclass(frozen=True, slots=True)
class MatchesFound(Event):
    """Matches of a revision were kept; only those in `acting` may open a case."""

    aggregate: ClassVar[str] = "item-match"

    item: ItemId
    revision: int
    acting: tuple[MatchSummary, ...]
    observed: int
    disputed: int
    silenced: int


@dataclass(frozen=True, slots=True)
class VerdictNoted(Event):
    """A person's decision on a revision said of `matches` of its matches that they were right, or not."""

    aggregate: ClassVar[str] = "item-match"

    item: ItemId
    revision: int
    verdict: Verdict
    matches: int
