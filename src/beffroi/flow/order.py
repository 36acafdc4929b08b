"""Order in: received, looked at by a person, carried out, answered; and what authorities and courts tell of it.

    receive    the platform is asked what stands at the addresses → one transaction: order, items, its hour
    execute    a person, a hundred items at a time: decision → restriction planned → effect intended, without undo hold
    told       a clarification, a withdrawal, a finding, a court: one transaction with what follows from it

Owns: the road of an order from its door to `orders`, `decisions` and `actions`.
Promises: nothing is restricted by an order without a named person who carried it out; what is acknowledged is recorded.
Never does: check permissions; the doors do, before they call.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial

from beffroi.content import store as content
from beffroi.content.model import ItemState as PostState
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act, ItemRevision
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import AuthorityId, OrderId, PersonId
from beffroi.ground.kernel.limits import ORDER_CHUNK, ORDER_LOCATED_MAX
from beffroi.ground.storage import Actor, Tx
from beffroi.orders import service as orders
from beffroi.orders import store as orders_store
from beffroi.orders import views
from beffroi.orders.annexes import AnnexI
from beffroi.orders.model import Annex, Appeal, ItemState, Measure, Obstacle, Order, Scrutiny, Validity
from beffroi.orders.service import Arrival
from beffroi.orders.views import OrderLine, OrderRead
from beffroi.parties.union import MEMBER_STATES

from .house import House

Locate = Callable[[str], str | None]
"""What the platform calls what stands at an address; None where it cannot be asked or does not know."""

_ACTS = {
    Measure.REMOVED: (Act.REMOVE, ()),
    Measure.DISABLED: (Act.DISABLE, ()),
    Measure.DISABLED_IN_MEMBER_STATES: (Act.RESTRICT_TERRITORIES, tuple(sorted(MEMBER_STATES))),
}


class Fact(StrEnum):
    """What an authority or a court can tell of an order."""

    CLARIFIED = "clarified"
    GROUNDS_CEASED = "grounds_ceased"  # told by the platform's own operations
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    ANNULLED_BY_COURT = "annulled_by_court"
    FINAL = "final"
    SCRUTINY_ASKED = "scrutiny_asked"
    INFRINGEMENT_INTENDED = "infringement_intended"
    NO_INFRINGEMENT = "no_infringement"
    INFRINGEMENT = "infringement"
    APPEAL_FILED = "appeal_filed"
    APPEAL_ENDED = "appeal_ended"
    SECRECY_EXTENDED = "secrecy_extended"
    SECRECY_LIFTED = "secrecy_lifted"


_TOLD: dict[Fact, Callable[[Tx, OrderId, datetime], Order]] = {
    Fact.CLARIFIED: orders.clarified,
    Fact.GROUNDS_CEASED: orders.ceased,
    Fact.WITHDRAWN: lambda tx, order, _: orders.end(tx, order, Validity.WITHDRAWN),
    Fact.SUSPENDED: lambda tx, order, _: orders.end(tx, order, Validity.SUSPENDED),
    Fact.ANNULLED_BY_COURT: lambda tx, order, _: orders.end(tx, order, Validity.ANNULLED_BY_COURT),
    Fact.FINAL: lambda tx, order, _: orders.finalise(tx, order),
    Fact.SCRUTINY_ASKED: lambda tx, order, _: orders.note_scrutiny(tx, order, Scrutiny.ASKED),
    Fact.INFRINGEMENT_INTENDED: lambda tx, order, _: orders.note_scrutiny(tx, order, Scrutiny.INTENDED),
    Fact.NO_INFRINGEMENT: lambda tx, order, _: orders.note_scrutiny(tx, order, Scrutiny.NO_INFRINGEMENT),
    Fact.INFRINGEMENT: lambda tx, order, _: orders.note_scrutiny(tx, order, Scrutiny.INFRINGEMENT),
    Fact.APPEAL_FILED: lambda tx, order, _: orders.note_appeal(tx, order, Appeal.FILED),
    Fact.APPEAL_ENDED: lambda tx, order, _: orders.note_appeal(tx, order, Appeal.ENDED),
    Fact.SECRECY_EXTENDED: lambda tx, order, _: orders.extend_secrecy(tx, order),
    Fact.SECRECY_LIFTED: lambda tx, order, _: orders.lift_secrecy(tx, order),
}


def listed(house: House) -> tuple[OrderLine, ...]:
    """Orders, those to act on first."""
    with house.read() as conn:
        return views.listed(conn)


def read(house: House, order: OrderId) -> OrderRead:
    """One order with everything.

    Raises:
        NotFound: there is none.

    """
    with house.read() as conn:
        return views.read(conn, house.vault, order, house.clock.now())


def require(house: House, order: OrderId) -> None:
    """Refuse what is about no order.

    Raises:
        NotFound: there is none.

    """
    with house.read() as conn:
        orders_store.ORDERS.load(conn, order)


def receive(house: House, actor: Actor, form: AnnexI, arrival: Arrival, locate: Locate) -> tuple[OrderId, bool]:
    """Take an order in; returns its id, and whether it is new. See `orders.service.receive` for refusals."""
    named = _named(house, form, locate)
    order, is_new = house.write("law", actor, lambda tx: orders.receive(tx, form, arrival, named))
    return order.id, is_new


def _named(house: House, form: AnnexI, locate: Locate) -> dict[str, str]:
    """What the platform calls those that are not known here by their address; a few at most, orders do not wait."""
    with house.read() as conn:
        unknown = [url for url in dict.fromkeys(form.urls) if content.item_by_url(conn, url) is None]
    asked = {url: locate(url) for url in unknown[:ORDER_LOCATED_MAX]}
    return {url: platform_id for url, platform_id in asked.items() if platform_id is not None}


def execute(
    house: House, actor: Actor, person: PersonId, order: OrderId, measure: Measure, numbers: tuple[int, ...] = ()
) -> int:
    """Carry an order out: on these items, or on all that are located and pending. Returns on how many.

    What an author has deleted meanwhile is found to be gone already. A hundred items are one transaction; what was done
    stays done if a later one is refused.

    Raises:
        Conflict: not authentic, not in force, its hour does not run; or nothing of it can be carried out.
        NotFound: no such order, or no item of this number.

    """
    done = 0
    chosen = tuple(dict.fromkeys(numbers))
    while True:
        wanted = chosen[done : done + ORDER_CHUNK] if chosen else None
        if chosen and not wanted:
            return done
        some = house.write("law", actor, partial(_execute, order, person, measure, wanted, begun=done > 0))
        done += some
        if not done:
            raise Conflict("nothing-to-carry-out", "no item of this order is located and pending")
        if some < ORDER_CHUNK:
            return done


def _execute(
    order: OrderId, person: PersonId, measure: Measure, numbers: tuple[int, ...] | None, tx: Tx, *, begun: bool
) -> int:
    items = orders.to_carry_out(tx, order, numbers, ORDER_CHUNK, begun=begun)
    posts = {item.number: content.ITEMS.load(tx.conn, item.item) for item in items if item.item is not None}
    gone = tuple(number for number, post in posts.items() if post.state is PostState.DELETED_BY_AUTHOR)
    live = [item for item in items if item.number not in gone]
    if live:
        act, territories = _ACTS[measure]
        revisions = {posts[item.number].id: posts[item.number].revision for item in live}
        bound = tuple(ItemRevision(item, revision) for item, revision in revisions.items())
        decision = decisions.decide_by_order(tx, act, bound, territories, person)
        for item in live:
            orders.carry_out(tx, item, decision.id, person)
    if gone:
        orders.found(tx, order, gone, ItemState.ALREADY_UNAVAILABLE, person)
    return len(items)


def found(
    house: House, actor: Actor, person: PersonId, order: OrderId, numbers: tuple[int, ...], state: ItemState
) -> None:
    """A person found that nothing can be done about these items, or did it by hand."""
    house.write("law", actor, lambda tx: orders.found(tx, order, numbers, state, person))


def called_back(
    house: House, actor: Actor, person: PersonId, order: OrderId, authority: AuthorityId, called: str
) -> None:
    """The registered contact says that the order is theirs."""
    house.write("law", actor, lambda tx: orders.authenticate(tx, order, authority, person, called))


def forged(house: House, actor: Actor, person: PersonId, order: OrderId) -> None:
    """The body whose name it bears never sent it."""
    house.write("law", actor, lambda tx: orders.found_forged(tx, order, person))


def reroute(house: House, actor: Actor, person: PersonId, order: OrderId) -> None:
    """Whoever sent it may not order this."""
    house.write("law", actor, lambda tx: orders.reroute(tx, order, person))


def clarify(house: House, actor: Actor, person: PersonId, order: OrderId, obstacles: tuple[Obstacle, ...]) -> None:
    """Ask the authority (Annex III); the hour is off until it answers."""
    house.write("law", actor, lambda tx: orders.ask_clarification(tx, order, person, obstacles))


def impossible(house: House, actor: Actor, person: PersonId, order: OrderId) -> None:
    """Report an impossibility (Annex III); the hour is off until the grounds cease."""
    house.write("law", actor, lambda tx: orders.impossible(tx, order, person))


def lapse(house: House, actor: Actor, person: PersonId, order: OrderId) -> None:
    """It was never clarified, and a person closes it."""
    house.write("law", actor, lambda tx: orders.lapse(tx, order, person))


def answered(house: House, actor: Actor, order: OrderId, annex: Annex) -> None:
    """The filled form was handed to the authority."""
    house.write("law", actor, lambda tx: orders.answered(tx, order, annex))


def told(house: House, actor: Actor, order: OrderId, fact: Fact, at: datetime | None = None) -> None:
    """An authority or a court told something; `at`: when it reached us, now unless told."""
    house.write("law", actor, lambda tx: _TOLD[fact](tx, order, at or tx.now))
