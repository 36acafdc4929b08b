"""The tables of `orders`.

Owns: removal_order, order_item, order_words (sealed).
Promises: what an order says, its addresses and its officers are sealed under a key of the order's own; the next
deadline of each order is found by an index.
Never does: be written by anybody else.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, func, select

from beffroi.ground.kernel.ids import DecisionId, ItemId, OrderId, SubjectId
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table

from . import state
from .annexes import AnnexI
from .deadlines import deadline
from .events import ITEM_EVENTS, ORDER_EVENTS
from .model import Authentication, Handling, ItemState, Order, OrderItem, Validity

order_table = table(
    "removal_order",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ref", Text, nullable=False, unique=True),
    Column("authority", Text),
    Column("authentication", Text, nullable=False),
    Column("handling", Text, nullable=False),
    Column("validity", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("body", Json, nullable=False),
    Index("ix_removal_order_due_at", "due_at"),
    Index("ix_removal_order_handling", "handling", "received_at"),
    Index("ix_removal_order_received_at", "received_at"),
)
order_item_table = table(
    "order_item",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("order", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("item", Text),
    Column("decision", Text),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_order_item_order", "order", "number"),
    Index("ix_order_item_item", "item"),
    Index("ix_order_item_decision", "decision"),
)
order_words = table(
    "order_words",
    Column("order", Text, primary_key=True),
    Column("digest", Octets, nullable=False, unique=True),
    Column("reference_digest", Octets, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)

_ORDER = TypeAdapter(Order)
_ITEM = TypeAdapter(OrderItem)
_ORDER_COLUMNS = ("id", "ref", "authority", "authentication", "handling", "validity", "received_at")
_ITEM_COLUMNS = ("id", "order", "number", "item", "decision", "state")
_PURPOSE = "removal order"


def next_due(order: Order) -> datetime | None:
    """When time next does something to an order: its hour passes, or its secrecy ends."""
    runs = order.handling is Handling.OPEN and order.binds and order.overdue_at is None
    ends = [deadline("execute", order.hour_from).due] if runs else []
    return min([*ends, *([order.secret_until] if order.is_secret and order.secret_until else [])], default=None)


ORDERS: Rows[Order] = Rows(
    order_table,
    "order",
    ORDER_EVENTS,
    state.apply,
    lambda order: (
        {name: getattr(order, name) for name in _ORDER_COLUMNS}
        | {"due_at": next_due(order), "body": _ORDER.dump_python(order, mode="json")}
    ),
    lambda row: _ORDER.validate_python(row["body"]),
)
ITEMS: Rows[OrderItem] = Rows(
    order_item_table,
    "order-item",
    ITEM_EVENTS,
    state.apply_item,
    lambda item: {name: getattr(item, name) for name in _ITEM_COLUMNS} | {"body": _ITEM.dump_python(item, mode="json")},
    lambda row: _ITEM.validate_python(row["body"]),
)


def is_ref_taken(conn: Connection, ref: str) -> bool:
    """Whether an order is called this."""
    c = order_table.c
    return conn.execute(select(c.id).where(c.ref == ref)).first() is not None


def subject_of(order: OrderId) -> SubjectId:
    """An order's words have a key of their own, so that they can go alone."""
    return SubjectId(order)


def digest_of(sender: str, form: AnnexI) -> bytes:
    """By which the same order, sent again, is known."""
    return hashlib.sha256(f"{sender.strip().casefold()}\n{form.model_dump_json()}".encode()).digest()


def reference_digest(form: AnnexI) -> bytes:
    """By which another order of the same number is known."""
    return hashlib.sha256(f"{form.issuing_member_state}\n{form.reference_number.casefold()}".encode()).digest()


def put_words(tx: Tx, order: OrderId, sender: str, form: AnnexI) -> bytes:
    """Seal what it says; returns the plain bytes for the event's commitment."""
    plain = form.model_dump_json().encode()
    row = {"order": order, "digest": digest_of(sender, form), "reference_digest": reference_digest(form)}
    row |= {"sealed": tx.vault.seal(subject_of(order), plain, _PURPOSE)}
    tx.add(order_words, row | {"look_at": tx.now + timedelta(days=LOOK_AGAIN_D)})
    return plain


def words(conn: Connection, vault: Vault, order: OrderId) -> AnnexI | None:
    """What it says; None once its time is over."""
    sealed = conn.execute(select(order_words.c.sealed).where(order_words.c.order == order)).scalar()
    plain = None if sealed is None else vault.open(subject_of(order), sealed, _PURPOSE)
    return None if plain is None else AnnexI.model_validate_json(plain)


