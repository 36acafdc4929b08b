"""Links: found by digest, gone with the account."""

import pytest

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import StatementId, SubjectId
from beffroi.ground.records.erasure import erase
from beffroi.notices import store
from beffroi.notices.model import StatementDelivered, StatementUndelivered
from tests.unit.actions.scene import planned, posted
from tests.unit.content.given import AccountGiven
from tests.unit.notices.test_service import issue


def test_erasing_an_account_takes_its_links_and_no_other_s(house_db):
    statements = []
    for number, account in enumerate(("u-1", "u-2")):
        item = posted(house_db, number, account=AccountGiven(account))
        statements.append(issue(house_db, *planned(house_db, item)))
    tokens = [house_db.ask(lambda conn, s=s: store.token_of(conn, house_db.vault, s.id)) for s in statements]
    gone = SubjectId(statements[0].account)
    house_db.run(lambda tx: erase(tx, gone, "request", store.RECORDS))
    found = [house_db.ask(lambda conn, t=t: store.by_token(conn, t)) for t in tokens]
    assert found == [None, statements[1]]
    left = [house_db.ask(lambda conn, s=s: store.token_of(conn, house_db.vault, s.id)) for s in statements]
    assert left == [None, tokens[1]]


def test_a_destroyed_key_is_enough(house_db):
    statement = issue(house_db, *planned(house_db, posted(house_db)))
    house_db.vault.destroy(SubjectId(statement.account), house_db.clock.now())
    assert house_db.ask(lambda conn: store.token_of(conn, house_db.vault, statement.id)) is None


def test_statements_of_a_decision_are_oldest_first(house_db):
    decision, restriction = planned(house_db, posted(house_db))
    statement = issue(house_db, decision, restriction)
    assert house_db.ask(lambda conn: store.of_decision(conn, decision.id)) == [statement]
    assert house_db.ask(lambda conn: store.STATEMENTS.fold(conn, statement.id)) == statement


def test_nothing_comes_before_the_statement(house_db):
    now = house_db.clock.now()
    for event in (StatementDelivered(StatementId("stm"), now), StatementUndelivered(StatementId("stm"), "refused")):
        with pytest.raises(Conflict):
            store.apply(None, event)


def test_every_table_is_declared():
    assert {one.table.name for one in store.RECORDS} == {"statement", "statement_link"}
