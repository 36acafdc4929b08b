"""A real Synapse with the module, a real node beside it, three people, and somebody who only looks.

Owns: how tests of the Matrix part start them, and everyday commands in one word each.
Promises: everything is real; nothing but loopback is reached; whatever was started is stopped.
Never does: decide how long something may take, beyond giving up.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx2 as httpx

from beffroi.app import Node, application, open_house, open_node
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case
from beffroi.cli._server import server_of
from beffroi.content import store as content_store
from beffroi.content.model import Item
from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act, Decision, Exemption, Ground, ItemRevision
from beffroi.decisions.rules import Decide, ProposeRule
from beffroi.flow import decide
from beffroi.flow.house import House
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.matching import service as matching
from beffroi.matching.model import BankTerms, EntryGiven
from beffroi.settings import Settings
from beffroi.signals import Posted, extract
from beffroi.staff import keys
from beffroi.staff.model import Role
from beffroi.staff.permissions import PLATFORM_SCOPES
from examples.matrix.client import Client
from examples.matrix.homeserver import Homeserver
from tests.nodes import ACTOR, PHRASE, _people, _rules

T = TypeVar("T")
WATCHED = "the kettle waits behind the pier"
"""In a bank that acts without a rule: it is published, and a person decides."""
PATIENCE_S = 120
SENTENCE = "Nearest is journalism; nothing in it reports, it only praises."


@dataclass
class World:
    """What runs, and who is there."""

    house: House
    homeserver: Homeserver
    people: dict[Role, PersonId]
    ground: Ground
    key: str
    keeper: Client
    alice: Client
    bert: Client
    cara: Client
    visitor: Client
    bystanders: list[Client] = field(default_factory=list)

    # the node

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        with self.house.read() as conn:
            return question(conn, *arguments, **named)

    def item(self, event: str) -> Item | None:
        return self.ask(content_store.item_by_platform_id, event)

    def case_of(self, event: str) -> Case:
        item = until(lambda: self.item(event))
        return until(lambda: self.ask(cases_store.open_of_item, item.id))

    def cases(self) -> list[Case]:
        return self.ask(cases_store.queue, limit=50)

    def decide(self, case: Case, act: Act = Act.REMOVE, **changes: Any) -> Decision:
        moderator = self.people[Role.MODERATOR]
        who = Actor("person", moderator)
        self.house.write("law", who, lambda tx: cases.claim(tx, case.id, moderator, timedelta(minutes=15)))
        items = {i.item: ItemRevision(i.item, i.revision) for i in case.items}
        restricts = act is not Act.NO_ACTION
        wanted: dict[str, Any] = {
            "case": case.id,
            "act": act,
            "items": () if case.account else tuple(items.values()),
            "account": case.account,
            "ground": self.ground if restricts else None,
            "exemption": Exemption.JOURNALISM if restricts else None,
            "exemption_sentence": SENTENCE if restricts else "",
        }
        made = decide.decide(self.house, who, moderator, Decide(**wanted | changes)).decision
        if made.state == "proposed":
            senior = self.people[Role.SENIOR_MODERATOR]
            made = decide.second(self.house, Actor("person", senior), senior, made.id, agrees=True)
        return made

    def reverse(self, decision: Decision) -> bool:
        senior = self.people[Role.SENIOR_MODERATOR]
        return decide.reverse(self.house, Actor("person", senior), senior, decision.id, "It was a song.")

    # the homeserver

    def open_room(self) -> str:
        room = self.alice.room("Square")
        for each in (self.bert, self.cara):
            each.join(room)
        return room

    def screened(self) -> list[str]:
        """The paths the module called, in order, by Synapse's own log."""
        mark = "Received response to "
        return [line.split(mark)[1] for line in self.homeserver.log.splitlines() if mark in line]


