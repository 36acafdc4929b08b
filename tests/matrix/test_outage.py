"""The node is killed, and the room goes on as the charter says: open, and told later; or closed, with a sentence."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from beffroi.app import open_house
from beffroi.content import store as content_store
from beffroi.parties import charter
from beffroi.settings import Settings
from beffroi.staff.model import Role
from examples.matrix.client import Client
from examples.matrix.homeserver import Homeserver
from tests.matrix.conftest import drawing, png
from tests.matrix.world import ACTOR, PHRASE, Prepared, free_port, prepare, serving, until

pytestmark = pytest.mark.timeout(600)


@dataclass
class Street:
    """A homeserver with one room, and a node that is started and killed."""

    prepared: Prepared
    port: int
    homeserver: Homeserver
    alice: Client
    room: str
    visitor: Client

    def set_charter(self, **fail: str) -> None:
        """Only while no node is at work."""
        lead = self.prepared.people[Role.POLICY_LEAD]
        with open_house(Settings(data=self.prepared.folder, decoders=1)) as house:
            with house.read() as conn:
                new = {kind: fail[kind] for kind in fail if charter.get(conn, f"fail.{kind}") != fail[kind]}
            for kind, value in new.items():
                house.write("law", ACTOR, lambda tx, k=kind, v=value: charter.set(tx, f"fail.{k}", v, lead, "a test"))

    def knows(self, event: str) -> bool:
        with open_house(Settings(data=self.prepared.folder, decoders=1)) as house, house.read() as conn:
            return content_store.item_by_platform_id(conn, event) is not None

    def has_read_charter(self) -> None:
        """Waits until the module has asked once more."""
        before = self.homeserver.log.count("/api/v1/charter: 200")
        until(lambda: self.homeserver.log.count("/api/v1/charter: 200") > before)

    def sees(self, event: str) -> bool:
        return self.visitor.event(self.room, event).status_code == 200


@pytest.fixture(scope="module")
def street(synapse: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder: Path = tmp_path_factory.mktemp("outage")
    prepared, port = prepare(folder / "node", png(drawing(1)), [png(drawing(2))]), free_port()
    asked = {"node_url": f"http://127.0.0.1:{port}", "api_key": prepared.key, "deadline_ms": 5000}
    with ExitStack() as closing:
        homeserver = closing.enter_context(
            Homeserver(folder / "synapse", free_port(), asked | {"charter_every_s": 0.5})
        )
        alice = homeserver.account("alice")
        yield Street(prepared, port, homeserver, alice, alice.room("Street"), homeserver.guest())


def event_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["event_id"])


def test_open_it_goes_on_and_the_node_is_told_once_it_is_back(street: Street) -> None:
    street.set_charter(text="open", media="open")
    mxc = street.alice.uploaded(png(drawing(5)))
    with serving(street.prepared, street.port) as node:
        street.has_read_charter()
        assert street.alice.say(street.room, PHRASE).status_code == 403
        node.kill()
        node.wait()
        said = event_of(street.alice.say(street.room, "soup is ready"))
        shown = event_of(street.alice.show(street.room, mxc))
        assert street.sees(said)
        assert street.sees(shown)
    assert not street.knows(said)
    with serving(street.prepared, street.port):
        until(lambda: street.homeserver.log.count("/api/v1/backfill/synapse: 200") >= 2)
    assert street.knows(said)
    assert street.knows(shown)


def test_closed_it_waits_and_the_sender_reads_why(street: Street) -> None:
    street.set_charter(text="closed", media="open")
    mxc = street.alice.uploaded(png(drawing(6)))
    with serving(street.prepared, street.port) as node:
        street.has_read_charter()
        assert street.alice.say(street.room, "soup is ready").status_code == 200
        node.kill()
        node.wait()
        told = street.alice.say(street.room, "soup is cold")
        assert told.status_code == 403
        assert told.json()["org.beffroi.verdict"] == "unanswered"
        assert "cannot be checked" in told.json()["error"]
        assert "statement" not in told.json()["error"]
    with serving(street.prepared, street.port):
        until(lambda: street.alice.say(street.room, "soup is warm").status_code == 200)
    street.set_charter(text="open", media="closed")
    with serving(street.prepared, street.port) as node:
        street.has_read_charter()
        node.kill()
        node.wait()
        content = {"msgtype": "m.image", "body": "", "url": mxc}
        assert street.alice.send(street.room, content).status_code == 403
        assert street.alice.say(street.room, "soup").status_code == 200


def test_a_node_that_says_nothing_is_not_waited_for(street: Street) -> None:
    """What listens and never answers is like what is not there: after the deadline the charter decides."""
    street.set_charter(text="open", media="open")
    with serving(street.prepared, street.port):
        street.has_read_charter()
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", street.port))
        silent.listen(16)
        event = event_of(street.alice.say(street.room, "is anybody there"))
        assert f"no verdict on {event}: " in street.homeserver.log
        assert street.sees(event)
