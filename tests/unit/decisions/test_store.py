"""What the queries of `decisions` find."""

from datetime import timedelta

from beffroi.decisions import service, store
from beffroi.decisions.model import Act
from beffroi.ground.kernel.ids import CaseId, SubjectId
from tests.unit.decisions.scene import NOOR, decided, ground, posted, published, removal, standing_rule
from tests.unit.decisions.test_service import HIT


def test_decisions_are_found_by_case_item_and_account(house_db):
    terms, item = published(house_db), posted(house_db)
    command = removal(ground(terms), item, case=CaseId("cas_1"))
    first = decided(house_db, command)
    house_db.clock.move(timedelta(seconds=1))
    second = decided(house_db, command)
    assert house_db.ask(lambda conn: store.of_case(conn, CaseId("cas_1"))) == [first, second]
    assert house_db.ask(lambda conn: store.of_item(conn, item.item)) == [second, first]
    assert house_db.ask(lambda conn: store.of_account(conn, "acc_none")) == []


def test_a_row_comes_back_as_it_went_in(house_db):
    decision = decided(house_db, removal(ground(published(house_db)), posted(house_db)))
    assert house_db.ask(lambda conn: store.DECISIONS.load(conn, decision.id)) == decision
    assert house_db.ask(lambda conn: store.DECISIONS.fold(conn, decision.id)) == decision


def test_overdue_holds_come_oldest_first_and_a_few_at_a_time(house_db):
    standing_rule(house_db, ground(published(house_db)))
    made = []
    for number in range(3):
        item = posted(house_db, number)
        made.append(house_db.run(lambda tx, item=item: service.apply_rules(tx, item, [HIT])))
        house_db.clock.move(timedelta(minutes=1))
    house_db.clock.move(timedelta(hours=24))
    found = house_db.ask(lambda conn: store.overdue_holds(conn, house_db.clock.now(), 2))
    assert found == made[:2]


def test_only_standing_holds_count(house_db):
    terms, item = published(house_db), posted(house_db)
    standing_rule(house_db, ground(terms), act=Act.LABEL)
    house_db.run(lambda tx: service.apply_rules(tx, item, [HIT]))
    decided(house_db, removal(ground(terms), item))
    assert house_db.ask(lambda conn: store.standing_holds(conn, item.item)) == []


def test_what_was_erased_is_missing(house_db):
    decision = decided(house_db, removal(ground(published(house_db)), posted(house_db)), NOOR)
    [subject] = house_db.column("SELECT subject FROM decision_note")
    house_db.vault.destroy(SubjectId(subject), house_db.clock.now())
    assert house_db.ask(lambda conn: store.notes(conn, house_db.vault, decision.id)) == {}


def test_every_table_is_declared():
    assert {one.table.name for one in store.RECORDS} == {
        "decision", "decision_item", "decision_note", "rule", "policy"
    }  # fmt: skip
