"""Orders at a whole node: an authority that may, and orders as they come in."""

from dataclasses import replace
from typing import Any

from beffroi.actions.model import Restriction
from beffroi.content import store as content_store
from beffroi.flow import order as flow
from beffroi.ground.kernel.ids import ItemId, OrderId, PersonId
from beffroi.ground.storage import Actor
from beffroi.notices import store as notices_store
from beffroi.notices.model import Statement, StatementKind
from beffroi.orders.annexes import AnnexI
from beffroi.orders.model import ItemState, Measure
from beffroi.orders.service import Arrival
from beffroi.orders.views import OrderRead
from beffroi.parties import register
from beffroi.parties import service as parties
from tests.unit.flow.node import IOANA, NOOR, PLATFORM, TOMAS, Node
from tests.unit.orders.scene import FORM
from tests.unit.parties.invented import AGORA, OFFICE, PHONE

URL = "https://agora.example/p/p-"


class Ordered:
    """A node with its organisation and one authority in its register."""

    def __init__(self, node: Node) -> None:
        self.node, self.house = node, node.house
        node.write(parties.establish, AGORA)
        self.office = self.pinned()

    def pinned(self, **changes: Any) -> str:
        entry = self.node.write(register.propose, replace(OFFICE, **changes), IOANA)
        return self.node.write(register.pin, entry.id, TOMAS, PHONE).id

    def form(self, *numbers: int, **changes: Any) -> AnnexI:
        urls = tuple(f"{URL}{number}" for number in numbers)
        return FORM.model_copy(update={"urls": urls} | changes)

    def receive(self, *numbers: int, signed: bool = True, **changes: Any) -> OrderId:
        came = Arrival("orders@office.example", self.house.clock.now(), signed=signed, language="nl")
        order, _ = flow.receive(self.house, PLATFORM, self.form(*numbers, **changes), came, lambda _url: None)
        return order

    def execute(self, order: OrderId, *numbers: int, measure: Measure = Measure.DISABLED, by: PersonId = NOOR) -> int:
        return flow.execute(self.house, Actor("person", by), by, order, measure, numbers)

    def told(self, order: OrderId, fact: flow.Fact) -> None:
        flow.told(self.house, PLATFORM, order, fact)

    def read(self, order: OrderId) -> OrderRead:
        return flow.read(self.house, order)

    def states(self, order: OrderId) -> list[ItemState]:
        return [line.item.state for line in self.read(order).lines]

    def item(self, number: int) -> ItemId:
        found = self.node.ask(content_store.item_by_platform_id, f"p-{number}")
        assert found is not None
        return found.id

    def restrictions(self, number: int) -> list[Restriction]:
        return self.node.restrictions(self.item(number))

    def statements(self, order: OrderId) -> list[Statement]:
        decisions = {line.item.decision for line in self.read(order).lines if line.item.decision}
        found = [one for decision in decisions for one in self.node.ask(notices_store.of_decision, decision)]
        return sorted(found, key=lambda one: one.id)

    def told_kinds(self, order: OrderId) -> list[StatementKind]:
        """The kinds of statements; those of one instant have no order among them."""
        return sorted((one.kind for one in self.statements(order)), key=lambda kind: kind == StatementKind.PUT_BACK)
