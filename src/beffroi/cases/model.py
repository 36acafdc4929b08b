"""Cases, notices, exposure, and what happened to them.

Owns: the frozen types of `cases`.
Promises: what users and moderators wrote is sealed in side tables, never in events.
Never does: input or output.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, CaseId, DecisionId, ItemId, PersonId, ReportId
from beffroi.ground.storage import Event


class CaseKind(StrEnum):
    """What it is about."""

    ITEM = "item"
    ACCOUNT = "account"
    NOTICE = "notice"  # a notice whose object could not be located


class CaseState(StrEnum):
    """Who acts next is in the comment."""

    OPEN = "open"  # anybody who may; see claim
    AWAITS_SECOND = "awaits_second"  # somebody other than the proposer
    DECIDED = "decided"  # nobody
    WITHDRAWN = "withdrawn"  # nobody: the author deleted it, or the match was withdrawn
    SEALED = "sealed"  # the operator's own procedure: suspected child abuse


class Half(StrEnum):
    """The two halves of the priority, 50 points each."""

    CONFIDENCE = "confidence"
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the sum: `code` names the words, `facts` fill them."""

    half: Half
    code: str
    points: int
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseItem:
    """An item of the case, at the revision that brought it here."""

    item: ItemId
    revision: int


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to decide. `cluster` is the bank entry that near-identical items share."""

    id: CaseId
    version: int
    ref: str
    kind: CaseKind
    state: CaseState
    items: tuple[CaseItem, ...]
    account: AccountId | None
    cluster: str | None
    parts: tuple[Part, ...]
    notices: tuple[ReportId, ...]
    claimed_by: PersonId | None
    lease_until: datetime | None
    for_person: PersonId | None
    skipped_by: tuple[PersonId, ...]
    proposed_by: PersonId | None
    decision: DecisionId | None
    confirmed: bool
    opened_at: datetime
    closed_at: datetime | None

    @property
    def priority(self) -> int:
        """0 to 100: both halves, each capped at 50."""
        return sum(half_points(self.parts, half) for half in Half)


def half_points(parts: tuple[Part, ...], half: Half) -> int:
    """The points of one half, between 0 and 50."""
    return max(0, min(50, sum(part.points for part in parts if part.half is half)))


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """Something needs a person."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    ref: str
    kind: CaseKind
    items: tuple[CaseItem, ...]
    account: AccountId | None
    cluster: str | None
    parts: tuple[Part, ...]
    notices: tuple[ReportId, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseJoined(Event):
    """A near-identical item, a new revision or a notice joined; the parts are the new sum."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    items: tuple[CaseItem, ...]
    parts: tuple[Part, ...]
    notices: tuple[ReportId, ...]


@dataclass(frozen=True, slots=True)
class CaseClaimed(Event):
    """Somebody looks at it, until the lease ends."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    person: PersonId
    until: datetime


@dataclass(frozen=True, slots=True)
class CaseReleased(Event):
    """Free again: `given_back`, `lease_ended`, `skipped`, `reopened`."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    why: str
    person: PersonId | None


@dataclass(frozen=True, slots=True)
class CaseHandedOver(Event):
    """For one person, or back to all."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    by: PersonId
    to: PersonId | None


@dataclass(frozen=True, slots=True)
class SecondAsked(Event):
    """A decision was proposed that a second person must confirm."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    decision: DecisionId
    proposed_by: PersonId


@dataclass(frozen=True, slots=True)
class CaseDecided(Event):
    """A decision stands; `confirmed` when it restricts something."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    decision: DecisionId
    confirmed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseOverturned(Event):
    """The decision was found wrong later; the case stays closed and counts against nobody."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    decision: DecisionId


@dataclass(frozen=True, slots=True)
class CaseReopened(Event):
    """The decision was undone or declined."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    why: str


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(Event):
    """There is nothing left to decide: `deleted_by_author`, `match_withdrawn`."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseSealed(Event):
    """Suspected child abuse: out of every view, the operator's own procedure begins."""

    aggregate: ClassVar[str] = "case"

    case: CaseId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """A moderator left a note (sealed)."""

    aggregate: ClassVar[str] = "case-note"

    case: CaseId
    by: PersonId


@dataclass(frozen=True, slots=True)
class MediaOpened(Event):
    """Somebody opened media; what it counts against their budget (DESIGN §5.13)."""

    aggregate: ClassVar[str] = "exposure"

    case: CaseId
    item: ItemId
    by: PersonId
    points: int


@dataclass(frozen=True, slots=True)
class NoticeReceived(Event):
    """A user's notice arrived (DSA Art 16); what it says is sealed."""

    aggregate: ClassVar[str] = "notice"

    notice: ReportId
    reference: str
    item: ItemId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeAnswered(Event):
    """The notifier can read what was decided (DSA Art 16(5))."""

    aggregate: ClassVar[str] = "notice"

    notice: ReportId
    decision: DecisionId | None
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice by a user: only facts here."""

    id: ReportId
    version: int
    reference: str
    item: ItemId | None
    received_at: datetime
    outcome: str | None
    decision: DecisionId | None
    answered_at: datetime | None
