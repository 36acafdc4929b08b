"""What the queries of `actions` find."""

from datetime import timedelta

from beffroi.actions import store
from beffroi.actions.model import Kind
from tests.unit.actions.scene import carry_out, end, fail, load, planned, posted


def ask(house, question, *arguments):
    return house.ask(lambda conn: question(conn, *arguments))


def test_only_what_stands_for_a_cause_can_be_joined(house_db):
    item = posted(house_db)
    decision, restriction = planned(house_db, item)
    assert ask(house_db, store.standing, Kind.REMOVE, item.item, None) == [restriction]
    assert ask(house_db, store.standing, Kind.DISABLE, item.item, None) == []
    failed = fail(house_db, restriction)
    assert ask(house_db, store.standing, Kind.REMOVE, item.item, None) == [failed]
    end(house_db, decision)
    assert ask(house_db, store.standing, Kind.REMOVE, item.item, None) == []


def test_restrictions_of_an_item_are_newest_first(house_db):
    item = posted(house_db)
    decision, first = planned(house_db, item)
    end(house_db, decision)
    house_db.clock.move(timedelta(seconds=1))
    _, second = planned(house_db, item)
    assert [r.id for r in ask(house_db, store.of_item, item.item)] == [second.id, first.id]


def test_what_ended_by_time_comes_oldest_first(house_db):
    made = []
    for days in (2, 1, 3):
        until = house_db.clock.now() + timedelta(days=days)
        made.append(carry_out(house_db, planned(house_db, posted(house_db, days), until=until)[1]))
    now = house_db.clock.now()
    assert ask(house_db, store.ended_by_time, now + timedelta(days=2), 9) == [made[1], made[0]]
    assert ask(house_db, store.ended_by_time, now + timedelta(days=2), 1) == [made[1]]


def test_a_row_comes_back_as_it_went_in(house_db):
    _, restriction = planned(house_db)
    assert load(house_db, restriction) == restriction
    assert ask(house_db, store.RESTRICTIONS.fold, restriction.id) == restriction


def test_every_table_is_declared():
    assert {one.table.name for one in store.RECORDS} == {"restriction", "restriction_cause"}
