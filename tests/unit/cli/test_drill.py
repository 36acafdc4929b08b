"""The drill is a real one: commands, processes, folders; what it measures is looked at by nobody here."""

from pathlib import Path

import pytest

from beffroi.app import open_house
from beffroi.cli import drill
from beffroi.ground.kernel.errors import InvariantViolated


def test_what_was_acknowledged_before_the_backup_comes_back(tmp_path: Path) -> None:
    done = drill.drill(tmp_path, 600)
    assert done.events >= 600
    assert done.written_meanwhile > 0
    assert 0 <= done.lost_items <= done.written_meanwhile
    assert done.recovered_items > 256
    assert done.database_bytes > 100_000
    told = dict(drill._told(done))
    assert told["events"] == str(done.events)
    assert (tmp_path / "host/vault.db").exists()


def test_what_did_not_come_back_is_said(tmp_path: Path) -> None:
    with open_house(drill._settings(tmp_path)) as house:
        drill._post(house, "here", 2)
        drill._require(house, ["here-0", "here-1"])
        with pytest.raises(InvariantViolated) as said:
            drill._require(house, ["here-0", "nowhere"])
    assert said.value.message.startswith("1 of 2")


def test_a_command_that_fails_ends_the_drill(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolated) as said:
        drill._timed("backup", str(tmp_path / "out"), "--data", str(tmp_path / "nowhere"))
    assert "no database" in said.value.message
