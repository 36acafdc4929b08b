"""`beffroi spool`: what waits is listed without a database, and nothing of what it says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from beffroi.cli import app
from beffroi.flow.spool import keys_of
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.storage import Actor, Spool
from beffroi.ground.storage.spool import Spooled
from beffroi.ground.trust.ring import KeyRing


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    ring = KeyRing.open(tmp_path / "keys", SystemClock())
    made = Spool(tmp_path / "spool", keys_of(ring), room_bytes=65536)
    made.put(Spooled("reinstatement", "spl_1", SystemClock().now(), Actor("person", "prs_1"), {"reason": "a secret"}))
    return made


def run(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["spool", "--data", str(folder), *more])


def test_what_waits(spool: Spool, tmp_path: Path) -> None:
    said = run(tmp_path)
    assert said.exit_code == 0
    assert "reinstatement" in said.output
    assert "secret" not in said.output
    line, whole = map(json.loads, run(tmp_path, "--json").output.splitlines())
    assert (line["kind"], line["key"], line["opens"]) == ("reinstatement", "spl_1", True)
    assert (whole["waiting"], whole["set_aside"]) == (1, 0)
    assert spool.waiting == 1
    spool.close()


def test_nothing_waits(tmp_path: Path) -> None:
    KeyRing.open(tmp_path / "keys", SystemClock())
    said = run(tmp_path)
    assert (said.exit_code, said.output.startswith("Nothing waits in")) == (0, True)


def test_what_does_not_open(spool: Spool, tmp_path: Path) -> None:
    spool._own.append(b"not an act")
    spool.close()
    (tmp_path / "spool" / "old.damaged").write_bytes(b"x")
    said = run(tmp_path)
    assert said.exit_code == 1
    assert "does not open: 1" in said.output
    assert run(tmp_path, "--json").exit_code == 1


def test_no_keys(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 1
