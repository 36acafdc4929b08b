"""An order under any sequence of commands, in a real database: what is refused leaves no trace, the row is the sum of
its events, and each command does what `tests.unit.orders.machine` says that the law makes of it.

That every pair of a reachable state and a command does so is shown by `tests/unit/orders/test_rules.py`; this one goes
through the services, the locks and the store.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.ids import DecisionId
from beffroi.ground.storage import metadata
from beffroi.orders import service, store
from beffroi.orders.model import Annex, Appeal, ItemState, Obstacle, Scrutiny, Validity
from tests.databases import HouseDb
from tests.unit.orders.machine import COMMANDS, State, after
from tests.unit.orders.scene import NOOR, URL, items, office, order, post, received
from tests.unit.orders.test_rules import seen
from tests.unit.parties.invented import PHONE

ENDINGS = {"withdraw": Validity.WITHDRAWN, "suspend": Validity.SUSPENDED, "annul": Validity.ANNULLED_BY_COURT}
HEARD = {
    "ask_scrutiny": Scrutiny.ASKED, "intend": Scrutiny.INTENDED, "no_infringement": Scrutiny.NO_INFRINGEMENT,
    "infringement": Scrutiny.INFRINGEMENT,
}  # fmt: skip


class OneOrder(RuleBasedStateMachine):
    """An order of one item, secret, from a body that is in the register but did not sign."""

    @initialize()
    def it_arrives(self):
        self.folder = TemporaryDirectory()
        self.house = HouseDb(f"sqlite:///{self.folder.name}/x.db", Path(self.folder.name))
        metadata.create_all(self.house.database.writer)
        self.office = office(self.house)
        post(self.house, 1)
        now = self.house.clock.now()
        came = received(self.house, urls=(f"{URL}1",), signed=False, non_disclosure=True, non_disclosure_decided_at=now)
        self.id, self.expected = came.id, State()

    @rule(command=st.sampled_from(COMMANDS))
    def do(self, command):
        expected, before, events = after(self.expected, command), self.rows(), len(self.house.recorded)
        try:
            self.house.run(lambda tx: self.carry_out(tx, command))
        except Refusal:
            assert expected is None, (self.expected, command)
        if expected is None:
            assert self.rows() == before
            assert len(self.house.recorded) == events
        else:
            self.expected = expected

    def carry_out(self, tx, command):
        [item] = store.items(tx.conn, self.id)
        if command == "execute":
            for one in service.to_carry_out(tx, self.id, (1,), 1):
                service.carry_out(tx, one, DecisionId("dec_1"), NOOR)
        elif command in {"done", "failed"} and item.decision is not None:
            if command == "done":
                service.item_done(tx, item.decision, item.item, ItemState.DISABLED, tx.now)
            else:
                service.item_failed(tx, item.decision, item.item)
        elif command in ENDINGS or command in HEARD:
            self.hear(tx, command, item)
        elif command in _PLAIN:
            _PLAIN[command](tx, self.id)
        elif command == "authenticate":
            service.authenticate(tx, self.id, self.office.id, NOOR, PHONE)

    def hear(self, tx, command, item):
        if command in ENDINGS:
            told = service.end(tx, self.id, ENDINGS[command])
        else:
            told = service.note_scrutiny(tx, self.id, HEARD[command])
        if not told.binds and item.decision is not None:
            service.item_reinstated(tx, item.decision, item.item)

    def rows(self):
        return order(self.house, self.id), items(self.house, self.id)

    @invariant()
    def as_the_law_says(self):
        if hasattr(self, "id"):
            one, [item] = self.rows()
            assert seen(one, item) == self.expected
            assert self.house.ask(store.ORDERS.disagreements) == []
            assert self.house.ask(store.ITEMS.disagreements) == []

    def teardown(self):
        if hasattr(self, "house"):
            self.house.close()
            self.folder.cleanup()


_PLAIN = {
    "forged": lambda tx, order_id: service.found_forged(tx, order_id, NOOR),
    "reroute": lambda tx, order_id: service.reroute(tx, order_id, NOOR),
    "find": lambda tx, order_id: service.found(tx, order_id, (1,), ItemState.NOT_FOUND, NOOR),
    "clarify": lambda tx, order_id: service.ask_clarification(tx, order_id, NOOR, (Obstacle.MANIFEST_ERRORS,)),
    "clarified": lambda tx, order_id: service.clarified(tx, order_id, tx.now),
    "lapse": lambda tx, order_id: service.lapse(tx, order_id, NOOR),
    "impossible": lambda tx, order_id: service.impossible(tx, order_id, NOOR),
    "ceased": lambda tx, order_id: service.ceased(tx, order_id, tx.now),
    "answer_ii": lambda tx, order_id: service.answered(tx, order_id, Annex.II),
    "answer_iii": lambda tx, order_id: service.answered(tx, order_id, Annex.III),
    "finalise": service.finalise,
    "file_appeal": lambda tx, order_id: service.note_appeal(tx, order_id, Appeal.FILED),
    "end_appeal": lambda tx, order_id: service.note_appeal(tx, order_id, Appeal.ENDED),
    "extend_secrecy": service.extend_secrecy,
    "lift_secrecy": service.lift_secrecy,
}

TestOneOrder = OneOrder.TestCase
_LONG = os.environ.get("BEFFROI_SOAK") == "1"
TestOneOrder.settings = settings(
    max_examples=1000 if _LONG else 8, stateful_step_count=50 if _LONG else 25, deadline=None, derandomize=not _LONG
)
