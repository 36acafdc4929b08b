"""A row is the sum of its events; where it is not, that is found and named."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select, text

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, NotFound, Unavailable
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import aggregate as module
from beffroi.ground.storage.events import history
from tests.databases import HouseDb
from tests.unit.ground.storage.lamps import (
    LAMPS,
    Colour,
    Lamp,
    LampHung,
    LampPainted,
    hang,
    lamp_table,
    paint,
)

NOW: datetime = FakeClock().now()


def found(house_db: HouseDb) -> dict[str, str]:
    return dict(house_db.ask(lambda conn: list(LAMPS.compare(conn))))


def test_a_row_comes_back_as_it_was_made(house_db: HouseDb) -> None:
    made = house_db.run(lambda tx: hang(tx, "lmp_1", "gate", "stair"))
    assert made == Lamp("lmp_1", 1, Colour.WHITE, NOW, ("gate", "stair"))
    assert house_db.ask(lambda conn: LAMPS.load(conn, "lmp_1")) == made
    assert house_db.ask(lambda conn: LAMPS.fold(conn, "lmp_1")) == made


def test_a_row_that_is_not_there(house_db: HouseDb) -> None:
    assert house_db.ask(lambda conn: LAMPS.get(conn, "lmp_1")) is None
    assert house_db.ask(lambda conn: LAMPS.fold(conn, "lmp_1")) is None
    with pytest.raises(NotFound) as refused:
        house_db.ask(lambda conn: LAMPS.load(conn, "lmp_1"))
    assert refused.value.code == "no-such-lamp"


def test_the_version_is_the_number_of_events(house_db: HouseDb) -> None:
    made = house_db.run(hang)
    painted = house_db.run(
        lambda tx: LAMPS.change(tx, made, [LampPainted("lmp_1", Colour.RED), LampPainted("lmp_1", Colour.WHITE)])
    )
    assert painted.version == 3
    assert house_db.ask(lambda conn: LAMPS.load(conn, "lmp_1")) == painted
    assert house_db.column("SELECT type FROM event ORDER BY seq") == ["lamp-hung", "lamp-painted", "lamp-painted"]


def test_finds_by_a_query(house_db: HouseDb) -> None:
    house_db.run(lambda tx: [hang(tx, f"lmp_{number}") for number in range(3)])
    query = select(lamp_table).where(lamp_table.c.id != "lmp_1").order_by(lamp_table.c.id.desc())
    assert [lamp.id for lamp in house_db.ask(lambda conn: LAMPS.find(conn, query))] == ["lmp_2", "lmp_0"]


def test_two_change_the_same_row_and_one_is_told(house_db: HouseDb) -> None:
    made = house_db.run(hang)
    other = house_db.another()
    other.run(lambda tx: paint(tx, made))
    with pytest.raises(Conflict) as refused:
        house_db.run(lambda tx: paint(tx, made, Colour.WHITE))
    assert refused.value.code == "stale-version"
    assert house_db.ask(lambda conn: LAMPS.load(conn, "lmp_1")).colour is Colour.RED
    assert len(house_db.column("SELECT id FROM event")) == 2, "the loser left an event"


def test_two_make_the_same_row_and_one_is_told(house_db: HouseDb) -> None:
    house_db.run(hang)
    with pytest.raises(Conflict) as refused:
        house_db.another().run(hang)
    assert refused.value.code == "already-there"
    assert len(house_db.column("SELECT id FROM event")) == 1


def test_nothing_comes_from_no_event(house_db: HouseDb) -> None:
    with pytest.raises(InvariantViolated):
        house_db.run(lambda tx: LAMPS.change(tx, None, []))


def test_no_event_changes_no_row(house_db: HouseDb) -> None:
    made = house_db.run(hang)
    assert house_db.run(lambda tx: LAMPS.change(tx, made, [])) == made
    assert house_db.column("SELECT version FROM lamp") == [1]


def test_personal_bytes_are_committed_to_with_the_first_event(house_db: HouseDb) -> None:
    personal = {SubjectId("sub_1"): b"a name"}
    events = [LampHung("lmp_1", Colour.WHITE, NOW), LampPainted("lmp_1", Colour.RED)]
    house_db.run(lambda tx: LAMPS.change(tx, None, events, personal))
    stored = house_db.ask(lambda conn: history(conn, "lamp", "lmp_1"))
    assert [event.personal for event in stored] == [
        {"sub_1": house_db.vault.commitment(SubjectId("sub_1"), b"a name")},
        {},
    ]


# What is compared


def test_all_rows_agree_with_their_events(house_db: HouseDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", 2)
    for number in range(5):
        lamp = house_db.run(partial(hang, lamp=f"lmp_{number}"))
        house_db.run(partial(paint, before=lamp))
    told: list[int] = []
    assert house_db.ask(lambda conn: list(LAMPS.compare(conn, told.append))) == []
    assert told == [2, 4, 5]


DAMAGE = [
    ("UPDATE lamp SET colour = 'red' WHERE id = 'lmp_2'", "changed"),
    ("UPDATE lamp SET version = 7 WHERE id = 'lmp_2'", "changed"),
    ("UPDATE lamp SET colour = 'no colour' WHERE id = 'lmp_2'", "cannot be read"),
    ("DELETE FROM lamp WHERE id = 'lmp_2'", "gone"),
    ("DELETE FROM event WHERE aggregate_id = 'lmp_2'", "no event"),
    ("UPDATE event SET type = 'lamp-lost' WHERE aggregate_id = 'lmp_2'", "cannot be read"),
    ("UPDATE event SET facts = '{}' WHERE aggregate_id = 'lmp_2'", "cannot be read"),
    (
        "UPDATE event SET facts = replace(CAST(facts AS TEXT), 'white', 'red')::jsonb WHERE aggregate_id = 'lmp_2'",
        "changed",
    ),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGE)
def test_each_damage_is_found_and_hides_no_other(house_db: HouseDb, damage: str, words: str) -> None:
    house_db.run(lambda tx: [hang(tx, f"lmp_{number}") for number in range(5)])
    if house_db.database.is_sqlite:
        damage = damage.replace("::jsonb", "")
    house_db.tamper(damage, "UPDATE lamp SET version = 9 WHERE id = 'lmp_4'")
    differences = found(house_db)
    assert set(differences) == {"lmp_2", "lmp_4"}
    assert words in differences["lmp_2"]
    assert house_db.ask(LAMPS.disagreements) == list(differences)


def test_a_column_that_is_only_searched_is_compared_too(house_db: HouseDb) -> None:
    searched = replace(
        LAMPS, from_row=lambda row: Lamp(row["id"], 1, Colour.WHITE, row["hung_at"], tuple(row["places"]))
    )
    house_db.run(lambda tx: [hang(tx, f"lmp_{number}", "gate") for number in range(3)])
    assert house_db.ask(searched.disagreements) == []
    house_db.tamper("UPDATE lamp SET colour = 'red' WHERE id = 'lmp_1'")
    ((row_id, why),) = house_db.ask(lambda conn: list(searched.compare(conn)))
    assert row_id == "lmp_1"
    assert "(colour)" in why


def test_words_that_are_not_json_are_found_on_sqlite(sqlite_db: HouseDb) -> None:
    sqlite_db.run(lambda tx: [hang(tx, f"lmp_{number}") for number in range(3)])
    sqlite_db.tamper("UPDATE lamp SET places = '[' WHERE id = 'lmp_1'")
    assert list(found(sqlite_db)) == ["lmp_1"]


def test_a_failing_database_is_not_taken_for_damage(house_db: HouseDb) -> None:
    house_db.run(hang)
    nowhere = replace(LAMPS, table=lamp_table.to_metadata(lamp_table.metadata.__class__(), name="no_such_table"))
    with pytest.raises(Unavailable):
        house_db.ask(lambda conn: list(nowhere.compare(conn)))
    house_db.run(
        lambda tx: tx.conn.execute(
            text("DROP TABLE event" if house_db.database.is_sqlite else "DROP TABLE event CASCADE")
        )
    )
    with pytest.raises(Unavailable):
        found(house_db)
