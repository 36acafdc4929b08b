"""Two years pass, month by month, on each database: what must be gone is gone, what must stay stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, leftovers, upkeep
from beffroi.flow.fsck import Counts
from beffroi.flow.records import KEEPINGS
from beffroi.settings import Settings
from tests.conftest import SOAK
from tests.contract.months import Story, day
from tests.unit.flow.node import Node, opened
from tests.unit.flow.worked import Blind

MONTHS, MONTH_DAYS = 24, 30
SLACK_DAYS = 5
"""A row is asked about again a day later at most, and some rows go only after others: the account comes last."""


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with opened(tmp_path / "node", Blind(), database=url) as made:
        yield made


def rows(node: Node) -> dict[str, int]:
    """How many rows there are in each table."""
    with node.house.read() as conn:
        return {
            keeping.table.name: int(conn.execute(select(func.count()).select_from(keeping.table)).scalar_one())
            for keeping in KEEPINGS
        }


def pass_days(node: Node, days: int) -> None:
    """The sweep works until it finds nothing, leftovers are looked for, the ledger beats: daily at the end of a month.

    The long form does so every day.
    """
    steps = [1] * days if SOAK else [days - SLACK_DAYS, *[1] * SLACK_DAYS]
    for step in steps:
        while node.sweep():
            pass
        leftovers.collect(node.house)
        node.house.integrator.beat()
        node.move(days=step)


def findings(node: Node) -> list[tuple[str, str]]:
    house = node.house
    settings = Settings(data=house.settings.data, database=house.settings.database)
    with upkeep.open_premises(settings, node.clock) as premises:
        at_rest = replace(premises, is_at_work=False)
        found = fsck.check(at_rest, frozenset(PERFORMERS), node.clock.now(), Counts(), lambda *_: None)
        return [(finding.code, finding.place) for finding in found]


def test_two_years_of_keeping_and_letting_go(node: Node) -> None:
    story = Story(node)
    seen = {name for name, count in rows(node).items() if count}
    for month in range(MONTHS):
        if month == 1:
            story.month_later()
        pass_days(node, MONTH_DAYS if month < MONTHS - 1 else MONTH_DAYS + SLACK_DAYS)
        wrong = []
        for thing in story.things:
            is_there, now = thing.is_there(), day(story)
            if thing.days is None and not is_there:
                wrong.append(f"{thing.name} is gone and must stay")
            if thing.days is not None and is_there and now > thing.days + SLACK_DAYS:
                wrong.append(f"{thing.name} is still there, {thing.days:.0f} days were its time")
            if thing.days is not None and not is_there and now < thing.days:
                wrong.append(f"{thing.name} is gone before its {thing.days:.0f} days")
        assert wrong == [], f"on day {day(story):.0f}"
        assert node.sound()
        assert findings(node) == [], f"on day {day(story):.0f}"
    ending = {keeping.table.name for keeping in KEEPINGS if not keeping.retention.is_for_good}
    assert ending - seen - {"doomed_blob"} == set(), "of these tables the story has no row, so their end was not seen"
    left = {name: count for name, count in rows(node).items() if count and name in ending}
    assert left == {
        # the post that stands removed, the case nobody decides, the notice nobody answers
        "account_locator": 3, "account_profile": 3, "item_locator": 3, "item_posted": 2, "notice_words": 1,
        # who works here, and who was invited and never came; who represents the organisation
        "person_identity": 2, "person_credential": 1, "representative": 1,
    }  # fmt: skip
