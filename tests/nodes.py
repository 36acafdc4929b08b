"""A real node for tests: its house, its application, a key, people, a bank, on SQLite or PostgreSQL.

Owns: how tests start one.
Promises: everything is real but the network to a platform, which a test brings itself.
Never does: share state between tests unless they ask for the same fixture.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from beffroi import app
from beffroi.app import Node, application, open_node
from beffroi.decisions import policies
from beffroi.decisions.model import Clause, Ground, GroundKind
from beffroi.flow.house import House
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.matching import service as matching
from beffroi.matching.model import BankTerms, EntryGiven
from beffroi.parties import charter
from beffroi.parties import service as parties
from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Service, Size
from beffroi.settings import Settings
from beffroi.signals import Decoder
from beffroi.staff import keys
from beffroi.staff import service as staff
from beffroi.staff.model import Credentials, Identity, Role
from beffroi.staff.permissions import PLATFORM_SCOPES
from beffroi.staff.proof import tokens

PASSWORD = "a lamp for the harbour at night"
PHRASE = "the paper lamp sings at noon"
ACTOR = Actor("command-line", "test")
_CLAUSES = (
    Clause("4.2", {"en": "Calls to violence"}, {"en": "You may not call on others."}, "terrorist_content", 4),
    Clause("4.3", {"en": "Support"}, {"en": "You may not collect."}, "terrorist_content", 4, four_eyes=True),
)


@contextmanager
def without_decoders() -> Iterator[None]:
    """Nodes opened meanwhile have a decoder that is never started: they read texts only, and starting one takes
    longer than most tests.
    """
    with patch.object(app, "Decoder", lambda _count: nullcontext(Decoder())):
        yield


@dataclass(frozen=True)
class Running:
    """A node that runs, and what tests need of it."""

    node: Node
    client: TestClient
    key: str
    people: dict[Role, PersonId]
    ground: Ground

    @property
    def house(self) -> House:
        """Its house."""
        return self.node.house

    @property
    def bearer(self) -> dict[str, str]:
        """The platform's credentials."""
        return {"Authorization": f"Bearer {self.key}"}

    def screen(self, platform_id: str, text: str, **more: Any) -> Any:
        """Ask for a verdict over the API; the JSON of the answer."""
        item = {"platform_id": platform_id, "account": {"platform_id": "u-1", "name": "Mara"}, "text": text} | more
        answer = self.client.post("/api/v1/screen", json={"item": item, "deadline_ms": 20_000}, headers=self.bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def running(folder: Path, database: str = "", **settings: Any) -> Iterator[Running]:
    """A node in `folder` with one person of each role, a bank with one phrase, terms, and no undo hold."""
    chosen = Settings(data=folder, database=database, argon2="cheap", decoders=1, **settings)
    with open_node(chosen) as node:
        people = node.house.write("law", ACTOR, lambda tx: _people(tx, node.house))
        ground = node.house.write("law", ACTOR, lambda tx: _rules(tx, people[Role.POLICY_LEAD]))
        administrator = people[Role.ADMINISTRATOR]
        key = node.house.write(
            "law", ACTOR, lambda tx: keys.issue(tx, "tests", PLATFORM_SCOPES, administrator, days=1).written
        )
        node.house.index.invalidate()
        with TestClient(application(node), base_url=chosen.public_url, follow_redirects=False) as client:
            yield Running(node, client, key, people, ground)


def _people(tx: Tx, house: House) -> dict[Role, PersonId]:
    """One person of each role; their address is `<role>@node.example`, their password `PASSWORD`."""
    hashed = house.hasher.hash(PASSWORD)
    made = {}
    for role in Role:
        email = f"{role.value}@node.example"
        identity = Identity(role.value.title(), email, tokens.lookup_of(house.pepper, email))
        demo = house.settings.demo
        made[role] = staff.create_person(tx, identity, (role,), Credentials(hashed, None), demo=demo).id
    return made


def _rules(tx: Tx, lead: PersonId) -> Ground:
    contact = ContactPoint("orders@node.example")
    particulars = Particulars(
        "Node", NodeKind.PLATFORM, "XA", ("en",), contact, size=Size.MEDIUM, service=Service.ONLINE_PLATFORM
    )
    parties.establish(tx, particulars)
    charter.set(tx, "undo_hold_s", 0, lead, "tests do not wait")
    bank = matching.create_bank(tx, BankTerms("Lamps", "for tests", hourly_cap=10_000), lead)
    matching.add_entry(tx, bank.id, EntryGiven("phrase", PHRASE), lead)
    matching.promote(tx, bank.id, lead)
    policy = policies.publish(tx, None, "Terms", _CLAUSES, lead)
    return Ground(GroundKind.TERMS, policy.id, policy.number, "4.2")
