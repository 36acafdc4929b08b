"""Orders in the database, on both: what arrives, what is found, what time does."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import AuthorityId, DecisionId, OrderId
from beffroi.orders import checks, service, store
from beffroi.orders.events import OrderOverdue, SecrecyEnded
from beffroi.orders.model import (
    Annex,
    Appeal,
    Authentication,
    Handling,
    ItemState,
    Obstacle,
    Scrutiny,
    Secrecy,
    Validity,
)
from beffroi.parties.model import Function
from tests.databases import HouseDb
from tests.unit.orders.scene import (
    NOOR,
    URL,
    arrival,
    established,
    form,
    items,
    later,
    office,
    order,
    post,
    received,
)
from tests.unit.parties.invented import PHONE

NOBODY = OrderId("ord_00000000000000000000000000")


def carried_out(house_db: HouseDb, order_id: OrderId, *numbers: int) -> None:
    """What `flow` does with a decision."""

    def work(tx):
        for item in service.to_carry_out(tx, order_id, numbers or None, 100):
            service.carry_out(tx, item, DecisionId(f"dec_{item.number}"), NOOR)

    house_db.run(work)


def done(house_db: HouseDb, order_id: OrderId, number: int, state=ItemState.DISABLED) -> None:
    item = items(house_db, order_id)[number - 1]
    at = house_db.clock.now()
    house_db.run(lambda tx: service.item_done(tx, item.decision, item.item, state, at))


def sound(house_db: HouseDb) -> bool:
    return house_db.ask(store.ORDERS.disagreements) == [] and house_db.ask(store.ITEMS.disagreements) == []


def test_an_order_in_good_form_is_authentic_and_its_items_are_located(house_db: HouseDb) -> None:
    established(house_db)
    office(house_db)
    here = post(house_db, 1)
    came = received(house_db, first_contact_notice_at=house_db.clock.now() - timedelta(days=3))
    assert (came.authentication, came.handling) == (Authentication.AUTHENTIC, Handling.OPEN)
    assert checks.failed(came.checks) == ()
    assert [item.item for item in items(house_db, came.id)] == [here.id, None]
    assert came.hour_from == house_db.clock.now()
    assert sound(house_db)


def test_sent_again_it_is_the_same_order_with_its_first_time(house_db: HouseDb) -> None:
    office(house_db)
    first, at = received(house_db), house_db.clock.now()
    later(house_db, minutes=30)
    again = house_db.run(lambda tx: service.receive(tx, form(), arrival(house_db.clock.now()), {}))
    assert again == (first, False)
    assert again[0].received_at == at
    altered = received(house_db, additional_reasons="Something else.")
    assert altered.id != first.id
    assert "reference" in {check.code for check in checks.failed(altered.checks)}


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"sender": "orders@0ffice.example"}, "competence"),
        ({"signed": False}, "signature"),
        ({"issuing_member_state": "DE"}, "competence"),
    ],
)
def test_whoever_cannot_be_verified_gets_a_provisional_hour(house_db: HouseDb, changes, failing: str) -> None:
    established(house_db)
    office(house_db)
    post(house_db, 1)
    came = received(house_db, **changes)
    assert came.authentication is Authentication.PROVISIONAL
    assert failing in {check.code for check in checks.failed(came.checks)}
    with pytest.raises(Conflict) as refused:
        carried_out(house_db, came.id)
    assert refused.value.code == "not-authentic"
    later(house_db, minutes=61)
    assert house_db.run(lambda tx: service.run_timers(tx, 10)) == 1, "it rings all the same"


def test_called_back_it_is_genuine_and_the_original_time_stands(house_db: HouseDb) -> None:
    body, police = office(house_db), office(house_db, name="Valmere Police", functions=(Function.INVESTIGATE,))
    came, at = received(house_db, signed=False), house_db.clock.now()
    later(house_db, minutes=10)
    with pytest.raises(Invalid) as refused:
        house_db.run(lambda tx: service.authenticate(tx, came.id, body.id, NOOR, "+00 99 99999"))
    assert refused.value.code == "not-the-registered-number"
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.authenticate(tx, came.id, police.id, NOOR, PHONE))
    with pytest.raises(NotFound):
        house_db.run(lambda tx: service.authenticate(tx, came.id, AuthorityId("aut_none"), NOOR, PHONE))
    genuine = house_db.run(lambda tx: service.authenticate(tx, came.id, body.id, NOOR, PHONE))
    assert (genuine.authentication, genuine.hour_from) == (Authentication.AUTHENTIC, at)
    assert sound(house_db)


def test_forged_the_clock_is_void_and_nothing_is_secret(house_db: HouseDb) -> None:
    came = received(house_db, non_disclosure=True)
    forged = house_db.run(lambda tx: service.found_forged(tx, came.id, NOOR))
    assert (forged.authentication, forged.secrecy, forged.binds) == (Authentication.FORGED, Secrecy.ENDED, False)
    later(house_db, hours=2)
    assert not house_db.ask(lambda conn: store.is_any_due(conn, house_db.clock.now()))


def test_the_last_item_settles_it_and_each_kind_of_finding_counts(house_db: HouseDb) -> None:
    office(house_db)
    post(house_db, 1)
    came = received(house_db, urls=tuple(f"{URL}{number}" for number in (1, 2, 3)))
    carried_out(house_db, came.id)
    house_db.run(lambda tx: service.found(tx, came.id, (2,), ItemState.OUT_OF_SCOPE, NOOR))
    house_db.run(lambda tx: service.found(tx, came.id, (3,), ItemState.REMOVED, NOOR))
    assert order(house_db, came.id).handling is Handling.OPEN
    done(house_db, came.id, 1)
    assert order(house_db, came.id).handling is Handling.SETTLED
    assert [item.state for item in items(house_db, came.id)] == ["disabled", "out_of_scope", "removed"]
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.found(tx, came.id, (2,), ItemState.NOT_FOUND, NOOR))
    assert sound(house_db)


def test_an_act_that_failed_is_to_be_done_still(house_db: HouseDb) -> None:
    office(house_db)
    post(house_db, 1)
    came = received(house_db, urls=(f"{URL}1",))
    carried_out(house_db, came.id)
    [item] = items(house_db, came.id)
    house_db.run(lambda tx: service.item_failed(tx, item.decision, item.item))
    assert items(house_db, came.id)[0].state is ItemState.PENDING
    carried_out(house_db, came.id, 1)
    assert sound(house_db)


def test_asked_answered_and_done_meanwhile(house_db: HouseDb) -> None:
    office(house_db)
    post(house_db, 1)
    came = received(house_db, urls=(f"{URL}1",))
    carried_out(house_db, came.id)
    house_db.run(lambda tx: service.ask_clarification(tx, came.id, NOOR, (Obstacle.INSUFFICIENT_INFORMATION,)))
    with pytest.raises(Conflict):
        carried_out(house_db, came.id)
    house_db.run(lambda tx: service.answered(tx, came.id, Annex.III))
    done(house_db, came.id, 1)
    answer_at = later(house_db, minutes=5)
    clarified = house_db.run(lambda tx: service.clarified(tx, came.id, answer_at))
    assert (clarified.handling, clarified.hour_from) == (Handling.SETTLED, answer_at)
    assert clarified.answers[0][0] is Annex.III
    assert house_db.run(lambda tx: service.answered(tx, came.id, Annex.II)).answers[1][0] is Annex.II
    assert sound(house_db)


def test_impossible_and_then_not_any_more(house_db: HouseDb) -> None:
    came = received(house_db)
    house_db.run(lambda tx: service.impossible(tx, came.id, NOOR))
    ceased_at = later(house_db, minutes=40)
    again = house_db.run(lambda tx: service.ceased(tx, came.id, ceased_at))
    assert (again.handling, again.hour_from, again.hour_was_from) == (Handling.OPEN, ceased_at, came.received_at)


def test_closed_unclarified_or_as_without_competence(house_db: HouseDb) -> None:
    vague, false = received(house_db), received(house_db, reference_number="X-1")
    house_db.run(lambda tx: service.ask_clarification(tx, vague.id, NOOR, (Obstacle.MANIFEST_ERRORS,)))
    assert house_db.run(lambda tx: service.lapse(tx, vague.id, NOOR)).handling is Handling.LAPSED
    assert house_db.run(lambda tx: service.reroute(tx, false.id, NOOR)).handling is Handling.REROUTED
    assert not house_db.ask(lambda conn: store.is_any_due(conn, house_db.clock.now() + timedelta(days=1)))


def test_suspended_put_back_and_due_again_when_it_becomes_final(house_db: HouseDb) -> None:
    office(house_db)
    post(house_db, 1)
    came = received(house_db, urls=(f"{URL}1",))
    carried_out(house_db, came.id)
    done(house_db, came.id, 1)
    house_db.run(lambda tx: service.note_appeal(tx, came.id, Appeal.FILED))
    house_db.run(lambda tx: service.end(tx, came.id, Validity.SUSPENDED))
    [item] = items(house_db, came.id)
    house_db.run(lambda tx: service.item_reinstated(tx, item.decision, item.item))
    assert items(house_db, came.id)[0].state is ItemState.REINSTATED
    at = later(house_db, days=3)
    final = house_db.run(lambda tx: service.finalise(tx, came.id))
    assert (final.validity, final.handling, final.hour_from) == (Validity.FINAL, Handling.OPEN, at)
    assert items(house_db, came.id)[0].state is ItemState.PENDING
    assert sound(house_db)


def test_a_finding_of_infringement_ends_it(house_db: HouseDb) -> None:
    office(house_db)
    came = received(house_db)
    house_db.run(lambda tx: service.note_scrutiny(tx, came.id, Scrutiny.ASKED))
    ended = house_db.run(lambda tx: service.note_scrutiny(tx, came.id, Scrutiny.INFRINGEMENT))
    assert (ended.validity, ended.binds) == (Validity.ANNULLED_BY_SCRUTINY, False)


def test_the_hour_is_said_once_and_secrecy_ends_by_itself(house_db: HouseDb) -> None:
    came = received(house_db, non_disclosure=True, non_disclosure_decided_at=house_db.clock.now() - timedelta(weeks=5))
    for minutes, events in ((59, []), (1, [OrderOverdue]), (60, [])):
        later(house_db, minutes=minutes)
        house_db.recorded.clear()
        house_db.run(lambda tx: service.run_timers(tx, 10))
        assert [type(event) for event in house_db.recorded] == events
    later(house_db, weeks=1)
    house_db.recorded.clear()
    house_db.run(lambda tx: service.run_timers(tx, 10))
    assert [type(event) for event in house_db.recorded] == [SecrecyEnded]
    assert order(house_db, came.id).secrecy is Secrecy.ENDED
    assert not house_db.ask(lambda conn: store.is_any_due(conn, house_db.clock.now()))
    assert sound(house_db)


def test_secrecy_extended_or_lifted(house_db: HouseDb) -> None:
    came = received(house_db, non_disclosure=True, non_disclosure_decided_at=house_db.clock.now())
    longer = house_db.run(lambda tx: service.extend_secrecy(tx, came.id))
    assert longer.secret_until == house_db.clock.now() + timedelta(weeks=12)
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.extend_secrecy(tx, came.id))
    assert house_db.run(lambda tx: service.lift_secrecy(tx, came.id)).secrecy is Secrecy.ENDED
    late = received(house_db, reference_number="X-2", non_disclosure=True, non_disclosure_decided_at=form().issued_at)
    assert late.is_secret
    over = house_db.clock.now() - timedelta(weeks=7)
    old = received(house_db, reference_number="X-3", non_disclosure=True, non_disclosure_decided_at=over)
    assert old.secrecy is Secrecy.NONE, "its six weeks are over already"


def test_two_orders_on_one_item_know_of_each_other(house_db: HouseDb) -> None:
    office(house_db)
    post(house_db, 1)
    first = received(house_db)
    second = received(house_db, reference_number="VOO-2026-0043")
    assert "duplicate" in {check.code for check in checks.failed(second.checks)}
    house_db.run(lambda tx: service.end(tx, first.id, Validity.WITHDRAWN))
    house_db.run(lambda tx: service.end(tx, second.id, Validity.WITHDRAWN))
    third = received(house_db, reference_number="VOO-2026-0044")
    assert "duplicate" not in {check.code for check in checks.failed(third.checks)}


def test_what_never_arrives(house_db: HouseDb) -> None:
    for wrong in ({"urls": ()}, {"received_at": house_db.clock.now() + timedelta(minutes=3)}):
        with pytest.raises(Invalid):
            received(house_db, **wrong)
    came = received(house_db)
    for command in (
        lambda tx: service.end(tx, NOBODY, Validity.WITHDRAWN),
        lambda tx: service.impossible(tx, NOBODY, NOOR),
        lambda tx: service.to_carry_out(tx, NOBODY, None, 1),
    ):
        with pytest.raises((NotFound, Conflict)):
            house_db.run(command)
    house_db.recorded.clear()
    office(house_db)
    genuine = received(house_db, reference_number="X-9")
    with pytest.raises(NotFound):
        house_db.run(lambda tx: service.found(tx, genuine.id, (99,), ItemState.NOT_FOUND, NOOR))
    assert order(house_db, came.id) == came
