"""Restrictions, causes, and what happened to them.

Owns: the frozen types of `actions`.
Promises: facts only.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, DecisionId, ItemId, RestrictionId
from beffroi.ground.storage import Event


class Kind(StrEnum):
    """What is done. One restriction per kind and object."""

    REMOVE = "remove"
    DISABLE = "disable"
    RESTRICT_TERRITORIES = "restrict_territories"
    LABEL = "label"
    HOLD = "hold"
    REJECT_UPLOAD = "reject_upload"
    WARN_ACCOUNT = "warn_account"
    SUSPEND_ACCOUNT = "suspend_account"


HIDES = frozenset({Kind.REMOVE, Kind.DISABLE, Kind.HOLD, Kind.REJECT_UPLOAD})
"""Nobody sees the item while one of these is in force."""


class CauseKind(StrEnum):
    """Why it is done."""

    DECISION = "decision"
    RULE = "rule"
    ORDER = "order"


class RestrictionState(StrEnum):
    """Who acts next is in the comment."""

    PLANNED = "planned"  # the undo hold runs, then a worker carries it out
    IN_FORCE = "in_force"  # nobody
    FAILED = "failed"  # a person: the platform refused or never answered
    LIFTING = "lifting"  # a worker undoes it on the platform
    LIFTED = "lifted"  # nobody
    WITHDRAWN = "withdrawn"  # nobody: undone before anything was carried out


class Verification(StrEnum):
    """How it looked to a logged-out visitor afterwards."""

    VERIFIED = "verified"
    NOT_VERIFIABLE = "not_verifiable"
    STILL_VISIBLE = "still_visible"
    STILL_HIDDEN = "still_hidden"


@dataclass(frozen=True, slots=True)
class Cause:
    """A decision that keeps a restriction alive until it ends."""

    kind: CauseKind
    decision: DecisionId
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restriction:
    """One thing done to one item or account."""

    id: RestrictionId
    version: int
    kind: Kind
    item: ItemId | None
    revision: int
    account: AccountId | None
    territories: tuple[str, ...]
    until: datetime | None
    state: RestrictionState
    causes: tuple[Cause, ...]
    round: int
    planned_at: datetime
    in_force_at: datetime | None
    lifted_at: datetime | None
    verification: Verification | None

    @property
    def live_causes(self) -> tuple[Cause, ...]:
        """Causes that have not ended."""
        return tuple(cause for cause in self.causes if cause.ended_at is None)


@dataclass(frozen=True, slots=True)
class RestrictionPlanned(Event):
    """To be carried out from `not_before` on."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    kind: Kind
    item: ItemId | None
    revision: int
    account: AccountId | None
    territories: tuple[str, ...]
    until: datetime | None
    cause: Cause
    at: datetime
    not_before: datetime


@dataclass(frozen=True, slots=True)
class CauseAdded(Event):
    """One more reason for a restriction that exists."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    cause: Cause


@dataclass(frozen=True, slots=True)
class CauseEnded(Event):
    """One reason less; `last` when none is left."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    decision: DecisionId
    why: str
    at: datetime
    last: bool


@dataclass(frozen=True, slots=True)
class RestrictionWithdrawn(Event):
    """Undone before anything was carried out."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId


@dataclass(frozen=True, slots=True)
class ActionCarriedOut(Event):
    """The platform did it, and this is how it looks from outside."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    verification: Verification
    at: datetime


@dataclass(frozen=True, slots=True)
class ActionFailed(Event):
    """The platform refused or could not be reached until we gave up; a person must look."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RestrictionLifted(Event):
    """The platform put it back, and this is how it looks from outside."""

    aggregate: ClassVar[str] = "restriction"

    restriction: RestrictionId
    verification: Verification
    at: datetime
