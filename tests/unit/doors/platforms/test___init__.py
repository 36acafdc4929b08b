"""A new connector is one new file."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.doors import platforms
from beffroi.doors.platforms import Capability, connectors, named
from beffroi.doors.platforms.matrix import build as build_matrix
from beffroi.doors.platforms.webhook import build as build_webhook
from tests.unit.flow.node import Platform


def test_the_connectors_there_are() -> None:
    assert connectors() == {"matrix": build_matrix, "webhook": build_webhook}


@pytest.fixture
def dummy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "pigeon.py").write_text("def build(settings, outbound, clock):\n    return settings\n")
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(tmp_path)])
    yield "pigeon"
    sys.modules.pop(f"{platforms.__name__}.pigeon")


def test_one_new_file_is_found(dummy: str) -> None:
    assert set(connectors()) == {"matrix", "webhook", dummy}


def test_a_platform_names_what_stands_at_an_address_only_where_it_can() -> None:
    platform = Platform()
    assert named(None, "https://agora.example/p/p-1") is None
    assert named(platform, "https://agora.example/p/p-1") is None
    platform.places["https://agora.example/p/p-1"] = "p-1"
    assert named(platform, "https://agora.example/p/p-1") == "p-1"
    platform.capabilities = frozenset(Capability) - {Capability.LOCATE_BY_URL}
    assert named(platform, "https://agora.example/p/p-1") is None
