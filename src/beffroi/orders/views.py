"""What pages, the API and the command line show of an order.

Owns: an order with its items, its clocks and the forms it is answered by; the list; the statement that tells of it.
Promises: every clock says start, end, rule, reading and when it stopped; where an Annex III moved the hour, the
original one stands beside the new one.
Never does: write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from beffroi.decisions.model import Source
from beffroi.decisions.remedies import Basis, remedies
from beffroi.ground.kernel.ids import OrderId
from beffroi.ground.kernel.limits import ORDERS_SHOWN_MAX
from beffroi.ground.storage import Vault
from beffroi.notices import views as notices
from beffroi.notices.views import StatementRead
from beffroi.parties import store as parties
from beffroi.parties.model import Authority, Service, Size

from . import answers, rules, state, store
from .annexes import AnnexI, AnnexII, AnnexIII
from .answers import Facts, Line
from .deadlines import Deadline, deadline
from .model import Annex, ItemState, Order


@dataclass(frozen=True, slots=True)
class ClockRead:
    """A clock, what it is called here, and when it stopped; None while it runs or has run out."""

    name: str
    deadline: Deadline
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in a list."""

    order: Order
    word: str
    authority: Authority | None
    counts: Mapping[ItemState, int]
    due_at: datetime
    """The end of its present hour."""


@dataclass(frozen=True, slots=True)
class OrderRead:
    """An order with all that is shown of it. `form` None: its words are gone by their time."""

    order: Order
    word: str
    authority: Authority | None
    counts: Mapping[ItemState, int]
    form: AnnexI | None
    lines: tuple[Line, ...]
    clocks: tuple[ClockRead, ...]
    annex_ii: tuple[AnnexII, ...]
    annex_iii: AnnexIII | None


def listed(conn: Connection) -> tuple[OrderLine, ...]:
    """Orders, those to act on first."""
    return tuple(_line(conn, order) for order in store.listed(conn, ORDERS_SHOWN_MAX))


def read(conn: Connection, vault: Vault, order_id: OrderId, now: datetime) -> OrderRead:
    """One order.

    Raises:
        NotFound: there is none.

    """
    order = store.ORDERS.load(conn, order_id)
    line, form = _line(conn, order), store.words(conn, vault, order_id)
    urls = tuple(dict.fromkeys(form.urls)) if form is not None else ()
    lines = tuple(
        Line(item, urls[item.number - 1] if item.number <= len(urls) else "") for item in store.items(conn, order_id)
    )
    facts = Facts(order, form or AnnexI(), lines, parties.organisation(conn), now)
    return OrderRead(
        order=order,
        word=line.word,
        authority=line.authority,
        counts=line.counts,
        form=form,
        lines=lines,
        clocks=clocks(order, [line.item.done_at for line in lines if line.item.state in rules.DOWN]),
        annex_ii=answers.annex_ii(facts),
        annex_iii=answers.annex_iii(facts),
    )


def clocks(order: Order, done: list[datetime | None]) -> tuple[ClockRead, ...]:
    """Every clock of an order that was started."""
    stopped = order.settled_at or order.ended_at
    found = [ClockRead("execute", deadline("execute", order.hour_from), stopped)]
    if order.hour_was_from is not None:
        found.append(ClockRead("execute, before the Annex III", deadline("execute", order.hour_was_from), None))
    if order.settled_at is not None:
        found.append(ClockRead("feedback", deadline("feedback", order.settled_at), _sent(order, Annex.II)))
    if order.obstacle_at is not None:
        found.append(ClockRead("Annex III", deadline("feedback", order.obstacle_at), _sent(order, Annex.III)))
    if order.secret_until is not None:
        found.append(ClockRead("secrecy", _secrecy(order), None))
    if order.cross_border:
        found.append(ClockRead("scrutiny, our own request", deadline("scrutiny_request", order.received_at), None))
    first = min((at for at in done if at is not None), default=None)
    if first is not None:
        found.append(ClockRead("preserve", deadline("preserve", first), None))
    return tuple(found)


def _secrecy(order: Order) -> Deadline:
    """Its end stands in the order, counted from the authority's decision."""
    until = order.secret_until or order.received_at
    told = deadline("gag", order.received_at)
    return replace(told, earliest=until, latest=until)


def _sent(order: Order, annex: Annex) -> datetime | None:
    return max((at for sent, at in order.answers if sent is annex), default=None)


def _line(conn: Connection, order: Order) -> OrderLine:
    counts = store.counts(conn, order.id)
    done = sum(counts.get(one, 0) for one in rules.DOWN)
    authority = None if order.authority is None else parties.AUTHORITIES.get(conn, order.authority)
    due_at = deadline("execute", order.hour_from).due
    return OrderLine(order, state.word(order, done_items=done), authority, counts, due_at)


def statement(conn: Connection, vault: Vault, token: str) -> StatementRead | None:
    """The statement behind a link; where an order caused it, with the ways that are open against an order."""
    found = notices.statement(conn, vault, token)
    return None if found is None else of_order(conn, found)


def of_order(conn: Connection, found: StatementRead) -> StatementRead:
    """A statement; where an order caused it, with the ways that are open against an order."""
    if found.decision.decision.source is not Source.ORDER:
        return found
    items = store.of_decision(conn, found.decision.decision.id)
    order = store.ORDERS.load(conn, items[0].order) if items else None
    ways = remedies(
        Basis.REMOVAL_ORDER,
        Size.MICRO,
        service=Service.HOSTING,
        cross_border=order is not None and order.cross_border,
        secret=False,
        offers_own_complaint=False,
    )
    return replace(found, remedies=ways, is_detected_by_machine=False)
