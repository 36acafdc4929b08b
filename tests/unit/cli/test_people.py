"""`beffroi erase` and `beffroi hold`, as they are typed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from beffroi.app import open_house
from beffroi.cli import app
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, Submission
from beffroi.flow import screening
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.storage import Actor
from beffroi.settings import Settings

DAY = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_house(Settings(data=tmp_path / "node", argon2="cheap", decoders=1)) as house:
        screening.screen(house, Actor("key"), [Submission("p-1", AccountGiven("u-1", "Somebody"), text="A lamp")])
    return tmp_path / "node"


def typed(folder: Path, *words: str) -> list[dict]:
    done = CliRunner().invoke(app, [*words, "--data", str(folder), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_held_then_asked_then_released_then_erased(folder: Path) -> None:
    (hold,) = typed(folder, "hold", "place", "u-1", "--until", DAY, "--why", "review")
    assert hold["until"].startswith(DAY)
    assert typed(folder, "hold", "list") == [hold]
    (asked,) = typed(folder, "erase", "u-1")
    assert (asked["erased"], asked["waits_until"]) == (False, hold["until"])
    (released,) = typed(folder, "hold", "release", hold["id"])
    assert released["released_at"] is not None
    assert typed(folder, "erase", "u-1") == [{"subject": asked["subject"], "erased": True, "waits_until": None}]
    with open_house(Settings(data=folder, argon2="cheap", decoders=1)) as house, house.read() as conn:
        assert content_store.account_by_platform_id(conn, "u-1") is None


def test_in_words(folder: Path) -> None:
    run = lambda *words: CliRunner().invoke(app, [*words, "--data", str(folder)], catch_exceptions=False).stdout  # noqa: E731
    assert "is held until" in run("hold", "place", "u-1", "--until", DAY, "--why", "claim")
    assert "kept until" in run("erase", "u-1")
    hold = run("hold", "list").partition(":")[0]
    assert "released" in run("hold", "release", hold)
    assert "erased." in run("erase", "u-1")


@pytest.mark.parametrize("until", ["tomorrow", "2026-13-01", "20261201x"])
def test_what_is_no_day_is_refused(folder: Path, until: str) -> None:
    with pytest.raises(Invalid) as refused:
        CliRunner().invoke(
            app, ["hold", "place", "u-1", "--until", until, "--why", "review", "--data", str(folder)],
            catch_exceptions=False,
        )  # fmt: skip
    assert refused.value.where == "until"
