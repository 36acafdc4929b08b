"""`beffroi register`, as it is typed."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from beffroi import app as application
from beffroi.app import open_house
from beffroi.cli import app
from beffroi.ground.kernel.errors import Invalid, NotAllowed
from beffroi.settings import Settings
from beffroi.signals import Decoder
from beffroi.staff import enrol, service
from beffroi.staff.model import Credentials, Role
from tests.nodes import ACTOR
from tests.unit.doors.api.test_register import ENTRY


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(application, "Decoder", lambda _count: nullcontext(Decoder()))
    with open_house(Settings(data=tmp_path / "node", argon2="cheap", decoders=1)) as house:
        for name, role in (("ioana", Role.POLICY_LEAD), ("ada", Role.ADMINISTRATOR)):
            who = enrol.identity(house.pepper, name, f"{name}@node.example")
            house.write(
                "law", ACTOR, lambda tx, w=who, r=role: service.create_person(tx, w, (r,), Credentials("x", None))
            )
    (tmp_path / "office.json").write_text(json.dumps(ENTRY))
    return tmp_path / "node"


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["register", *words, "--data", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_added_verified_listed_ended(folder: Path) -> None:
    file = str(folder.parent / "office.json")
    entry = json.loads(run(folder, "add", file, "--as", "ioana@node.example", "--json"))
    assert entry["state"] == "proposed"
    called = ("verify", entry["id"], "--called", "+00 1 555 0199", "--as")
    with pytest.raises(NotAllowed):
        run(folder, *called, "ioana@node.example")
    assert ", pinned, until " in run(folder, *called, "ada@node.example")
    [listed] = map(json.loads, run(folder, "list", "--json").splitlines())
    assert (listed["id"], listed["state"]) == (entry["id"], "pinned")
    assert "Valmere" in run(folder, "list")
    assert "ended" in run(folder, "end", entry["id"], "--why", "closed", "--as", "ada@node.example")


@pytest.mark.parametrize("content", ["[]", '{"name": "x"}', '{"name": "x", "name": "y"}'])
def test_what_is_no_entry(folder: Path, content: str) -> None:
    (folder.parent / "bad.json").write_text(content)
    with pytest.raises(Invalid):
        run(folder, "add", str(folder.parent / "bad.json"), "--as", "ioana@node.example")
