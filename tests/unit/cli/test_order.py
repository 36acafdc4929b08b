"""`beffroi order`, as it is typed."""

import json

import pytest
from typer.testing import CliRunner

from beffroi.cli import app
from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.orders.deadlines import CATALOGUE


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
