"""Rows go by their age or when nothing needs them, a few at a time, with what belongs to them."""

from datetime import timedelta

import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select

from beffroi.ground.records import Keeping, Retention, sweeping
from beffroi.ground.storage import Instant
from tests.databases import HouseDb

bread = Table(
    "bread",
    MetaData(),
    Column("baker", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("baked_at", Instant, nullable=False),
    Column("look_at", Instant),
)
DAY = timedelta(days=1)
WENT: list[str] = []
OLD = Keeping(
    bread,
    "to eat",
    Retention(
        "a day",
        over=lambda _conn, now: bread.c.baked_at <= now - DAY,
        also=lambda _tx, rows: WENT.extend(row["number"] for row in rows),
    ),
)
ASKED = Keeping(bread, "to eat", Retention("until eaten", asked=True))


@pytest.fixture
def house(house_db: HouseDb) -> HouseDb:
    WENT.clear()

    def work(tx):
        bread.create(tx.conn)
        rows = [{"baker": "b", "number": str(n), "baked_at": tx.now, "look_at": tx.now} for n in range(5)]
        tx.conn.execute(insert(bread), [*rows, rows[0] | {"baker": "unasked", "look_at": None}])

    house_db.run(work)
    return house_db


def left(house: HouseDb) -> list[str]:
    query = select(bread.c.baker, bread.c.number).order_by(bread.c.baker, bread.c.number)
    return ["".join(row) for row in house.ask(lambda conn: conn.execute(query).all())]


def test_nothing_goes_before_its_time(house: HouseDb) -> None:
    house.clock.move(DAY - timedelta(microseconds=1))
    assert not house.ask(lambda conn: sweeping.is_any_over(OLD, conn, house.clock.now()))
    assert house.run(lambda tx: sweeping.end(OLD, tx, 10)) == 0
    assert len(left(house)) == 6


def test_what_is_old_goes_a_few_at_a_time_with_what_belongs_to_it(house: HouseDb) -> None:
    house.clock.move(DAY)
    assert house.ask(lambda conn: sweeping.is_any_over(OLD, conn, house.clock.now()))
    assert [house.run(lambda tx: sweeping.end(OLD, tx, 4)) for _ in range(3)] == [4, 2, 0]
    assert left(house) == []
    assert sorted(WENT) == ["0", "0", "1", "2", "3", "4"]


def test_what_is_needed_is_asked_about_again_then_and_not_before(house: HouseDb) -> None:
    asked: list[str] = []

    def need(_conn, row, now):
        asked.append(row["number"])
        return {"0": now + DAY, "1": now, "2": None}.get(row["number"], now + 3 * DAY)

    assert house.run(lambda tx: sweeping.ask(ASKED, need, None, tx, 10)) == 2
    assert left(house) == ["b0", "b3", "b4", "unasked0"]
    assert not house.ask(lambda conn: sweeping.is_any_due(ASKED, conn, house.clock.now()))
    house.clock.move(DAY)
    assert house.ask(lambda conn: sweeping.is_any_due(ASKED, conn, house.clock.now()))
    asked.clear()
    assert house.run(lambda tx: sweeping.ask(ASKED, need, None, tx, 10)) == 0
    assert asked == ["0"]


def test_something_else_may_be_done_in_place_of_deleting(house: HouseDb) -> None:
    gone: list[str] = []
    release = lambda _tx, row: gone.append(row["number"])  # noqa: E731
    assert house.run(lambda tx: sweeping.ask(ASKED, lambda *_: None, release, tx, 2)) == 2
    assert (len(gone), len(left(house))) == (2, 6)


def test_a_table_of_the_other_kind_has_nothing_to_do(house: HouseDb) -> None:
    house.clock.move(DAY)
    now = house.clock.now()
    assert not house.ask(lambda conn: sweeping.is_any_due(OLD, conn, now))
    assert not house.ask(lambda conn: sweeping.is_any_over(ASKED, conn, now))
    assert house.run(lambda tx: sweeping.end(ASKED, tx, 9) + sweeping.ask(OLD, lambda *_: None, None, tx, 9)) == 0
