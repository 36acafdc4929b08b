"""Commands of `orders`: receive, authenticate, carry out, ask, report, and what authorities and courts tell.

Owns: the order of load, rule, save.
Promises: everything in the caller's transaction; the order's row is locked before its items are counted, so that the
last of two items that end at once settles it.
Never does: decide or restrict; `flow` does it with `decisions` and `actions`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.content import store as content
from beffroi.content.model import Item
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import (
    AuthorityId,
    DecisionId,
    ItemId,
    OrderId,
    OrderItemId,
    PersonId,
    fresh,
    reference,
)
from beffroi.ground.kernel.limits import ORDER_SKEW_S_MAX
from beffroi.ground.storage import Event, Tx
from beffroi.parties import register, register_rules
from beffroi.parties import store as parties
from beffroi.parties.model import Authority, Function

from . import checks, rules, store
from .annexes import AnnexI
from .deadlines import deadline
from .events import ItemListed, OrderReceived
from .model import Annex, Appeal, Authentication, Handling, ItemState, Obstacle, Order, OrderItem, Scrutiny, Validity

_SKEW = timedelta(seconds=ORDER_SKEW_S_MAX)
_TWELVE_HOURS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Arrival:
    """How an order came. `received_at`: when it reached the contact point, not when somebody looked.

    `signed`: the receiving tool checked its electronic signature, or the channel authenticates its sender.
    """

    sender: str
    received_at: datetime
    signed: bool
    language: str
    first_contact_notice_at: datetime | None = None
    emergency: str = ""


def receive(tx: Tx, form: AnnexI, arrival: Arrival, named: Mapping[str, str]) -> tuple[Order, bool]:
    """Take an order in; returns it, and whether it is new. Sent again, it is the same one with its first time.

    `named`: what the platform calls what stands at an address, where it could be asked.

    Raises:
        Invalid: no address at all, or a receipt in the future.

    """
    if arrival.received_at > tx.now + _SKEW:
        raise Invalid("receipt-in-future", "an order cannot arrive later than now", where="received_at")
    if not form.urls:
        raise Invalid("no-address", "an order names at least one address (TCO Art 3(4)(c))", where="order.urls")
    again = store.by_digest(tx.conn, store.digest_of(arrival.sender, form))
    if again is not None:
        return again, False
    sender = register.by_address(tx.conn, arrival.sender, arrival.received_at)
    urls = tuple(dict.fromkeys(form.urls))
    located = {url: _located(tx, url, named) for url in urls}
    known = _known(tx, form, arrival, sender, [item.id for item in located.values() if item is not None])
    is_authentic = known.signed and known.competent
    order_id = OrderId(fresh("ord", tx.now))
    event = OrderReceived(
        order=order_id,
        ref=reference(tx.now, lambda ref: store.is_ref_taken(tx.conn, ref)),
        authority=None if sender is None else sender.id,
        grounds=tuple(dict.fromkeys(form.grounds)),
        cross_border=form.is_cross_border,
        checks=checks.examine(form, known),
        items=len(urls),
        issued_at=form.issued_at,
        received_at=min(arrival.received_at, tx.now),
        authentication=Authentication.AUTHENTIC if is_authentic else Authentication.PROVISIONAL,
        secret_until=_secret_until(form, arrival, tx.now),
        at=tx.now,
    )
    plain = store.put_words(tx, order_id, arrival.sender, form)
    order = store.ORDERS.change(tx, None, [event], {store.subject_of(order_id): plain})
    for number, item in enumerate(located.values(), 1):
        _list(tx, order_id, number, item)
    return order, True


def _located(tx: Tx, url: str, named: Mapping[str, str]) -> Item | None:
    at = content.item_by_platform_id(tx.conn, named[url]) if url in named else None
    return at or content.item_by_url(tx.conn, url)


def _list(tx: Tx, order: OrderId, number: int, item: Item | None) -> None:
    item_id, revision = (None, 0) if item is None else (item.id, item.revision)
    if item is not None:
        content.keep(tx, item.id, item.revision, "order", {})
    event = ItemListed(OrderItemId(fresh("ori", tx.now)), order, number, item_id, revision)
    store.ITEMS.change(tx, None, [event])


def _known(tx: Tx, form: AnnexI, arrival: Arrival, sender: Authority | None, items: list[ItemId]) -> checks.Known:
    told = parties.organisation(tx.conn)
    of_its_state = sender is not None and sender.terms.country == form.issuing_member_state
    can_issue = sender is not None and register_rules.is_in_force(sender, arrival.received_at, Function.ISSUE)
    noticed = arrival.first_contact_notice_at
    in_time = noticed is not None and form.issued_at is not None and form.issued_at - noticed >= _TWELVE_HOURS
    return checks.Known(
        pinned=sender is not None,
        competent=can_issue and of_its_state,
        signed=arrival.signed,
        language=arrival.language,
        declared=told.particulars.languages if told else (),
        state=told.particulars.country if told else "",
        first=sender is not None and not store.is_known_sender(tx.conn, sender.id),
        told_12h=in_time or bool(arrival.emergency.strip()),
        repeats=sum(bool(store.binding_on(tx.conn, item)) for item in items),
        reused=store.is_reference_used(tx.conn, store.reference_digest(form)),
    )


def _secret_until(form: AnnexI, arrival: Arrival, now: datetime) -> datetime | None:
    """Six weeks from the decision (TCO Art 11(3)); an order that comes later than that is secret no more."""
    if not form.non_disclosure:
        return None
    decided_at = form.non_disclosure_decided_at or form.issued_at or arrival.received_at
    until = deadline("gag", min(decided_at, arrival.received_at)).due
    return until if until > now else None


# What people do


def authenticate(tx: Tx, order_id: OrderId, authority: AuthorityId, person: PersonId, called: str) -> Order:
    """The registered number of `authority` was called, and the order is theirs.

    Raises:
        Invalid: another number was called than the registered one.
        Conflict: see `rules.authenticate`.

    """
    order, body = store.ORDERS.load(tx.conn, order_id, lock=True), parties.AUTHORITIES.load(tx.conn, authority)
    _registered_number(body, called)
    competent = register_rules.is_in_force(body, order.received_at, Function.ISSUE) or register_rules.is_in_force(
        body, tx.now, Function.ISSUE
    )
    events = rules.authenticate(order, authority, person, called.strip(), tx.now, competent=competent)
    return store.ORDERS.change(tx, order, events)


def found_forged(tx: Tx, order_id: OrderId, person: PersonId) -> Order:
    """The body whose name it bears never sent it."""
    return _change(tx, order_id, lambda order: rules.forged(order, person, tx.now))


def reroute(tx: Tx, order_id: OrderId, person: PersonId) -> Order:
    """Whoever sent it may not order this."""
    return _change(tx, order_id, lambda order: rules.reroute(order, person, tx.now))


def to_carry_out(
    tx: Tx, order_id: OrderId, numbers: tuple[int, ...] | None, limit: int, *, begun: bool = False
) -> list[OrderItem]:
    """The next items on which a person may carry the order out now: those that are located and pending, or these.

    `begun`: earlier items of the same command may have been the last ones.

    Raises:
        Conflict: see `rules.may_execute`; or one of these cannot be carried out.
        NotFound: the order has no item of this number.

    """
    order = store.ORDERS.load(tx.conn, order_id, lock=True)
    if begun and order.handling is Handling.SETTLED:
        return []
    rules.may_execute(order)
    found = _items(tx, order_id, numbers) if numbers else store.items(tx.conn, order_id)
    if numbers:
        for item in found:
            rules.carry_out(item, DecisionId(""), PersonId(""), tx.now)
        return found[:limit]
    return [item for item in found if item.state is ItemState.PENDING and item.item is not None][:limit]


def carry_out(tx: Tx, item: OrderItem, decision: DecisionId, person: PersonId) -> None:
    """The decision that carries an order out on an item was made."""
    store.ITEMS.change(tx, item, rules.carry_out(item, decision, person, tx.now))


def found(tx: Tx, order_id: OrderId, numbers: tuple[int, ...], state: ItemState, person: PersonId) -> Order:
    """A person found that nothing can be done about these, or did it by hand."""
    order = store.ORDERS.load(tx.conn, order_id, lock=True)
    rules.may_execute(order)
    for item in _items(tx, order_id, numbers):
        store.ITEMS.change(tx, item, rules.found(item, state, person, tx.now))
    return _settled(tx, order)


def ask_clarification(tx: Tx, order_id: OrderId, person: PersonId, obstacles: tuple[Obstacle, ...]) -> Order:
    """Annex III for errors or too little information."""
    open_items = _open(tx, order_id)
    return _change(
        tx, order_id, lambda order: rules.ask_clarification(order, person, obstacles, tx.now, open_items=open_items)
    )


def impossible(tx: Tx, order_id: OrderId, person: PersonId) -> Order:
    """Annex III for force majeure."""
    open_items = _open(tx, order_id)
    return _change(tx, order_id, lambda order: rules.impossible(order, person, tx.now, open_items=open_items))


def lapse(tx: Tx, order_id: OrderId, person: PersonId) -> Order:
    """It was never clarified."""
    return _change(tx, order_id, lambda order: rules.lapse(order, person, tx.now))


def answered(tx: Tx, order_id: OrderId, annex: Annex) -> Order:
    """The filled form was handed over."""
    counts = store.counts(tx.conn, order_id)
    done = sum(counts.get(state, 0) for state in rules.DOWN)
    return _change(tx, order_id, lambda order: rules.answer(order, annex, tx.now, done_items=done))


# What is told from outside


def clarified(tx: Tx, order_id: OrderId, received_at: datetime) -> Order:
    """The authority answered."""
    return _settled(tx, _change(tx, order_id, lambda order: rules.clarified(order, received_at, tx.now)))


def ceased(tx: Tx, order_id: OrderId, ceased_at: datetime) -> Order:
    """The grounds of an impossibility are gone."""
    return _settled(tx, _change(tx, order_id, lambda order: rules.ceased(order, ceased_at, tx.now)))


def end(tx: Tx, order_id: OrderId, validity: Validity) -> Order:
    """Withdrawn, suspended or annulled by a court."""
    return _change(tx, order_id, lambda order: rules.end(order, validity, tx.now))


def finalise(tx: Tx, order_id: OrderId) -> Order:
    """The issuer states that it is final; what was put back by a suspension is to be done again."""
    order = _change(tx, order_id, lambda order: rules.finalise(order, tx.now))
    for item in store.items(tx.conn, order_id):
        _advance(tx, item, rules.due_again(item))
    return _settled(tx, order)


def note_scrutiny(tx: Tx, order_id: OrderId, scrutiny: Scrutiny) -> Order:
    """What was heard of a scrutiny; a finding of infringement ends the order."""
    return _change(tx, order_id, lambda order: rules.note_scrutiny(order, scrutiny, tx.now))


def note_appeal(tx: Tx, order_id: OrderId, appeal: Appeal) -> Order:
    """Proceedings in court began or ended."""
    return _change(tx, order_id, lambda order: rules.note_appeal(order, appeal, tx.now))


def extend_secrecy(tx: Tx, order_id: OrderId) -> Order:
    """Six weeks more, once."""
    return _change(tx, order_id, lambda order: rules.extend_secrecy(order, tx.now))


def lift_secrecy(tx: Tx, order_id: OrderId) -> Order:
    """The authority lifts it."""
    return _change(tx, order_id, lambda order: rules.end_secrecy(order, tx.now, lifted=True))


# What happens on the platform, and by time


def item_done(tx: Tx, decision: DecisionId, item: ItemId, state: ItemState, done_at: datetime) -> None:
    """What a decision meant to do about an item is done, or was so before."""
    for one in store.of_decision(tx.conn, decision, item):
        order = store.ORDERS.load(tx.conn, one.order, lock=True)
        _advance(tx, one, rules.done(one, state, done_at))
        _settled(tx, order)


def item_failed(tx: Tx, decision: DecisionId, item: ItemId) -> None:
    """The platform refused for good: it is to be done still."""
    for one in store.of_decision(tx.conn, decision, item):
        _advance(tx, one, rules.failed(one))


def item_reinstated(tx: Tx, decision: DecisionId, item: ItemId) -> None:
    """It is public again."""
    for one in store.of_decision(tx.conn, decision, item):
        _advance(tx, one, rules.reinstated(one, tx.now))


def run_timers(tx: Tx, limit: int) -> int:
    """Hours that passed, secrecy that ended; returns for how many orders something happened."""
    orders = store.due(tx.conn, tx.now, limit)
    for order in orders:
        events = rules.pass_hour(order, tx.now, open_items=_open(tx, order.id))
        if order.is_secret and order.secret_until is not None and order.secret_until <= tx.now:
            events += rules.end_secrecy(order, tx.now)
        if events:
            store.ORDERS.change(tx, order, events)
    return len(orders)


def _change(tx: Tx, order_id: OrderId, rule: Callable[[Order], list[Event]]) -> Order:
    order = store.ORDERS.load(tx.conn, order_id, lock=True)
    return store.ORDERS.change(tx, order, rule(order))


def _advance(tx: Tx, item: OrderItem, events: list[Event]) -> None:
    if events:
        store.ITEMS.change(tx, item, events)


def _open(tx: Tx, order_id: OrderId) -> int:
    counts = store.counts(tx.conn, order_id)
    return sum(counts.get(state, 0) for state in rules.TO_DO)


def _settled(tx: Tx, order: Order) -> Order:
    events = rules.settle(order, tx.now, open_items=_open(tx, order.id))
    return store.ORDERS.change(tx, order, events) if events else order


def _items(tx: Tx, order_id: OrderId, numbers: tuple[int, ...]) -> list[OrderItem]:
    found = store.items(tx.conn, order_id, numbers)
    missing = sorted(set(numbers) - {item.number for item in found})
    if missing or not numbers:
        raise NotFound("no-such-item", f"this order has no item {missing[:1] or 'at all'}")
    return found


def _registered_number(body: Authority, called: str) -> None:
    wanted, dialled = ("".join(filter(str.isdigit, text)) for text in (body.terms.contact.phone, called))
    if wanted != dialled:
        raise Invalid(
            "not-the-registered-number", "call the number of the register, not that of the message", where="called"
        )
