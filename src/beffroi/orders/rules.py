"""The life of a removal order and of its items (law.md (b), in parallel regions). Pure.

Owns: which command fits which state, what it changes, what people call the state; `apply`, `apply_item`.
Promises: nothing is executed that is not authentic and in force; validity that is over ends the duty at once; the hour
moves only by a clarification or the end of an impossibility, and never back; secrecy is extended once, and in time.
Never does: execute; `service` and `flow` make decisions of what is allowed here.
"""

from datetime import datetime

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import AuthorityId, DecisionId, PersonId
from beffroi.ground.storage import Event

from .deadlines import deadline
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
    ItemOrdered,
    ItemReinstated,
    ItemSettled,
    OrderAuthenticated,
    OrderBecameFinal,
    OrderEnded,
    OrderFoundForged,
    OrderLapsed,
    OrderOverdue,
    OrderRerouted,
    OrderSettled,
    ScrutinyNoted,
    SecrecyEnded,
    SecrecyExtended,
)
from .model import (
    Annex,
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

FOUND_BY_A_PERSON = frozenset({ItemState.ALREADY_UNAVAILABLE, ItemState.NOT_FOUND, ItemState.OUT_OF_SCOPE})
TO_DO = frozenset({ItemState.PENDING, ItemState.IN_HAND})
DOWN = frozenset({ItemState.DISABLED, ItemState.REMOVED, ItemState.ALREADY_UNAVAILABLE})
_ENDINGS = {
    Validity.WITHDRAWN: {Validity.LIVE, Validity.FINAL, Validity.SUSPENDED},
    Validity.ANNULLED_BY_SCRUTINY: {Validity.LIVE, Validity.SUSPENDED},
    Validity.ANNULLED_BY_COURT: {Validity.LIVE, Validity.SUSPENDED},
    Validity.SUSPENDED: {Validity.LIVE},
}
_SCRUTINY = {
    Scrutiny.ASKED: {Scrutiny.NONE, Scrutiny.NO_INFRINGEMENT},
    Scrutiny.INTENDED: {Scrutiny.NONE, Scrutiny.ASKED},
    Scrutiny.NO_INFRINGEMENT: {Scrutiny.ASKED, Scrutiny.INTENDED},
    Scrutiny.INFRINGEMENT: {Scrutiny.ASKED, Scrutiny.INTENDED},
}
"""What may be heard after what. A finding of the authority's own motion begins with its intention (Art 4(5))."""


# Who it is from


def authenticate(
    order: Order, authority: AuthorityId, person: PersonId, called: str, now: datetime, *, competent: bool
) -> list[Event]:
    """The registered contact of `authority` was called back and says that it is theirs; the original time stands.

    Raises:
        Conflict: it is authentic or forged already, or this body may not order.

    """
    _provisional(order)
    if not competent:
        raise Conflict("not-competent", "this body is not registered as one that may order removal (TCO Art 12(1)(a))")
    return [OrderAuthenticated(order.id, authority, person, called, now)]


def forged(order: Order, person: PersonId, now: datetime) -> list[Event]:
    """The body whose name it bears never sent it."""
    _provisional(order)
    events: list[Event] = [OrderFoundForged(order.id, person, now)]
    return events + _void(order, now)


def reroute(order: Order, person: PersonId, now: datetime) -> list[Event]:
    """Whoever sent it may not order this: no duty, and the sender is told why."""
    _provisional(order)
    _handled_as(order, Handling.OPEN, Handling.AWAITING_CLARIFICATION)
    events: list[Event] = [OrderRerouted(order.id, person, now)]
    return events + _void(order, now)


# The hour


def may_execute(order: Order) -> None:
    """Whether a person may carry it out now; a late one is carried out all the same.

    Raises:
        Conflict: it is not authentic, not in force, or its hour does not run.

    """
    if order.authentication is not Authentication.AUTHENTIC:
        raise Conflict("not-authentic", "nobody has confirmed yet that this order is genuine; call back first")
    if not order.binds:
        raise Conflict("not-in-force", f"this order is {order.validity.value.replace('_', ' ')}")
    _handled_as(order, Handling.OPEN)


def ask_clarification(
    order: Order, person: PersonId, obstacles: tuple[Obstacle, ...], now: datetime, *, open_items: int
) -> list[Event]:
    """Annex III for errors or too little information; the hour is off (TCO Art 3(8)).

    Raises:
        Invalid: no error is named.
        Conflict: nothing is open, or it is void.

    """
    if not obstacles or Obstacle.FORCE_MAJEURE in obstacles:
        raise Invalid("no-obstacle", "say whether it is wrong or says too little (Annex III, B1)", where="obstacles")
    _in_force(order)
    _handled_as(order, Handling.OPEN)
    _something_open(open_items)
    return [ClarificationAsked(order.id, person, tuple(sorted(set(obstacles))), now)]


def clarified(order: Order, received_at: datetime, now: datetime) -> list[Event]:
    """The authority answered: a new hour from then on.

    Raises:
        Conflict: nothing was asked.
        Invalid: an answer from before the question, or from the future.

    """
    _in_force(order)
    _handled_as(order, Handling.AWAITING_CLARIFICATION)
    _between(order.obstacle_at, received_at, now)
    return [ClarificationReceived(order.id, received_at, now)]


def lapse(order: Order, person: PersonId, now: datetime) -> list[Event]:
    """No answer came, and a person closes it; counted with its grounds (TCO Art 7(3)(c))."""
    _in_force(order)
    _handled_as(order, Handling.AWAITING_CLARIFICATION)
    return [OrderLapsed(order.id, person, now)]


def impossible(order: Order, person: PersonId, now: datetime, *, open_items: int) -> list[Event]:
    """Annex III for force majeure; the hour is off until the grounds cease (TCO Art 3(7))."""
    _in_force(order)
    _handled_as(order, Handling.OPEN)
    _something_open(open_items)
    return [ImpossibilityReported(order.id, person, now)]


def ceased(order: Order, ceased_at: datetime, now: datetime) -> list[Event]:
    """The grounds are gone: a new hour from then on.

    Raises:
        Conflict: no impossibility was reported.
        Invalid: they ceased before the order came, or will cease.

    """
    _in_force(order)
    _handled_as(order, Handling.IMPOSSIBLE)
    _between(order.hour_from, ceased_at, now)
    return [ImpossibilityCeased(order.id, ceased_at, now)]


def pass_hour(order: Order, now: datetime, *, open_items: int) -> list[Event]:
    """The hour is over: said once for each hour."""
    due = deadline("execute", order.hour_from).due
    runs = order.handling is Handling.OPEN and order.binds and order.overdue_at is None
    return [OrderOverdue(order.id, due, now)] if runs and open_items and now >= due else []


def settle(order: Order, now: datetime, *, open_items: int) -> list[Event]:
    """With the last item the hour is met, or was late."""
    return [OrderSettled(order.id, now)] if order.handling is Handling.OPEN and not open_items else []


def answer(order: Order, annex: Annex, now: datetime, *, done_items: int) -> list[Event]:
    """The filled form was handed to the authority.

    Raises:
        Conflict: nothing was done (Annex II) or no obstacle told (Annex III) that it could speak of.

    """
    if annex is Annex.II and not done_items:
        raise Conflict("nothing-done", "Annex II tells what was done, and nothing was yet")
    if annex is Annex.III and order.obstacle_at is None:
        raise Conflict("no-obstacle", "Annex III tells of an obstacle, and none was reported")
    return [AnswerSent(order.id, annex, now)]


# Whether it binds


def end(order: Order, validity: Validity, now: datetime) -> list[Event]:
    """Withdrawn, suspended or annulled: the duty ends at once, and what was done is put back.

    An annulled order takes its secrecy along. A withdrawn one does not: what was told cannot be taken back, so its
    secrecy runs to its end unless the authority lifts it.

    Raises:
        Conflict: it does not bind (any more), or never did.
        Invalid: this is no way in which an order ends.

    """
    if validity not in _ENDINGS:
        raise Invalid("not-an-ending", "an order ends by withdrawal, annulment or suspension", where="validity")
    if order.authentication is Authentication.FORGED or order.handling in {Handling.LAPSED, Handling.REROUTED}:
        raise Conflict("never-bound", "this never bound anybody")
    if order.validity not in _ENDINGS[validity]:
        raise Conflict("not-in-force", f"this order is {order.validity.value.replace('_', ' ')}")
    events: list[Event] = [OrderEnded(order.id, validity, now)]
    annulled = validity in {Validity.ANNULLED_BY_SCRUTINY, Validity.ANNULLED_BY_COURT}
    return events + (_void(order, now) if annulled else [])


def finalise(order: Order, now: datetime) -> list[Event]:
    """The issuer states that it is final."""
    if (
        order.validity not in {Validity.LIVE, Validity.SUSPENDED}
        or order.authentication is not Authentication.AUTHENTIC
    ):
        raise Conflict("not-in-force", f"this order is {order.validity.value.replace('_', ' ')}")
    return [OrderBecameFinal(order.id, now)]


def note_scrutiny(order: Order, scrutiny: Scrutiny, now: datetime) -> list[Event]:
    """What was heard of a scrutiny. The content stays down; a late request is noted as late, never refused.

    Raises:
        Conflict: not a cross-border order, or heard in an order in which it cannot happen.

    """
    if not order.cross_border:
        raise Conflict("not-cross-border", "only an order from another Member State is scrutinised (TCO Art 4)")
    _in_force(order)
    if order.scrutiny not in _SCRUTINY.get(scrutiny, frozenset()):
        raise Conflict("out-of-turn", f"{scrutiny.value} does not follow {order.scrutiny.value}")
    late = scrutiny is Scrutiny.ASKED and now > deadline("scrutiny_request", order.received_at).due
    events: list[Event] = [ScrutinyNoted(order.id, scrutiny, late, now)]
    return events + (end(order, Validity.ANNULLED_BY_SCRUTINY, now) if scrutiny is Scrutiny.INFRINGEMENT else [])


def note_appeal(order: Order, appeal: Appeal, now: datetime) -> list[Event]:
    """Proceedings began or ended."""
    before = {Appeal.FILED: {Appeal.NONE, Appeal.ENDED}, Appeal.ENDED: {Appeal.FILED}}
    if order.authentication is not Authentication.AUTHENTIC or order.appeal not in before.get(appeal, frozenset()):
        raise Conflict("out-of-turn", f"{appeal.value} does not follow {order.appeal.value}")
    return [AppealNoted(order.id, appeal, now)]


# Secrecy


def extend_secrecy(order: Order, now: datetime) -> list[Event]:
    """Six weeks more from the first end; once, and only while it runs (law.md, scenario 9).

    Raises:
        Conflict: it was never secret, was extended before, or has ended; then the poster knows.

    """
    if order.secrecy is Secrecy.EXTENDED:
        raise Conflict("extended-before", "secrecy is extended once (TCO Art 11(3)); tell the authority")
    if order.secrecy is not Secrecy.ACTIVE or order.secret_until is None or now >= order.secret_until:
        raise Conflict("secrecy-over", "there is no secrecy that could be extended; the poster is told")
    return [SecrecyExtended(order.id, deadline("gag_extension", order.secret_until).due, now)]


def end_secrecy(order: Order, now: datetime, *, lifted: bool = False) -> list[Event]:
    """Its time is over, or the authority lifts it.

    Raises:
        Conflict: nothing is secret, or not over yet and not lifted.

    """
    if not order.is_secret or order.secret_until is None:
        raise Conflict("not-secret", "nothing about this order is secret")
    if not lifted and now < order.secret_until:
        raise Conflict("still-secret", "the authority's decision still stands", until=order.secret_until.isoformat())
    return [SecrecyEnded(order.id, "lifted" if lifted else "time", now)]


# Items


def carry_out(item: OrderItem, decision: DecisionId, person: PersonId, now: datetime) -> list[Event]:
    """A person carries the order out on a located item.

    Raises:
        Conflict: it was not located here, or nothing is to be done about it.

    """
    if item.item is None:
        raise Conflict("not-located", f"item {item.number} was not located here; say what you found, or ask")
    if item.state is not ItemState.PENDING:
        raise Conflict("not-pending", f"item {item.number} is {item.state.value.replace('_', ' ')}")
    return [ItemOrdered(item.id, decision, person, now)]


def found(item: OrderItem, state: ItemState, person: PersonId, now: datetime) -> list[Event]:
    """A person found that nothing can be done about it; or did it on the platform by hand, where it is not known here.

    Raises:
        Invalid: this is not what a person finds, or a worker is to do it.
        Conflict: nothing is to be done about it.

    """
    by_hand = item.item is None and state in {ItemState.DISABLED, ItemState.REMOVED}
    if state not in FOUND_BY_A_PERSON and not by_hand:
        raise Invalid("not-a-finding", "an item is gone already, not found, or was never public", where="state")
    if item.state is not ItemState.PENDING:
        raise Conflict("not-pending", f"item {item.number} is {item.state.value.replace('_', ' ')}")
    return [ItemSettled(item.id, state, person, now)]


def done(item: OrderItem, state: ItemState, done_at: datetime) -> list[Event]:
    """The platform did it, or it was so before."""
    return [ItemDone(item.id, state, done_at)] if item.state is ItemState.IN_HAND else []


def failed(item: OrderItem) -> list[Event]:
    """The platform refused for good."""
    return [ItemFailed(item.id)] if item.state is ItemState.IN_HAND else []


def reinstated(item: OrderItem, now: datetime) -> list[Event]:
    """What the order caused is over on the platform."""
    return [ItemReinstated(item.id, now)] if item.state in DOWN | {ItemState.IN_HAND} and item.decision else []


def due_again(item: OrderItem) -> list[Event]:
    """A suspension is over, and the order stands."""
    return [ItemDueAgain(item.id)] if item.state is ItemState.REINSTATED else []


# What was common to them


def _void(order: Order, now: datetime) -> list[Event]:
    return [SecrecyEnded(order.id, "void", now)] if order.is_secret else []


def _provisional(order: Order) -> None:
    if order.authentication is not Authentication.PROVISIONAL:
        raise Conflict("not-provisional", f"this order is {order.authentication.value} already")


def _in_force(order: Order) -> None:
    if not order.binds:
        raise Conflict("not-in-force", "this order is void, or does not bind any more")


def _handled_as(order: Order, *handlings: Handling) -> None:
    if order.handling not in handlings:
        raise Conflict("not-now", f"this order is {order.handling.value.replace('_', ' ')}", state=order.handling.value)


def _something_open(open_items: int) -> None:
    if not open_items:
        raise Conflict("nothing-open", "nothing of this order is left to be done")


def _between(first: datetime | None, at: datetime, now: datetime) -> None:
    if at > now or (first is not None and at < first):
        raise Invalid("bad-instant", "this instant lies before what it ends, or in the future", where="at")
