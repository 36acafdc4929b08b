"""An invented order, and a node's ground on which it arrives."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from beffroi.content import rules as content_rules
from beffroi.content import service as content
from beffroi.content.model import AccountGiven, Item, Submission
from beffroi.ground.kernel.ids import OrderId, PersonId
from beffroi.orders import service, store
from beffroi.orders.annexes import AnnexI, Officer, Redress
from beffroi.orders.model import Ground, Order, OrderItem
from beffroi.orders.service import Arrival
from beffroi.parties import register
from beffroi.parties import service as parties
from beffroi.parties.model import Authority
from tests.databases import HouseDb
from tests.unit.parties.invented import AGORA, OFFICE, PHONE

NOOR, IOANA, ADA = (PersonId(f"prs_{name}") for name in ("noor", "ioana", "ada"))
URL = "https://agora.example/p/"
FORM = AnnexI(
    issuing_member_state="AT",
    addressee="Agora",
    contact_point="orders@node.example",
    member_state_of_main_establishment_or_legal_representative="BE",
    issued_at=datetime.fromisoformat("2026-06-01T07:50:00+00:00"),
    reference_number="VOO-2026-0042",
    urls=(f"{URL}1", f"{URL}2"),
    grounds=(Ground.INCITES,),
    additional_reasons="It calls on others to burn the paper lamps.",
    is_cross_border=True,
    copy_sent_to_establishment_authority=True,
    authority_type="other competent authority",
    authority=Officer(name="Valmere Orders Office", representative_name="Z. Quill"),
    redress=Redress(body_or_court="Valmere Court", deadline="six weeks from receipt"),
)


def form(**changes: Any) -> AnnexI:
    return FORM.model_copy(update=changes)


def arrival(received_at: datetime, **changes: Any) -> Arrival:
    return replace(Arrival("orders@office.example", received_at, signed=True, language="nl"), **changes)


def office(house_db: HouseDb, **changes: Any) -> Authority:
    """A body that may order, pinned."""
    entry = house_db.run(lambda tx: register.propose(tx, replace(OFFICE, **changes), IOANA))
    return house_db.run(lambda tx: register.pin(tx, entry.id, ADA, PHONE))


def established(house_db: HouseDb) -> None:
    house_db.run(lambda tx: parties.establish(tx, AGORA))


def post(house_db: HouseDb, number: int) -> Item:
    """Something posted on the platform, known here by its address."""
    given = Submission(f"p-{number}", AccountGiven("u-1", "Mara"), text="a lamp", url=f"{URL}{number}")
    return house_db.run(lambda tx: content.take_in(tx, content_rules.examine(given), ()).item)


def received(house_db: HouseDb, **changes: Any) -> Order:
    """An order that just came; `changes` are of the form or of its arrival."""
    of_arrival = {name: changes.pop(name) for name in list(changes) if name in Arrival.__dataclass_fields__}
    came = arrival(of_arrival.pop("received_at", house_db.clock.now()), **of_arrival)
    return house_db.run(lambda tx: service.receive(tx, form(**changes), came, {}))[0]


def order(house_db: HouseDb, order_id: OrderId) -> Order:
    return house_db.ask(lambda conn: store.ORDERS.load(conn, order_id))


def items(house_db: HouseDb, order_id: OrderId) -> list[OrderItem]:
    return house_db.ask(lambda conn: store.items(conn, order_id))


def later(house_db: HouseDb, **by: float) -> datetime:
    house_db.clock.move(timedelta(**by))
    return house_db.clock.now()
