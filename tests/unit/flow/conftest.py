"""Nodes for tests of the flow: on SQLite from a copy of an empty one, and on both databases where it says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.doors.workers import outward
from beffroi.signals import Decoder
from tests.unit.flow.node import Node, opened


@pytest.fixture(autouse=True)
def _no_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platforms of these tests keep no copies, so nothing is gained by looking again later."""
    monkeypatch.setattr(outward, "SIGHT_PAUSES_S", (0.0, 0.0, 0.0))


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder with its tables and keys; copying it is faster than making it."""
    folder = tmp_path_factory.mktemp("node") / "beffroi"
    with opened(folder):
        pass
    return folder


@pytest.fixture
def folder(empty_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(empty_folder, tmp_path / "beffroi")


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    with opened(folder) as made:
        yield made
        assert made.sound()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    """On each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("node")
        return
    with opened(tmp_path / "pg", database=request.getfixturevalue("postgres_url")) as made:
        yield made
        assert made.sound()


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    """A confined child, for tests with pictures."""
    with Decoder(1) as running:
        yield running
