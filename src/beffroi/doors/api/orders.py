"""Removal orders over the API: a platform's own tool hands them in; the command line acts in a person's name.

Owns: the handlers.
Promises: what is decided names a person of the node who may decide it; a machine hands in, reads, and tells what it was
told, and nothing more.
Never does: decide.
"""

from functools import partial
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from beffroi.flow import order as flow
from beffroi.flow.acting import acting
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import AuthorityId, OrderId, PersonId
from beffroi.staff.permissions import Permission as P

from ..platforms import Connector, named
from ..platforms.measures import measure
from . import order_wire as wire
from .handlers import Caller, HouseIn


def _connector(request: Request) -> Connector | None:
    found: Connector | None = request.app.state.connector
    return found


OrderPath = Annotated[str, Path(pattern=r"^ord_[0-9A-Z]{26}$")]
ConnectorIn = Annotated[Connector | None, Depends(_connector)]


def receive_order(given: wire.OrderIn, house: HouseIn, who: Caller, connector: ConnectorIn) -> wire.ReceivedOut:
    """Take a removal order in; its hour runs from `received_at`."""
    locate = partial(named, connector)
    order, is_new = flow.receive(house, who.actor, given.order, given.arrival(), locate)
    return wire.ReceivedOut(id=order, is_new=is_new)


def list_orders(house: HouseIn) -> wire.OrdersOut:
    """Orders, those to act on first."""
    return wire.OrdersOut(orders=tuple(wire.line_out(line) for line in flow.listed(house)))


def show_order(order: OrderPath, house: HouseIn) -> wire.OrderOut:
    """One order: state, checks, items, clocks, filled forms."""
    return _shown(house, order)


def execute_order(
    order: OrderPath, given: wire.ExecuteIn, house: HouseIn, who: Caller, connector: ConnectorIn
) -> wire.OrderOut:
    """Carry it out, at once: an order has no undo."""
    flow.require(house, OrderId(order))
    chosen = measure(connector, given.measure)
    flow.execute(house, who.actor, _person(house, given), OrderId(order), chosen, given.items)
    return _shown(house, order)


def found_items(order: OrderPath, given: wire.FoundIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """Say that items are gone already, not found, never public, or were done by hand."""
    flow.found(house, who.actor, _person(house, given), OrderId(order), given.items, given.state)
    return _shown(house, order)


def clarify_order(order: OrderPath, given: wire.ClarifyIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """Ask the authority (Annex III); the hour is off until it answers."""
    flow.clarify(house, who.actor, _person(house, given), OrderId(order), given.obstacles)
    return _shown(house, order)


def impossible_order(order: OrderPath, given: wire.ByPersonIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """Report an impossibility (Annex III); the hour is off until the grounds cease."""
    flow.impossible(house, who.actor, _person(house, given), OrderId(order))
    return _shown(house, order)


def call_back_order(order: OrderPath, given: wire.CalledIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """The registered contact was called: it is theirs, or it is forged."""
    person = _person(house, given)
    if given.authority is None:
        flow.forged(house, who.actor, person, OrderId(order))
    elif not given.called:
        raise Invalid("no-number", "say which number was called", where="called")
    else:
        flow.called_back(house, who.actor, person, OrderId(order), AuthorityId(given.authority), given.called)
    return _shown(house, order)


def reroute_order(order: OrderPath, given: wire.ByPersonIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """Whoever sent it may not order removal: no duty follows from it."""
    flow.reroute(house, who.actor, _person(house, given), OrderId(order))
    return _shown(house, order)


def lapse_order(order: OrderPath, given: wire.ByPersonIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """It was never clarified: close it."""
    flow.lapse(house, who.actor, _person(house, given), OrderId(order))
    return _shown(house, order)


def answered_order(order: OrderPath, given: wire.AnsweredIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """The filled form was handed to the authority."""
    flow.answered(house, who.actor, OrderId(order), given.annex)
    return _shown(house, order)


def told_order(order: OrderPath, given: wire.ToldIn, house: HouseIn, who: Caller) -> wire.OrderOut:
    """An authority or a court told something: a clarification, a withdrawal, a finding."""
    flow.told(house, who.actor, OrderId(order), given.fact, given.at)
    return _shown(house, order)


def _person(house: House, given: wire.ByPersonIn) -> PersonId:
    return acting(house, given.person, P.ORDERS_ANSWER)


def _shown(house: House, order: str) -> wire.OrderOut:
    return wire.order_out(flow.read(house, OrderId(order)))
