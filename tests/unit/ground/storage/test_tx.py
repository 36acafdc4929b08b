"""A transaction writes a row, its events and its effects together."""

from datetime import timedelta

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.storage import Actor, Effect, Tx
from beffroi.ground.storage.effects import EffectState, by_key
from tests.databases import HouseDb
from tests.unit.ground.storage.lamps import Colour, LampPainted

thing = Table(
    "thing", MetaData(), Column("id", Text, primary_key=True), Column("version", Integer), Column("words", Text)
)


@pytest.fixture
def house(house_db: HouseDb) -> HouseDb:
    house_db.run(lambda tx: thing.create(tx.conn))
    return house_db


def rows(house: HouseDb) -> list[tuple[object, ...]]:
    return house.ask(lambda conn: [tuple(row) for row in conn.execute(select(thing).order_by(thing.c.id))])


@pytest.mark.parametrize(
    ("actor", "written"),
    [(Actor("node"), "node"), (Actor("person", "prs_1"), "person:prs_1"), (Actor("key", "k"), "key:k")],
)
def test_how_actors_are_written(actor: Actor, written: str) -> None:
    assert str(actor) == written


def test_adds_one_row_many_rows_and_none(house: HouseDb) -> None:
    def work(tx: Tx) -> None:
        tx.add(thing, {"id": "a", "version": 1, "words": "one"})
        tx.add(thing, ({"id": name, "version": 1, "words": "many"} for name in "bc"))
        tx.add(thing, [])

    house.run(work)
    assert rows(house) == [("a", 1, "one"), ("b", 1, "many"), ("c", 1, "many")]


def test_saves_over_the_version_it_knows(house: HouseDb) -> None:
    house.run(lambda tx: tx.save(thing, {"id": "a", "words": "one"}, version=0))
    house.run(lambda tx: tx.save(thing, {"id": "a", "words": "two"}, version=1))
    house.run(lambda tx: tx.save(thing, {"id": "a", "words": "five"}, version=2, becomes=5))
    assert rows(house) == [("a", 5, "five")]


@pytest.mark.parametrize("version", [1, 3])
def test_does_not_save_over_another_version(house: HouseDb, version: int) -> None:
    house.run(lambda tx: tx.save(thing, {"id": "a", "words": "one"}, version=0, becomes=2))
    with pytest.raises(Conflict) as refused:
        house.run(lambda tx: tx.save(thing, {"id": "a", "words": "other"}, version=version))
    assert (refused.value.code, refused.value.facts) == ("stale-version", {"version": version})
    assert rows(house) == [("a", 2, "one")]


def test_one_instant_and_one_actor_throughout(house: HouseDb) -> None:
    def work(tx: Tx) -> None:
        tx.record(LampPainted("lmp_1", Colour.RED))
        house.clock.move(timedelta(hours=1))
        tx.record(LampPainted("lmp_1", Colour.WHITE))
        tx.intend(Effect("paint", "k", {}))

    house.run(work)
    assert len(set(house.column("SELECT at FROM event UNION ALL SELECT due_at FROM effect"))) == 1


def test_events_wait_for_their_reactions_in_order(house: HouseDb) -> None:
    painted = [LampPainted("lmp_1", Colour.RED), LampPainted("lmp_2", Colour.RED)]

    def work(tx: Tx) -> None:
        for event in painted:
            tx.record(event)

    house.run(work)
    assert house.recorded == painted


def test_an_effect_is_due_now_or_later(house: HouseDb) -> None:
    later = house.clock.now() + timedelta(minutes=5)

    def work(tx: Tx) -> None:
        tx.intend(Effect("paint", "now", {"lamp": "lmp_1"}, lane="law"))
        tx.intend(Effect("paint", "later", {"lamp": "lmp_1"}), not_before=later)

    house.run(work)
    now = house.ask(lambda conn: by_key(conn, "now"))
    assert (now.kind, now.lane, now.payload, now.state) == ("paint", "law", {"lamp": "lmp_1"}, EffectState.INTENDED)
    assert (now.due_at, now.intended_at, now.attempts) == (house.clock.now(), house.clock.now(), 0)
    assert (now.lease_until, now.settled_at, now.outcome) == (None, None, None)
    assert house.ask(lambda conn: by_key(conn, "later")).due_at == later


def test_the_same_key_is_intended_once(house: HouseDb) -> None:
    house.run(lambda tx: tx.intend(Effect("paint", "k", {})))
    with pytest.raises(Conflict):
        house.run(lambda tx: tx.intend(Effect("paint", "k", {})))
    assert house.column("SELECT count(*) FROM effect") == [1]


def test_what_was_just_intended_can_be_taken_back(house: HouseDb) -> None:
    def work(tx: Tx) -> tuple[bool, bool]:
        tx.intend(Effect("paint", "k", {}))
        return tx.take_back("k"), tx.take_back("k")

    assert house.run(work) == (True, False)
    assert house.column("SELECT state FROM effect") == ["cancelled"]
