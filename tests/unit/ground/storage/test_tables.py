"""The column types give back what was put in, alike on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, text
from sqlalchemy.exc import StatementError

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.storage import Flag, Instant, Json, Octets, metadata, table
from beffroi.ground.storage.tables import Big
from tests.databases import HouseDb

thing = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("is_lit", Flag),
    Column("body", Json),
    Column("words", Text),
    Column("octets", Octets),
    Column("number", Big),
    sqlite_strict=True,
)


@pytest.fixture
def house(house_db: HouseDb) -> HouseDb:
    house_db.run(lambda tx: thing.create(tx.conn))
    return house_db


def put(house: HouseDb, **values: object) -> None:
    house.run(lambda tx: tx.conn.execute(insert(thing), [{"id": 1, **values}]))


def got(house: HouseDb, name: str) -> object:
    return house.ask(lambda conn: conn.execute(select(thing.c[name])).scalar_one())


NOON = datetime(2026, 3, 29, 12, 0, 0, 1, tzinfo=UTC)

VALUES = [
    ("at", NOON),
    ("at", datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ("at", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ("is_lit", True),
    ("is_lit", False),
    ("body", {}),
    ("body", []),
    ("body", ""),
    ("body", 0),
    ("body", False),
    ("body", {"b": [1, 2.5, None, {"ä": "\U0001f3ee '\"%s%%:x"}], "a": 2**53 - 1}),
    ("words", "\U0001f3ee é e\u0301 '; -- %s :x \\"),
    ("octets", bytes(range(256))),
    ("octets", b""),
    ("number", 2**63 - 1),
    ("number", -(2**63)),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_comes_back_as_it_was(house: HouseDb, name: str, value: object) -> None:
    put(house, **{name: value})
    found = got(house, name)
    assert found == value
    assert isinstance(found, type(value))


def test_an_instant_of_any_zone_comes_back_in_utc(house: HouseDb) -> None:
    put(house, at=NOON.astimezone(timezone(timedelta(hours=5, minutes=45))))
    assert got(house, "at") == NOON
    assert got(house, "at").utcoffset() == timedelta(0)  # type: ignore[attr-defined]


def test_instants_sort_and_compare_as_numbers(house: HouseDb) -> None:
    put(house, at=NOON)
    before = select(thing.c.id).where(thing.c.at < NOON + timedelta(microseconds=1))
    assert house.ask(lambda conn: conn.execute(before).scalars().all()) == [1]
    at = select(thing.c.id).where(thing.c.at < NOON)
    assert house.ask(lambda conn: conn.execute(at).scalars().all()) == []


@pytest.mark.parametrize("name", ["at", "is_lit", "body", "words", "octets", "number"])
def test_none_is_null(house: HouseDb, name: str) -> None:
    put(house, **{name: None})
    assert got(house, name) is None
    is_null = text(f"{name} IS NULL")  # not the type's own idea of None, but the database's
    assert house.ask(lambda conn: conn.execute(select(thing.c.id).where(is_null)).scalars().all()) == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("at", datetime(2026, 6, 1)), ("body", float("nan")), ("body", [float("inf")])],  # noqa: DTZ001
)
def test_refused_before_it_is_sent(house: HouseDb, name: str, value: object) -> None:
    with pytest.raises((StatementError, ValueError)) as refused:
        put(house, **{name: value})
    assert isinstance(getattr(refused.value, "orig", refused.value), ValueError)
    assert house.column("SELECT id FROM thing") == []


def test_the_database_takes_no_other_type(house: HouseDb) -> None:
    statement = text("INSERT INTO thing (id, number) VALUES (1, 'seven')")
    with pytest.raises((Conflict, Invalid)):
        house.run(lambda tx: tx.conn.execute(statement))
    assert house.column("SELECT id FROM thing") == []


def test_tables_are_strict_and_stand_in_one_place() -> None:
    made = table("lamp_for_a_moment", Column("id", Text, primary_key=True))
    try:
        assert made.metadata is metadata
        assert made.dialect_options["sqlite"]["strict"] is True
        assert made.primary_key.name == "pk_lamp_for_a_moment"
    finally:
        metadata.remove(made)
