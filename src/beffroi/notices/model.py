"""Statements and what happened to them.

Owns: the frozen types of `notices`.
Promises: the link's token is not in any event.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, DecisionId, ItemId, RestrictionId, StatementId
from beffroi.ground.storage import Event


class StatementKind(StrEnum):
    """What it tells."""

    RESTRICTED = "restricted"
    PUT_BACK = "put_back"


class StatementState(StrEnum):
    """Who acts next is in the comment."""

    ISSUED = "issued"  # a worker hands it to the platform
    DELIVERED = "delivered"  # nobody: the platform said it told the user
    UNDELIVERED = "undelivered"  # a person: the platform cannot inform, the page stands all the same


@dataclass(frozen=True, slots=True)
class Statement:
    """What one account is told about one decision on one item or on itself (DSA Art 17)."""

    id: StatementId
    version: int
    kind: StatementKind
    code: str
    decision: DecisionId
    restriction: RestrictionId | None
    item: ItemId | None
    revision: int
    account: AccountId
    language: str
    state: StatementState
    issued_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementIssued(Event):
    """A statement stands on its page."""

    aggregate: ClassVar[str] = "statement"

    statement: StatementId
    kind: StatementKind
    code: str
    decision: DecisionId
    restriction: RestrictionId | None
    item: ItemId | None
    revision: int
    account: AccountId
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatementDelivered(Event):
    """The platform said it told the user."""

    aggregate: ClassVar[str] = "statement"

    statement: StatementId
    at: datetime


@dataclass(frozen=True, slots=True)
class StatementUndelivered(Event):
    """The platform could not or would not tell the user; the page stands all the same."""

    aggregate: ClassVar[str] = "statement"

    statement: StatementId
    reason: str
