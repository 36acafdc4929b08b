"""Telling people: once, by an unguessable link, nobody who was erased."""

import hashlib

import pytest
from sqlalchemy import select

from beffroi.decisions.model import Act
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import effects
from beffroi.ground.storage.events import event_table
from beffroi.notices import service, store
from beffroi.notices.model import StatementDelivered, StatementIssued, StatementKind, StatementState
from tests.unit.actions.scene import carry_out, plan, planned, posted, removed
from tests.unit.cases.scene import do

RESTRICTED, PUT_BACK = StatementKind


@pytest.fixture
def restricted(house_db):
    decision, restriction = planned(house_db, posted(house_db))
    return decision, carry_out(house_db, restriction)


def issue(house, decision, restriction, kind=RESTRICTED, *, account=None):
    return do(house, service.issue, kind, decision.id, restriction.id, restriction.item, restriction.revision, account)


def informs(house):
    found = house.ask(lambda conn: effects.recent(conn, limit=50))
    return [one for one in found if one.kind == service.EFFECT]


def test_one_statement_per_decision_item_and_kind(house_db, restricted):
    first = issue(house_db, *restricted)
    assert [issue(house_db, *restricted) for _ in range(3)] == [first] * 3
    back = issue(house_db, *restricted, PUT_BACK)
    assert back.id != first.id
    assert [type(event) for event in house_db.recorded].count(StatementIssued) == 2
    keys = {one.key: one for one in informs(house_db)}
    assert set(keys) == {first.id, back.id}
    assert keys[first.id].payload == {"statement": first.id}
    assert house_db.ask(store.STATEMENTS.disagreements) == []


def test_copies_decided_together_are_each_told(house_db):
    decision = removed(house_db, posted(house_db, 1), posted(house_db, 2))
    statements = {issue(house_db, decision, r).id for r in plan(house_db, decision)}
    assert len(statements) == 2


def test_it_is_in_the_language_of_the_post(house_db):
    for number, (language, told) in enumerate([("de", "de"), (None, "en")]):
        decision, restriction = planned(house_db, posted(house_db, number, language=language))
        assert issue(house_db, decision, restriction).language == told


def test_an_account_is_told_about_itself(house_db):
    posted(house_db)
    [account] = house_db.column("SELECT id FROM account")
    decision, restriction = planned(house_db, act=Act.WARN_ACCOUNT, account=account)
    told = issue(house_db, decision, restriction, account=account)
    assert (told.account, told.item) == (account, None)


def test_what_concerns_nobody_or_somebody_erased_is_told_to_nobody(house_db, restricted):
    decision, restriction = restricted
    assert do(house_db, service.issue, RESTRICTED, decision.id, restriction.id, None, 0, None) is None
    [account] = house_db.column("SELECT id FROM account")
    house_db.vault.destroy(SubjectId(account), house_db.clock.now())
    assert issue(house_db, *restricted) is None
    assert informs(house_db) == []


def test_the_token_is_nowhere_but_with_the_person(house_db, restricted):
    statement = issue(house_db, *restricted)
    token = house_db.ask(lambda conn: store.token_of(conn, house_db.vault, statement.id))
    assert len(token) >= 43
    assert house_db.ask(lambda conn: store.by_token(conn, token)) == statement
    assert house_db.ask(lambda conn: store.by_token(conn, token[:-1] + "_")) is None
    link = house_db.ask(lambda conn: conn.execute(select(store.statement_link)).one())
    assert bytes(link.digest) == hashlib.sha256(token.encode()).digest()
    told = (
        repr(house_db.ask(lambda conn: conn.execute(select(event_table)).all())) + repr(link) + repr(informs(house_db))
    )
    assert token not in told


def test_delivering(house_db, restricted):
    statement = issue(house_db, *restricted)
    undelivered = do(house_db, service.undelivered, statement.id, "r" * 500)
    assert undelivered.state is StatementState.UNDELIVERED
    assert len(house_db.recorded[-1].reason) == 200
    delivered = do(house_db, service.delivered, statement.id)
    assert (delivered.state, delivered.delivered_at) == (StatementState.DELIVERED, house_db.clock.now())
    assert do(house_db, service.delivered, statement.id) == delivered
    assert list(map(type, house_db.recorded)).count(StatementDelivered) == 1
    assert house_db.ask(store.STATEMENTS.disagreements) == []