def by_digest(conn: Connection, digest: bytes) -> Order | None:
    """The order that says exactly this."""
    query = select(order_table).join(order_words, order_words.c.order == order_table.c.id)
    found = ORDERS.find(conn, query.where(order_words.c.digest == digest))
    return found[0] if found else None


def is_reference_used(conn: Connection, digest: bytes) -> bool:
    """Whether an order of this number came before."""
    c = order_words.c
    return conn.execute(select(c.order).where(c.reference_digest == digest).limit(1)).first() is not None


def is_known_sender(conn: Connection, authority: str) -> bool:
    """Whether an order of this body was found authentic here before."""
    c = order_table.c
    genuine = (c.authority == authority) & (c.authentication == Authentication.AUTHENTIC)
    return conn.execute(select(c.id).where(genuine).limit(1)).first() is not None


def listed(conn: Connection, limit: int) -> list[Order]:
    """Orders, those to act on first, then the newest."""
    c = order_table.c
    binds = c.validity.in_([Validity.LIVE, Validity.FINAL]) & (c.authentication != Authentication.FORGED)
    waits = binds & c.handling.in_([Handling.OPEN, Handling.AWAITING_CLARIFICATION, Handling.IMPOSSIBLE])
    query = select(order_table).order_by(c.due_at.is_(None), waits.desc(), c.due_at, c.received_at.desc(), c.id)
    return ORDERS.find(conn, query.limit(limit))


def items(conn: Connection, order: OrderId, numbers: Sequence[int] | None = None) -> list[OrderItem]:
    """The items of an order by their numbers; all, or these."""
    query = select(order_item_table).where(order_item_table.c.order == order).order_by(order_item_table.c.number)
    found = ITEMS.find(conn, query)
    return found if numbers is None else [item for item in found if item.number in set(numbers)]


def of_decision(conn: Connection, decision: DecisionId, item: ItemId | None = None) -> list[OrderItem]:
    """The items that a decision carried out; all, or the one about this."""
    c = order_item_table.c
    query = select(order_item_table).where(c.decision == decision)
    return ITEMS.find(conn, query if item is None else query.where(c.item == item))


def counts(conn: Connection, order: OrderId) -> dict[ItemState, int]:
    """How many items are in each state; states without any are missing."""
    c = order_item_table.c
    rows = conn.execute(select(c.state, func.count()).where(c.order == order).group_by(c.state))
    return {ItemState(name): count for name, count in rows}


def binding_on(conn: Connection, item: ItemId) -> list[Order]:
    """The orders that bind and name this item."""
    c = order_table.c
    named = select(order_table).join(order_item_table, order_item_table.c.order == c.id)
    of_item = named.where(order_item_table.c.item == item, c.validity.in_([Validity.LIVE, Validity.FINAL]))
    return [order for order in ORDERS.find(conn, of_item) if order.binds]


def withheld(conn: Connection, item: ItemId) -> bool:
    """Whether nobody may be told of what an order did to this item: any secret order on it is enough (Art 11(3))."""
    c = order_item_table.c
    named = select(order_table).join(order_item_table, c.order == order_table.c.id).where(c.item == item)
    return any(order.is_secret for order in ORDERS.find(conn, named.where(c.decision.is_not(None))))


def due(conn: Connection, now: datetime, limit: int) -> list[Order]:
    """Orders to which time does something now."""
    c = order_table.c
    return ORDERS.find(conn, select(order_table).where(c.due_at <= now).order_by(c.due_at).limit(limit))


def is_any_due(conn: Connection, now: datetime) -> bool:
    """Whether there are any."""
    return conn.execute(select(order_table.c.id).where(order_table.c.due_at <= now).limit(1)).first() is not None


def _clear(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(order_words).where(order_words.c.order == subject))


_FACTS = Retention("as long as the node's record; holds no personal data")
RECORDS = (
    Keeping(order_table, "which orders came, when, and what became of them (TCO Arts 3 and 7(3))", _FACTS),
    Keeping(order_item_table, "what was done about each address of an order", _FACTS),
    Keeping(
        order_words,
        "the order itself, for whoever may ask for a copy (TCO Art 11(2)) and for review (Art 9)",
        Retention("while the order binds, then until it can be contested no more", asked=True),
        sealed=("sealed",),
        cleared=("digest", "reference_digest"),
        clear=_clear,
    ),
)
