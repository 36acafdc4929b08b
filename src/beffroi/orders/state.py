"""An order and an item after their events, and what people call where an order stands. Pure.

Owns: `apply`, `apply_item`, `word`.
Promises: total over the events of `events`; `word` is one of law.md (b)'s states.
Never does: refuse a command; `rules` does.
"""

from dataclasses import replace
from typing import Any

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.storage import Event

from .events import (
    AnswerSent,
    AppealNoted,
    ClarificationAsked,
    ClarificationReceived,
    ImpossibilityCeased,
    ImpossibilityReported,
    ItemDone,
    ItemDueAgain,
    ItemFailed,
    ItemListed,
    ItemOrdered,
    ItemReinstated,
    ItemSettled,
    OrderAuthenticated,
    OrderBecameFinal,
    OrderEnded,
    OrderFoundForged,
    OrderLapsed,
    OrderOverdue,
    OrderReceived,
    OrderRerouted,
    OrderSettled,
    ScrutinyNoted,
    SecrecyEnded,
    SecrecyExtended,
)
from .model import (
    Appeal,
    Authentication,
    Handling,
    ItemState,
    Obstacle,
    Order,
    OrderItem,
    Scrutiny,
    Secrecy,
    Validity,
)


def apply(order: Order | None, event: Event) -> Order:
    """The order after `event`."""
    if isinstance(event, OrderReceived):
        return _received(event)
    if order is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the order")
    changes = _of_origin(order, event) or _of_the_hour(order, event) or _of_validity(order, event)
    if changes is None:
        raise Conflict("event-does-not-fit", f"{event.type()} does not fit an order")
    return replace(order, **changes)


def _of_origin(order: Order, event: Event) -> dict[str, Any] | None:
    match event:
        case OrderAuthenticated():
            return {"authentication": Authentication.AUTHENTIC, "authority": event.authority}
        case OrderFoundForged():
            return {"authentication": Authentication.FORGED, "ended_at": event.at}
        case OrderRerouted():
            return {"handling": Handling.REROUTED, "ended_at": event.at}
        case AnswerSent():
            return {"answers": (*order.answers, (event.annex, event.at))}
    return None


def _of_the_hour(order: Order, event: Event) -> dict[str, Any] | None:
    match event:
        case ClarificationAsked():
            told = {"obstacles": event.obstacles, "obstacle_at": event.at}
            return told | {"handling": Handling.AWAITING_CLARIFICATION}
        case ImpossibilityReported():
            told = {"obstacles": (Obstacle.FORCE_MAJEURE,), "obstacle_at": event.at}
            return told | {"handling": Handling.IMPOSSIBLE}
        case ClarificationReceived(received_at=begins) | ImpossibilityCeased(ceased_at=begins):
            moved = {"hour_from": begins, "hour_was_from": order.hour_from, "overdue_at": None}
            return moved | {"handling": Handling.OPEN}
        case OrderLapsed():
            return {"handling": Handling.LAPSED, "ended_at": event.at}
        case OrderSettled():
            return {"handling": Handling.SETTLED, "settled_at": event.at}
        case OrderOverdue():
            return {"overdue_at": event.at}
    return None


def _of_validity(order: Order, event: Event) -> dict[str, Any] | None:
    match event:
        case OrderEnded():
            return {"validity": event.validity, "ended_at": event.at}
        case OrderBecameFinal() if order.validity is Validity.SUSPENDED:
            again = {"handling": Handling.OPEN, "hour_from": event.at, "settled_at": None, "overdue_at": None}
            return again | {"validity": Validity.FINAL, "ended_at": None}
        case OrderBecameFinal():
            return {"validity": Validity.FINAL}
        case ScrutinyNoted():
            return {"scrutiny": event.scrutiny}
        case AppealNoted():
            return {"appeal": event.appeal}
        case SecrecyExtended():
            return {"secrecy": Secrecy.EXTENDED, "secret_until": event.until}
        case SecrecyEnded():
            return {"secrecy": Secrecy.ENDED}
    return None


def _received(event: OrderReceived) -> Order:
    return Order(
        id=event.order,
        version=0,
        ref=event.ref,
        authority=event.authority,
        grounds=event.grounds,
        cross_border=event.cross_border,
        checks=event.checks,
        items=event.items,
        issued_at=event.issued_at,
        received_at=event.received_at,
        entered_at=event.at,
        authentication=event.authentication,
        handling=Handling.OPEN,
        validity=Validity.LIVE,
        scrutiny=Scrutiny.NONE,
        appeal=Appeal.NONE,
        secrecy=Secrecy.NONE if event.secret_until is None else Secrecy.ACTIVE,
        secret_until=event.secret_until,
        hour_from=event.received_at,
        hour_was_from=None,
        obstacles=(),
        obstacle_at=None,
        settled_at=None,
        overdue_at=None,
        answers=(),
        ended_at=None,
    )


def apply_item(item: OrderItem | None, event: Event) -> OrderItem:
    """The item after `event`."""
    if isinstance(event, ItemListed):
        pending = ItemState.PENDING
        return OrderItem(
            event.order_item, 0, event.order, event.number, event.item, event.revision, pending, None, None
        )
    if item is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the item")
    match event:
        case ItemOrdered():
            return replace(item, state=ItemState.IN_HAND, decision=event.decision, done_at=None)
        case ItemDone():
            return replace(item, state=event.state, done_at=event.done_at)
        case ItemSettled():
            return replace(item, state=event.state, done_at=event.at)
        case ItemFailed():
            return replace(item, state=ItemState.PENDING)
        case ItemReinstated():
            return replace(item, state=ItemState.REINSTATED)
        case ItemDueAgain():
            return replace(item, state=ItemState.PENDING, decision=None, done_at=None)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit an item")


def word(order: Order, *, done_items: int) -> str:
    """Where it stands, in one word of law.md (b); the regions say the rest.

    `done_items`: how many items were disabled, removed or found gone.
    """
    if order.authentication is Authentication.FORGED:
        return "forged"
    if order.handling is Handling.REROUTED:
        return "rerouted"
    if order.validity not in {Validity.LIVE, Validity.FINAL}:
        return order.validity.value
    return _word_in_force(order, done_items)


def _word_in_force(order: Order, done_items: int) -> str:
    if order.handling in {Handling.AWAITING_CLARIFICATION, Handling.IMPOSSIBLE}:
        return order.handling.value
    if order.handling is Handling.LAPSED:
        return "lapsed_unclarified"
    if order.authentication is Authentication.PROVISIONAL:
        return "unauthenticated"
    if order.handling is Handling.OPEN:
        return "overdue" if order.overdue_at else "partly_executed" if done_items else "accepted"
    if order.scrutiny in {Scrutiny.ASKED, Scrutiny.INTENDED}:
        return "under_scrutiny" if order.scrutiny is Scrutiny.ASKED else "intention_notified"
    if order.appeal is Appeal.FILED:
        return "under_appeal"
    return "final" if order.validity is Validity.FINAL else "executed"
