"""What the queries of `cases` find."""

from datetime import timedelta

from beffroi.cases import service, store
from beffroi.cases.model import CaseState
from beffroi.ground.records import Keeping
from tests.unit.cases.scene import DECISION, LEASE, NOOR, TOMAS, claim, do, item, load, opened


def ask(house, question, *arguments, **named):
    return house.ask(lambda conn: question(conn, *arguments, **named))


def test_the_queue_is_by_priority_then_by_age(house_db):
    first = opened(house_db, item(house_db, 1))
    house_db.clock.move(timedelta(seconds=1))
    second = opened(house_db, item(house_db, 2))
    do(house_db, service.decided, opened(house_db, item(house_db, 3)).id, DECISION, confirmed=True)
    assert [c.id for c in ask(house_db, store.queue, limit=9)] == [first.id, second.id]
    assert [c.id for c in ask(house_db, store.queue, limit=1)] == [first.id]
    assert ask(house_db, store.count_open) == 2


def test_what_awaits_a_second_person_is_asked_for_by_name(house_db):
    case = opened(house_db, item(house_db))
    do(house_db, service.proposed, case.id, DECISION, NOOR)
    assert ask(house_db, store.queue, limit=9) == []
    waiting = ask(house_db, store.queue, limit=9, states=(CaseState.AWAITS_SECOND,))
    assert [c.id for c in waiting] == [case.id]
    assert ask(house_db, store.count_open) == 1


def test_cases_of_an_item_are_newest_first_and_once_each(house_db):
    posted = item(house_db)
    old = opened(house_db, posted)
    opened(house_db, item(house_db, revision=2))
    do(house_db, service.decided, old.id, DECISION, confirmed=False)
    house_db.clock.move(timedelta(seconds=1))
    new = opened(house_db, item(house_db, revision=3))
    assert [c.id for c in ask(house_db, store.of_item, posted.id)] == [new.id, old.id]
    assert ask(house_db, store.open_of_item, posted.id).id == new.id
    assert ask(house_db, store.of_account, posted.account) == []


def test_a_case_is_found_by_its_reference(house_db):
    case = opened(house_db, item(house_db))
    assert ask(house_db, store.by_ref, case.ref) == case
    assert ask(house_db, store.by_ref, "98-nothing") is None


def test_only_leases_that_are_over_are_overdue(house_db):
    early, late = (claim(house_db, opened(house_db, item(house_db, number))) for number in (1, 2))
    house_db.clock.move(LEASE / 2)
    claim(house_db, late)
    house_db.clock.move(LEASE / 2)
    assert [c.id for c in ask(house_db, store.overdue_leases, house_db.clock.now(), 9)] == [early.id]
    do(house_db, service.decided, early.id, DECISION, confirmed=False)
    assert ask(house_db, store.overdue_leases, house_db.clock.now(), 9) == []


def test_a_wrong_token_opens_no_notice(house_db):
    assert ask(house_db, store.notice_by_token, "guessed") is None


def test_notes_come_in_their_order(house_db):
    case = opened(house_db, item(house_db))
    for person, words in ((NOOR, "first"), (TOMAS, "second")):
        do(house_db, service.add_note, case.id, person, words)
        house_db.clock.move(timedelta(seconds=1))
    found = ask(house_db, store.notes, house_db.vault, case.id)
    assert [(by, words) for by, _, words in found] == [(NOOR, "first"), (TOMAS, "second")]


def test_a_row_comes_back_as_it_went_in(house_db):
    case = claim(house_db, opened(house_db, item(house_db), cluster="ent_1"))
    assert load(house_db, case) == case
    assert ask(house_db, store.CASES.fold, case.id) == case


def test_every_table_is_declared():
    assert all(isinstance(one, Keeping) for one in store.RECORDS)
    assert {one.table.name for one in store.RECORDS} == {
        "case", "case_item", "case_note", "notice", "notice_words", "exposure"
    }  # fmt: skip