def until(look: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """What `look` returns once it is something; effects, sweeps and the module's own beat take their time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {patience_s} s in vain")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Prepared:
    """A node's folder with people, rules, banks and a key."""

    folder: Path
    people: dict[Role, PersonId]
    ground: Ground
    key: str


def prepare(folder: Path, known: bytes, watched: Sequence[bytes]) -> Prepared:
    """Known picture and phrase: refused as exact copies, held as near ones; watched ones open cases."""
    with open_house(Settings(data=folder, argon2="cheap", decoders=1)) as house:
        people = house.write("law", ACTOR, lambda tx: _people(tx, house))
        lead = people[Role.POLICY_LEAD]
        ground = house.write("law", ACTOR, lambda tx: _rules(tx, lead))
        pictures = _signals(house, [known]), _signals(house, watched)
        house.write("law", ACTOR, lambda tx: _banks(tx, people, ground, *pictures))
        administrator = people[Role.ADMINISTRATOR]
        key = house.write(
            "law", ACTOR, lambda tx: keys.issue(tx, "module", PLATFORM_SCOPES, administrator, days=1).written
        )
    return Prepared(folder, people, ground, key)


def _signals(house: House, pictures: Sequence[bytes]) -> list[EntryGiven]:
    read = extract(house.decoder, [Posted(None, (picture,)) for picture in pictures])
    return [EntryGiven(s.type, s.value) for each in read for s in each.signals if s.type in {"pdq", "sha256"}]


def _banks(
    tx: Tx, people: dict[Role, PersonId], ground: Ground, known: list[EntryGiven], watched: list[EntryGiven]
) -> None:
    lead, senior = people[Role.POLICY_LEAD], people[Role.SENIOR_MODERATOR]
    for name, entries, acts in (
        ("Known", [EntryGiven("phrase", PHRASE), *known], ((Act.REJECT_UPLOAD, 0), (Act.HOLD, 31))),
        ("Watched", [EntryGiven("phrase", WATCHED), *watched], ()),
    ):
        bank = matching.create_bank(tx, BankTerms(name, "for tests", radius_bits=31, hourly_cap=10_000), lead)
        for given in entries:
            matching.confirm_here(tx, matching.add_entry(tx, bank.id, given, lead).id, lead)
        matching.promote(tx, bank.id, lead)
        for act, radius in acts:
            wanted = ProposeRule(
                f"{name} {act.value}", bank.id, act, radius, ground, tx.now, tx.now + timedelta(days=90), 1000
            )
            decisions.approve_rule(tx, decisions.propose_rule(tx, wanted, lead).id, senior)


@contextmanager
def world(folder: Path, known: bytes, watched: Sequence[bytes], **module: Any) -> Iterator[World]:
    """Everything, started; the node runs in this process, behind its own port."""
    prepared, port = prepare(folder / "node", known, watched), free_port()
    asked = {"node_url": f"http://127.0.0.1:{port}", "api_key": prepared.key, "deadline_ms": 20_000}
    with ExitStack() as closing:
        homeserver = closing.enter_context(Homeserver(folder / "synapse", free_port(), asked | module))
        keeper = homeserver.account("keeper", admin=True)
        until(lambda: is_up_to_date(keeper))
        settings = Settings(data=prepared.folder, port=port, argon2="cheap", decoders=1, **reach(homeserver, keeper))
        node = closing.enter_context(open_node(settings))
        closing.enter_context(_listening(node, settings))
        people = {name: homeserver.account(name) for name in ("alice", "bert", "cara")}
        yield World(
            house=node.house,
            homeserver=homeserver,
            people=prepared.people,
            ground=prepared.ground,
            key=prepared.key,
            keeper=keeper,
            visitor=homeserver.guest(),
            **people,
        )


def is_up_to_date(keeper: Client) -> bool:
    """Whether a new Synapse's database is up to date: until then it quarantines no file by its bytes."""
    status = keeper.http.get("/_synapse/admin/v1/background_updates/status").json()
    return not status["current_updates"]


def reach(homeserver: Homeserver, keeper: Client) -> dict[str, Any]:
    """The settings by which a node reaches a homeserver."""
    return {
        "platform": "matrix",
        "matrix_url": homeserver.url,
        "matrix_token": keeper.token,
        "outbound_allow": (f"127.0.0.1:{homeserver.port}",),
    }


@contextmanager
def _listening(node: Node, settings: Settings) -> Iterator[None]:
    server = server_of(application(node), settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(settings.port)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def serving(prepared: Prepared, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A node process of its own, which can be killed."""
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(prepared.folder), "--port", str(port)]
    process = subprocess.Popen(
        command, env=os.environ | {"BEFFROI_DECODERS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_for(port: int) -> None:
    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    until(answers)
