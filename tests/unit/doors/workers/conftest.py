"""A node whose platform is a real loopback receiver that can be told to misbehave."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.decisions.model import Act, Exemption, ItemRevision
from beffroi.decisions.rules import Decide
from beffroi.flow import decide
from beffroi.ground.kernel.ids import DecisionId, PersonId
from beffroi.ground.storage import Actor
from beffroi.staff.model import Role
from tests.crash.receiver import Receiver
from tests.nodes import PHRASE, Running, running

SECRET = "whsec_" + "QUJD" * 11


@pytest.fixture
def platform() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def node(tmp_path: Path, platform: Receiver) -> Iterator[Running]:
    hook = f"http://127.0.0.1:{platform.port}/hook"
    allowed = (f"127.0.0.1:{platform.port}",)
    with running(tmp_path / "node", hook_url=hook, hook_secret=SecretStr(SECRET), outbound_allow=allowed) as started:
        yield started


def decided(node: Running, platform: Receiver, name: str, act: Act = Act.REMOVE) -> DecisionId:
    """Somebody posts a known phrase, a moderator decides."""
    node.screen(name, f"{PHRASE}, says {name}", url=f"http://127.0.0.1:{platform.port}/p/{name}")
    me: PersonId = node.people[Role.MODERATOR]
    actor = Actor("person", me)
    with node.house.read() as conn:
        case = cases_store.queue(conn, limit=1)[0]
    node.house.write("law", actor, lambda tx: cases.claim(tx, case.id, me, timedelta(minutes=5)))
    items = tuple(ItemRevision(i.item, i.revision) for i in case.items)
    sentence = "It praises the lamp and nothing frames it as a joke."
    command = Decide(case.id, act, items, None, node.ground, Exemption.PUBLIC_DEBATE, sentence)
    return decide.decide(node.house, actor, me, command).decision.id


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for what workers do by themselves."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)
