"""The shapes of removal orders on the wire.

Owns: requests and answers of the order routes.
Promises: an order is Annex I with what its transport says; an answer gives state, items with their states, every clock
with start, end, rule and reading, and the filled forms.
Never does: anything but translate.
"""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from beffroi.flow.order import Fact
from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.limits import EMAIL_CHARS_MAX, ORDER_ITEMS_MAX, POSTAL_CHARS_MAX, REASON_CHARS_MAX
from beffroi.orders.annexes import AnnexI, AnnexII, AnnexIII
from beffroi.orders.model import (
    Annex,
    Appeal,
    Authentication,
    Handling,
    ItemState,
    Measure,
    Obstacle,
    Scrutiny,
    Secrecy,
    Validity,
)
from beffroi.orders.service import Arrival
from beffroi.orders.views import ClockRead, OrderLine, OrderRead

from .wire import PRINTABLE, Wire

Person = Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_CHARS_MAX)]
Number = Annotated[int, Field(ge=1, le=ORDER_ITEMS_MAX)]
Numbers = Annotated[tuple[Number, ...], Field(max_length=ORDER_ITEMS_MAX)]


class OrderIn(Wire):
    """An order as it reached the contact point. `signed`: the receiving tool has checked signature or channel."""

    order: AnnexI
    sender: Annotated[str, StringConstraints(min_length=1, max_length=EMAIL_CHARS_MAX)]
    received_at: AwareDatetime
    signed: bool = False
    language: Annotated[str, StringConstraints(max_length=35, pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$")] = ""
    first_contact_notice_at: AwareDatetime | None = None
    emergency: Annotated[str, StringConstraints(max_length=REASON_CHARS_MAX)] = ""

    def arrival(self) -> Arrival:
        """How it came."""
        return Arrival(
            self.sender, self.received_at, self.signed, self.language, self.first_contact_notice_at, self.emergency
        )


class ByPersonIn(Wire):
    """A command in the name of a person of the node."""

    person: Person


class ExecuteIn(ByPersonIn):
    """Carry it out: on these items, or on all that are located and pending."""

    measure: Measure | None = None
    items: Numbers = ()


class FoundIn(ByPersonIn):
    """What a person found about these items."""

    state: ItemState
    items: Annotated[Numbers, Field(min_length=1)]


class ClarifyIn(ByPersonIn):
    """What is wrong, or missing."""

    obstacles: Annotated[tuple[Obstacle, ...], Field(min_length=1, max_length=len(Obstacle))]


class CalledIn(ByPersonIn):
    """The registered contact was called: `authority` None means that it never sent this."""

    authority: Annotated[str, StringConstraints(pattern=r"^aut_[0-9A-Z]{26}$")] | None = None
    called: Annotated[str, StringConstraints(max_length=POSTAL_CHARS_MAX, pattern=PRINTABLE)] = ""


class AnsweredIn(Wire):
    """Which form was handed to the authority."""

    annex: Annex


class ToldIn(Wire):
    """What an authority or a court told; `at`: when it reached the contact point, now unless told."""

    fact: Fact
    at: AwareDatetime | None = None


class CheckOut(Wire):
    """One look at the order as it came."""

    code: str
    element: str
    passed: bool
    note: str


class OrderItemOut(Wire):
    """One address of the order. `located`: whether it is known here."""

    number: int
    url: str
    state: ItemState
    located: bool
    decision: str | None
    done_at: AwareDatetime | None


class ClockOut(Wire):
    """A clock that was started: its two readings, the one that counts, and when it stopped."""

    name: str
    rule: str
    version: int
    article: str
    start: str
    end: str
    reading: str
    earliest: str
    latest: str
    stopped_at: str | None


class OrderLineOut(Wire):
    """An order in the list."""

    id: str
    ref: str
    state: str
    authority: str | None
    received_at: str
    due_at: str
    items: dict[str, int]


class OrdersOut(Wire):
    """Orders, those to act on first."""

    orders: tuple[OrderLineOut, ...]


class OrderOut(Wire):
    """One order with everything. `order` None: its words are gone by their time."""

    id: str
    ref: str
    state: str
    authentication: Authentication
    handling: Handling
    validity: Validity
    scrutiny: Scrutiny
    appeal: Appeal
    secrecy: Secrecy
    authority: str | None
    received_at: str
    overdue_at: str | None
    checks: tuple[CheckOut, ...]
    items: tuple[OrderItemOut, ...]
    clocks: tuple[ClockOut, ...]
    annex_ii: tuple[AnnexII, ...]
    annex_iii: AnnexIII | None
    order: AnnexI | None


class ReceivedOut(Wire):
    """A receipt: the order's id, and whether it is new; sent again, it keeps its first time."""

    id: str
    is_new: bool


def line_out(line: OrderLine) -> OrderLineOut:
    """An order in the list."""
    return OrderLineOut(
        id=line.order.id,
        ref=line.order.ref,
        state=line.word,
        authority=line.authority.terms.name if line.authority else None,
        received_at=rfc3339(line.order.received_at),
        due_at=rfc3339(line.due_at),
        items={state.value: count for state, count in sorted(line.counts.items())},
    )


def order_out(read: OrderRead) -> OrderOut:
    """One order with everything."""
    order = read.order
    return OrderOut(
        id=order.id,
        ref=order.ref,
        state=read.word,
        authentication=order.authentication,
        handling=order.handling,
        validity=order.validity,
        scrutiny=order.scrutiny,
        appeal=order.appeal,
        secrecy=order.secrecy,
        authority=read.authority.terms.name if read.authority else None,
        received_at=rfc3339(order.received_at),
        overdue_at=rfc3339(order.overdue_at) if order.overdue_at else None,
        checks=tuple(CheckOut(code=c.code, element=c.element, passed=c.passed, note=c.note) for c in order.checks),
        items=tuple(
            OrderItemOut(
                number=line.item.number,
                url=line.url,
                state=line.item.state,
                located=line.item.item is not None,
                decision=line.item.decision,
                done_at=line.item.done_at,
            )
            for line in read.lines
        ),
        clocks=tuple(clock_out(clock) for clock in read.clocks),
        annex_ii=read.annex_ii,
        annex_iii=read.annex_iii,
        order=read.form,
    )


def clock_out(clock: ClockRead) -> ClockOut:
    """A clock as JSON."""
    told = clock.deadline
    return ClockOut(
        name=clock.name,
        rule=told.rule,
        version=told.version,
        article=told.article,
        start=rfc3339(told.start),
        end=rfc3339(told.due),
        reading=told.reading.value,
        earliest=rfc3339(told.earliest),
        latest=rfc3339(told.latest),
        stopped_at=rfc3339(clock.stopped_at) if clock.stopped_at else None,
    )
