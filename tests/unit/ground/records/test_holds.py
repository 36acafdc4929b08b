"""A hold keeps, until its end and no longer."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.kernel.limits import LEGAL_HOLD_DAYS_MAX
from beffroi.ground.records import HoldPlaced, HoldReleased, erase, holds
from beffroi.ground.records.holds import HoldWhy
from tests.databases import HouseDb

ANNA = SubjectId("acc_anna")
MONTH = timedelta(days=30)


def place(house: HouseDb, until: timedelta = MONTH, subject: SubjectId = ANNA) -> holds.LegalHold:
    return house.run(lambda tx: holds.place(tx, subject, tx.now + until, HoldWhy.REVIEW))


def until(house: HouseDb, subject: SubjectId = ANNA) -> object:
    return house.ask(lambda conn: holds.held_until(conn, subject, house.clock.now()))


def test_held_until_the_last_hold_ends(house_db: HouseDb) -> None:
    start = house_db.clock.now()
    place(house_db)
    place(house_db, 2 * MONTH)
    assert until(house_db) == start + 2 * MONTH
    assert until(house_db, SubjectId("acc_ben")) is None
    house_db.clock.move(2 * MONTH)
    assert until(house_db) is None
    assert [type(event) for event in house_db.recorded] == [HoldPlaced, HoldPlaced]
    assert house_db.ask(holds.HOLDS.disagreements) == []


def test_released_before_its_time_once(house_db: HouseDb) -> None:
    hold = place(house_db)
    assert house_db.ask(lambda conn: holds.live(conn, house_db.clock.now())) == [hold]
    released = house_db.run(lambda tx: holds.release(tx, hold.id))
    assert (until(house_db), released.released_at) == (None, house_db.clock.now())
    assert isinstance(house_db.recorded[-1], HoldReleased)
    assert house_db.ask(lambda conn: holds.live(conn, house_db.clock.now())) == []
    with pytest.raises(Conflict):
        house_db.run(lambda tx: holds.release(tx, hold.id))
    assert house_db.ask(holds.HOLDS.disagreements) == []


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(days=LEGAL_HOLD_DAYS_MAX, microseconds=1)])
def test_an_end_is_ahead_and_within_a_year(house_db: HouseDb, wrong: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        place(house_db, wrong)
    assert (refused.value.code, refused.value.where) == ("bad-end", "until")
    assert place(house_db, timedelta(days=LEGAL_HOLD_DAYS_MAX)).version == 1


def test_whoever_was_erased_cannot_be_held_and_whoever_is_held_not_erased(house_db: HouseDb) -> None:
    place(house_db)
    house_db.run(lambda tx: tx.vault.ensure([ANNA]))
    with pytest.raises(Conflict) as refused:
        house_db.run(lambda tx: erase(tx, ANNA, "request", ()))
    assert refused.value.code == "held"
    assert not house_db.vault.is_destroyed(ANNA)
    house_db.clock.move(MONTH)
    house_db.run(lambda tx: erase(tx, ANNA, "request", ()))
    with pytest.raises(Conflict):
        place(house_db)


def test_a_restore_erases_what_an_older_copy_still_holds(house_db: HouseDb) -> None:
    place(house_db)
    house_db.run(lambda tx: erase(tx, ANNA, "restore", ()))
    assert house_db.vault.is_destroyed(ANNA)


def test_no_such_hold(house_db: HouseDb) -> None:
    with pytest.raises(NotFound):
        house_db.run(lambda tx: holds.release(tx, "hld_0"))
