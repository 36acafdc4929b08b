"""A new connector is one new file."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.doors import platforms
from beffroi.doors.platforms import connectors
from beffroi.doors.platforms.webhook import build


def test_the_connectors_there_are() -> None:
    assert connectors() == {"webhook": build}


@pytest.fixture
def dummy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "pigeon.py").write_text("def build(settings, outbound, clock):\n    return settings\n")
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(tmp_path)])
    yield "pigeon"
    sys.modules.pop(f"{platforms.__name__}.pigeon")


def test_one_new_file_is_found(dummy: str) -> None:
    assert set(connectors()) == {"webhook", dummy}
