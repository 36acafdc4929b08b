"""That an act of the spool is in the record, once; on both databases."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.records import spooled
from beffroi.ground.storage import Actor, events
from beffroi.ground.storage.spool import Frame, Spooled
from tests.databases import HouseDb


def act(house_db: HouseDb, key: str = "spl_1") -> Spooled:
    at = house_db.clock.now() - timedelta(hours=1)
    return Spooled("notice", key, at, Actor("public"), {"email": "ada@mail.example"})


def test_noted_once(house_db: HouseDb) -> None:
    one = act(house_db)
    assert not house_db.ask(lambda conn: spooled.is_entered(conn, one.key))
    house_db.run(lambda tx: spooled.note(tx, one, "d1", spooled.ENTERED))
    assert house_db.ask(lambda conn: spooled.is_entered(conn, one.key))
    with pytest.raises(Conflict):
        house_db.run(lambda tx: spooled.note(tx, one, "d1", spooled.ENTERED))
    [told] = house_db.ask(lambda conn: events.of_type(conn, "spooled-act-entered"))
    assert told.facts["act"] == "spl_1"
    assert told.at - one.at == timedelta(hours=1)
    assert "ada" not in str(told.facts)


def test_what_was_refused_is_counted(house_db: HouseDb) -> None:
    house_db.run(lambda tx: spooled.note(tx, act(house_db, "spl_1"), "d1", spooled.ENTERED))
    house_db.run(lambda tx: spooled.note(tx, act(house_db, "spl_2"), "d2", "does-not-stand"))
    frame = Frame("f.spool", 3, "ab" * 32, None)
    house_db.run(lambda tx: spooled.note_unreadable(tx, frame))
    assert house_db.ask(lambda conn: spooled.refused(conn, house_db.clock.now())) == 1
    assert house_db.ask(lambda conn: spooled.refused(conn, house_db.clock.now() + timedelta(seconds=1))) == 0
    assert house_db.ask(lambda conn: spooled.is_entered(conn, spooled.place_of(frame)))
