"""A node and a real webhook receiver on loopback."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.doors.platforms import Connector, connectors
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.ground.kernel.clock import SystemClock
from tests.unit.doors.platforms.receiver import Receiver
from tests.unit.flow.node import Node, opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(fresh_secret()) as running:
        yield running


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node") / "beffroi"
    with opened(folder):
        pass
    return folder


@pytest.fixture
def folder(empty_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(empty_folder, tmp_path / "beffroi")


@pytest.fixture
def node(folder: Path, receiver: Receiver) -> Iterator[Node]:
    with opened(folder, **connected(receiver)) as made:
        yield made
        assert made.sound()


@pytest.fixture
def webhook(node: Node, receiver: Receiver) -> Connector:
    """Signs by the real time, which receivers compare, whatever the node's clock says."""
    settings = {"hook_url": receiver.hook_url, "secrets": [receiver.secret]}
    return connectors()["webhook"](settings, node.house.outbound, SystemClock())


def connected(receiver: Receiver) -> dict[str, object]:
    """The settings of a node whose platform is `receiver`."""
    return {"hook_url": receiver.hook_url, "hook_secret": receiver.secret, "outbound_allow": (receiver.pair,)}
