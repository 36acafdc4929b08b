"""`beffroi threat`: facts, beside a node that rests; `test_reach` asks one that works."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from beffroi.app import open_house
from beffroi.cli import app
from beffroi.flow import sample
from beffroi.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("threats")
    with open_house(Settings(data=made, demo=True, argon2="cheap", decoders=1)) as house:
        sample.fill(house)
    return made


def run(folder: Path, *words: str):
    return CliRunner().invoke(app, ["threat", *words, "--data", str(folder)])


def test_list_and_show(folder: Path) -> None:
    [row] = map(json.loads, run(folder, "list", "--json").output.splitlines())
    assert (row["state"], row["level"]) == ("confirmed", "high_specific")
    assert row["ref"] in run(folder, "list").output
    shown = json.loads(run(folder, "show", row["ref"], "--json").output)
    assert shown == json.loads(run(folder, "show", row["id"], "--json").output) == row
    assert len(shown["dispatches"]) == 2
    said = run(folder, "show", row["ref"]).output
    assert "by_hand" in said
    assert "lamp hall" not in said
    assert run(folder, "show", "W-none").exit_code == 1
