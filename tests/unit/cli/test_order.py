"""`beffroi order`, as it is typed."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from beffroi import app as application
from beffroi.app import open_house
from beffroi.cli import _desk, app
from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.orders.deadlines import CATALOGUE
from beffroi.parties import register
from beffroi.settings import Settings
from beffroi.signals import Decoder
from beffroi.staff import enrol, service
from beffroi.staff.model import Credentials, Role
from tests.nodes import ACTOR
from tests.unit.orders.scene import FORM
from tests.unit.parties.invented import OFFICE, PHONE


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["order", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_clock_of_an_instant():
    rows = [json.loads(line) for line in run("deadlines", "2026-11-28T03:12+01:00", "--json").splitlines()]
    assert [row["rule"] for row in rows] == list(CATALOGUE)
    hour = next(row for row in rows if row["rule"] == "execute")
    assert (hour["start"], hour["due"]) == ("2026-11-28T02:12:00.000000Z", "2026-11-28T03:12:00.000000Z")
    assert (hour["reading"], hour["version"]) == ("earliest", 1)


def test_one_clock_where_somebody_lives():
    asked = ("deadlines", "2026-12-24T11:00+00:00", "--rule", "uk_s3", "--zone", "Europe/London", "--json")
    row = json.loads(run(*asked, "--holiday", "2026-12-25", "--holiday", "2026-12-28"))
    assert row["due"] == "2026-12-31T00:00:00.000000Z"
    assert "execute" in run("deadlines", "2026-12-24T11:00+00:00", "--rule", "execute")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("yesterday",), Invalid),
        (("2026-12-24T11:00",), Invalid),
        (("2026-12-24T11:00Z", "--zone", "../etc"), Invalid),
        (("2026-12-24T11:00Z", "--holiday", "Easter"), Invalid),
        (("2026-12-24T11:00Z", "--rule", "tea"), NotFound),
    ],
)
def test_what_starts_no_clock(words: tuple[str, ...], kind: type[Exception]):
    with pytest.raises(kind):
        run("deadlines", *words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A node's data with an authority and somebody on call; opened once for all commands, which is what takes time."""
    monkeypatch.setattr(application, "Decoder", lambda _count: nullcontext(Decoder()))
    with open_house(Settings(data=tmp_path / "node", argon2="cheap", decoders=1)) as house:
        who = enrol.identity(house.pepper, "noor", "noor@node.example")
        proof = Credentials("x", None)
        house.write("law", ACTOR, lambda tx: service.create_person(tx, who, (Role.MODERATOR,), proof))
        entry = house.write("law", ACTOR, lambda tx: register.propose(tx, OFFICE, PersonId("prs_1")))
        house.write("law", ACTOR, lambda tx: register.pin(tx, entry.id, PersonId("prs_2"), PHONE))
        monkeypatch.setattr(_desk, "desk", lambda _folder: nullcontext(_desk._Direct(house)))
        came = {"sender": "orders@office.example", "received_at": house.clock.now().isoformat(), "language": "en"}
        form = FORM.model_dump(mode="json")
        (tmp_path / "order.json").write_text(json.dumps({"order": form, "signed": True} | came))
        (tmp_path / "unsigned.json").write_text(json.dumps({"order": form | {"reference_number": "2"}} | came))
        yield tmp_path / "node"


def told(folder: Path, *words: str) -> dict:
    return json.loads(run(*words, "--data", str(folder), "--json"))


AS = ("--as", "noor@node.example")


def test_received_shown_asked_clarified_done_by_hand_and_withdrawn(folder: Path):
    order = told(folder, "receive", str(folder.parent / "order.json"))
    assert (order["state"], order["authority"]) == ("accepted", OFFICE.name)
    same = run("receive", str(folder.parent / "order.json"), "--data", str(folder))
    assert order["id"] in same
    [listed] = [json.loads(line) for line in run("list", "--data", str(folder), "--json").splitlines()]
    assert listed["id"] == order["id"]
    assert "Orders" in run("list", "--data", str(folder))
    with pytest.raises(Conflict) as refused:
        told(folder, "execute", order["id"], *AS)
    assert refused.value.code == "not-offered", "without a node no platform is connected"
    assert told(folder, "clarify", order["id"], "--obstacle", "manifest_errors", *AS)["annex_iii"] is not None
    assert told(folder, "answered", order["id"], "III")["handling"] == "awaiting_clarification"
    assert told(folder, "told", order["id"], "clarified")["handling"] == "open"
    done = told(folder, "found", order["id"], "--item", "1", "--item", "2", "--state", "removed", *AS)
    assert (done["state"], done["annex_ii"][0]["measure"]) == ("executed", "removed")
    assert told(folder, "show", order["id"])["id"] == order["id"]
    assert "Clocks" in run("show", order["id"], "--data", str(folder))
    assert told(folder, "withdraw", order["id"])["state"] == "withdrawn"


def test_called_back_impossible_forged(folder: Path):
    order = told(folder, "receive", str(folder.parent / "unsigned.json"))
    assert order["authentication"] == "provisional"
    assert told(folder, "impossible", order["id"], *AS)["state"] == "impossible"
    assert told(folder, "told", order["id"], "grounds_ceased", "--at", order["received_at"])["handling"] == "open"
    assert told(folder, "call-back", order["id"], *AS)["state"] == "forged"


def test_without_competence_or_never_clarified(folder: Path):
    order = told(folder, "receive", str(folder.parent / "unsigned.json"))
    assert told(folder, "reroute", order["id"], *AS)["state"] == "rerouted"
    vague = told(folder, "receive", str(folder.parent / "order.json"))
    told(folder, "clarify", vague["id"], "--obstacle", "insufficient_information", *AS)
    assert told(folder, "lapse", vague["id"], *AS)["state"] == "lapsed_unclarified"


def test_a_file_that_holds_no_order(folder: Path):
    (folder.parent / "bad.json").write_text("[]")
    with pytest.raises(Invalid):
        told(folder, "receive", str(folder.parent / "bad.json"))
