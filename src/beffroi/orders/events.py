"""What happens to removal orders and their items.

Owns: the events of `orders`.
Promises: facts only: addresses, reasons and names of officers are sealed apart, never in here.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beffroi.ground.kernel.ids import AuthorityId, DecisionId, ItemId, OrderId, OrderItemId, PersonId
from beffroi.ground.storage import Event

from .model import (
    Annex,
    Appeal,
    Authentication,
    Check,
    Ground,
    ItemState,
    Obstacle,
    Scrutiny,
    Validity,
)


@dataclass(frozen=True, slots=True)
class OrderReceived(Event):
    """An order arrived. Its hour runs from `received_at`, when it reached the contact point."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    ref: str
    authority: AuthorityId | None
    grounds: tuple[Ground, ...]
    cross_border: bool
    checks: tuple[Check, ...]
    items: int
    issued_at: datetime | None
    received_at: datetime
    authentication: Authentication
    secret_until: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderAuthenticated(Event):
    """A person called the registered contact back: it is genuine; the original time stands."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    authority: AuthorityId
    by: PersonId
    called: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderFoundForged(Event):
    """The authority never sent it; the clock is void."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderRerouted(Event):
    """A purported order without competence: no duty follows from it (law.md, scenario 5)."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ClarificationAsked(Event):
    """Manifest errors or too little information (TCO Art 3(8)); the hour is off."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    by: PersonId
    obstacles: tuple[Obstacle, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ClarificationReceived(Event):
    """The authority answered; a new hour runs from `received_at`."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    received_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderLapsed(Event):
    """It was never clarified, and a person closed it."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ImpossibilityReported(Event):
    """Force majeure or de facto impossibility not of the platform's making (TCO Art 3(7)); the hour is off."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ImpossibilityCeased(Event):
    """The grounds are gone; a new hour runs from `ceased_at`."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    ceased_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderSettled(Event):
    """Something was done about every item."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderOverdue(Event):
    """The hour is over and something is still to be done; it is to be done all the same."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    due_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerSent(Event):
    """A person, or the platform's own tool, handed the filled form to the authority."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    annex: Annex
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderEnded(Event):
    """It binds no longer: withdrawn, annulled or suspended; what was done by it is put back."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    validity: Validity
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderBecameFinal(Event):
    """The issuer stated it (TCO Art 3(9)); after a suspension the duty is there again, with a new hour."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    at: datetime


@dataclass(frozen=True, slots=True)
class ScrutinyNoted(Event):
    """What the platform heard of a scrutiny (TCO Art 4); `late`: asked after its time, which is for the authority."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    scrutiny: Scrutiny
    late: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class AppealNoted(Event):
    """What the platform heard of proceedings in court (TCO Art 9)."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    appeal: Appeal
    at: datetime


@dataclass(frozen=True, slots=True)
class SecrecyExtended(Event):
    """Once, in time (TCO Art 11(3))."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class SecrecyEnded(Event):
    """The poster is told now: `time`, `lifted` by the authority, or `void` with the order."""

    aggregate: ClassVar[str] = "order"

    order: OrderId
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemListed(Event):
    """An order names this address; `item` if it was located here."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId
    order: OrderId
    number: int
    item: ItemId | None
    revision: int


@dataclass(frozen=True, slots=True)
class ItemOrdered(Event):
    """A person carried the order out on it; a worker does the rest."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId
    decision: DecisionId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemDone(Event):
    """It is done (`disabled`, `removed`), or was so before for another cause (`already_unavailable`)."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId
    state: ItemState
    done_at: datetime


@dataclass(frozen=True, slots=True)
class ItemSettled(Event):
    """A person found that nothing can be done about it: gone already, not found, or never public."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId
    state: ItemState
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemFailed(Event):
    """The platform refused or never answered; it is to be done still."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId


@dataclass(frozen=True, slots=True)
class ItemReinstated(Event):
    """It is public again."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemDueAgain(Event):
    """The order binds again after a suspension, and this is public."""

    aggregate: ClassVar[str] = "order-item"

    order_item: OrderItemId


ORDER_EVENTS: tuple[type[Event], ...] = (
    OrderReceived,
    OrderAuthenticated,
    OrderFoundForged,
    OrderRerouted,
    ClarificationAsked,
    ClarificationReceived,
    OrderLapsed,
    ImpossibilityReported,
    ImpossibilityCeased,
    OrderSettled,
    OrderOverdue,
    AnswerSent,
    OrderEnded,
    OrderBecameFinal,
    ScrutinyNoted,
    AppealNoted,
    SecrecyExtended,
    SecrecyEnded,
)
ITEM_EVENTS: tuple[type[Event], ...] = (
    ItemListed,
    ItemOrdered,
    ItemDone,
    ItemSettled,
    ItemFailed,
    ItemReinstated,
    ItemDueAgain,
)
