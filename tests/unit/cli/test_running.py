"""The node that holds the data is asked, and what it refuses is said as it said it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.cli._running import quoted, running
from beffroi.flow.local_key import LocalKey
from beffroi.ground.kernel.errors import BeffroiError, Unavailable
from beffroi.ground.storage.lock import NodeLock
from beffroi.settings import Settings
from tests.attack.ssrf.traps import Trap, answer, read_request
from tests.unit.doors.platforms.receiver import split


class Listening:
    """What answers where the node says it listens: `says`, to everything."""

    def __init__(self) -> None:
        self.says = answer(b"{}")
        self.asked: list[dict[str, str]] = []

    def __call__(self, connection: socket.socket) -> None:
        self.asked.append(split(read_request(connection))[1])
        connection.sendall(self.says)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Settings, Listening]]:
    """Data that a node holds, and what answers for it."""
    listening = Listening()
    with Trap(listening) as trap:
        lock = NodeLock(tmp_path)
        lock.take(f"http://{trap.pair}")
        LocalKey(tmp_path)
        yield Settings(data=tmp_path), listening
        lock.release()


def test_none_runs(tmp_path: Path) -> None:
    assert running(Settings(data=tmp_path / "nowhere")) is None
    assert running(Settings(data=tmp_path)) is None


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("503 Service Unavailable", Unavailable, "node-failed"),
        ("404 Not Found", BeffroiError, "no-such-authority"),
        ("409 Conflict", BeffroiError, "no-such-authority"),
    ],
)
def test_what_the_node_refuses_is_said(
    held: tuple[Settings, Listening], status: str, kind: type[BeffroiError], code: str
) -> None:
    settings, listening = held
    listening.says = answer(b'{"code": "no-such-authority", "detail": "there is none"}', status=status)
    node = running(settings)
    assert node is not None
    with pytest.raises(kind) as refused:
        node.post("/api/v1/register", b"{}")
    assert refused.value.code == code


def test_what_it_answers_comes_back_and_it_was_shown_the_key(held: tuple[Settings, Listening]) -> None:
    settings, listening = held
    listening.says = answer(b'{"authorities": []}')
    node = running(settings)
    assert node is not None
    assert node.post("/api/v1/register", b"{}") == {"authorities": []}
    [asked] = listening.asked
    assert asked["authorization"] == f"Bearer {(settings.data / 'local.key').read_text()}"
    assert asked["content-type"] == "application/json"


def test_a_name_is_one_part_of_a_path() -> None:
    assert quoted("../a b/é") == "..%2Fa%20b%2F%C3%A9"
