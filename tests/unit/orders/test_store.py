"""What is kept of orders, and what is found by it."""

from datetime import timedelta

from sqlalchemy import select

from beffroi.orders import service, store
from beffroi.orders.model import Validity
from tests.databases import HouseDb
from tests.unit.orders.scene import FORM, NOOR, office, order, received


def test_what_an_order_says_is_sealed_and_no_event_holds_it(house_db: HouseDb) -> None:
    came = received(house_db)
    assert house_db.ask(lambda conn: store.words(conn, house_db.vault, came.id)) == FORM
    rows = house_db.ask(lambda conn: conn.execute(select(store.order_words)).mappings().all())
    facts = [str(event.facts()) for event in house_db.recorded]
    for secret in (FORM.urls[0], FORM.additional_reasons, FORM.authority.representative_name, FORM.reference_number):
        assert not [row for row in rows if secret.encode() in bytes(row["sealed"])]
        assert not [told for told in facts if secret in told]


def test_erased_the_facts_stay(house_db: HouseDb) -> None:
    came = received(house_db)
    [keeping] = [one for one in store.RECORDS if one.clear is not None]
    house_db.run(lambda tx: keeping.clear(tx, came.id))
    assert house_db.ask(lambda conn: store.words(conn, house_db.vault, came.id)) is None
    assert order(house_db, came.id) == came


def test_what_time_does_next(house_db: HouseDb) -> None:
    came = received(house_db, non_disclosure=True, non_disclosure_decided_at=house_db.clock.now())
    assert store.next_due(came) == came.received_at + timedelta(hours=1)
    told = house_db.run(lambda tx: service.impossible(tx, came.id, NOOR))
    assert store.next_due(told) == came.secret_until
    lifted = house_db.run(lambda tx: service.lift_secrecy(tx, came.id))
    assert store.next_due(lifted) is None


def test_those_that_wait_stand_first(house_db: HouseDb) -> None:
    office(house_db)
    numbers = ("1", "2", "3")
    ended, late, soon = (received(house_db, reference_number=number) for number in numbers)
    house_db.run(lambda tx: service.end(tx, ended.id, Validity.WITHDRAWN))
    house_db.run(lambda tx: service.impossible(tx, late.id, NOOR))
    assert [one.id for one in house_db.ask(lambda conn: store.listed(conn, 9))] == [soon.id, late.id, ended.id]
    assert [one.id for one in house_db.ask(lambda conn: store.listed(conn, 1))] == [soon.id]


def test_known_by_its_number_and_by_its_sender(house_db: HouseDb) -> None:
    body = office(house_db)
    assert not house_db.ask(lambda conn: store.is_known_sender(conn, body.id))
    received(house_db)
    assert house_db.ask(lambda conn: store.is_known_sender(conn, body.id))
    used = store.reference_digest(FORM)
    assert house_db.ask(lambda conn: store.is_reference_used(conn, used))
    assert store.reference_digest(FORM.model_copy(update={"reference_number": "x"})) != used
    assert store.digest_of("A@b.example", FORM) == store.digest_of(" a@B.example", FORM) != store.digest_of("c", FORM)
