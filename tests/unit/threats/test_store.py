"""Warnings in the database: letters go with their time, links are each one recipient's own."""

import pytest

from beffroi.ground.kernel.ids import SubjectId
from beffroi.threats import service, store
from beffroi.threats.model import Receipt, ThreatState
from tests.unit.threats.scene import (
    MINUTES_11,
    NOOR,
    do,
    draft,
    established,
    letter,
    load,
    register,
    signed,
    supplement,
)


@pytest.fixture
def house(house_db):
    established(house_db)
    register(house_db)
    return house_db


def test_a_letter_comes_back_as_it_left(house):
    threat = supplement(house, signed(house))
    assert letter(house, threat).reference == letter(house, threat, 2).reference == threat.ref
    assert letter(house, threat, 3) is None
    assert house.ask(lambda conn: store.has_letters(conn, SubjectId(threat.account)))
    assert house.ask(lambda conn: store.subject_of(conn, threat.id)) == threat.account
    assert [t.id for t in house.ask(lambda conn: store.of_subject(conn, SubjectId(threat.account)))] == [threat.id]


def test_letters_and_links_go_together_and_nobody_elses(house):
    gone, kept = signed(house), signed(house, draft(house, 2))
    links = house.column("SELECT count(*) FROM threat_link WHERE threat = :id", id=gone.id)
    assert links == [2]
    house.run(lambda tx: store.let_go(tx, gone.id))
    assert letter(house, gone) is None
    assert letter(house, kept) is not None
    assert house.column("SELECT DISTINCT threat FROM threat_link") == [kept.id]
    assert load(house, gone).letters, "that it was sent stays in the record"


def test_what_waits_is_found_by_what_it_waits_for(house):
    waiting, done, other = signed(house), signed(house, draft(house, 2)), draft(house, 3)
    for each in done.letters[0].dispatches:
        do(house, service.confirm, done.id, 1, each.recipient, Receipt.MAIL, NOOR)
    assert {t.id for t in house.ask(store.waiting)} == {waiting.id, other.id}
    drafts = house.ask(lambda conn: store.newest(conn, 9, (ThreatState.DRAFT,)))
    assert [t.id for t in drafts] == [other.id]
    assert house.ask(lambda conn: store.due_to_ring(conn, house.clock.now(), 9)) == []
    house.clock.move(MINUTES_11)
    due = house.ask(lambda conn: store.due_to_ring(conn, house.clock.now(), 9))
    assert {t.id for t in due} == {waiting.id, other.id}
    assert house.ask(lambda conn: store.by_ref(conn, waiting.ref)).id == waiting.id
    assert house.ask(lambda conn: store.of_case(conn, waiting.case))[0].id == waiting.id
