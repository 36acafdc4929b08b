"""The charter, on both databases."""

from typing import Any

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.parties import charter, store
from beffroi.parties.model import CharterChanged, Value
from beffroi.parties.settings import SETTINGS
from tests.databases import HouseDb

ADA = PersonId("prs_ada")
WHY = "Live pictures of attacks spread within minutes."


def get(house_db: HouseDb, name: str) -> Any:
    return house_db.ask(lambda conn: charter.get(conn, name))


def put(house_db: HouseDb, name: str, value: Value, reason: str = WHY) -> None:
    house_db.run(lambda tx: charter.set(tx, name, value, ADA, reason))


def test_defaults_until_changed(house_db: HouseDb) -> None:
    assert get(house_db, "undo_hold_s") == 60
    assert get(house_db, "four_eyes.account_suspension") is True
    assert get(house_db, "categories") == ("terrorist_content",)
    with pytest.raises(NotFound):
        get(house_db, "no.such")


@pytest.mark.parametrize(
    ("name", "value"),
    [("fail.media", "closed"), ("undo_hold_s", 0), ("remedies.own_complaint", False), ("remedies.out_of_court", "Ω")],
)
def test_a_change_keeps_its_type(house_db: HouseDb, name: str, value: Value) -> None:
    put(house_db, name, value)
    assert get(house_db, name) == value
    assert type(get(house_db, name)) is type(value)
    stated = {one.setting.name: one for one in house_db.ask(charter.all)}[name]
    assert (stated.value, stated.version, stated.person, stated.reason) == (value, 1, ADA, WHY)
    assert type(stated.value) is type(value)


def test_every_change_is_an_event_with_a_person(house_db: HouseDb) -> None:
    put(house_db, "fail.media", "closed")
    event = CharterChanged("fail.media", "closed", "open", ADA, house_db.clock.now())
    assert house_db.recorded == [event]
    assert WHY not in repr(event.facts())


def test_refused_changes_change_nothing(house_db: HouseDb) -> None:
    for value, reason in (("ajar", WHY), ("closed", ""), (True, WHY)):
        with pytest.raises(Invalid):
            put(house_db, "fail.media", value, reason)
    with pytest.raises(Conflict):
        put(house_db, "fail.media", "open")
    with pytest.raises(NotFound):
        put(house_db, "no.such", "open")
    assert house_db.recorded == []
    assert house_db.ask(charter.history) == ()


def test_the_page_shows_all_of_them_in_order(house_db: HouseDb) -> None:
    put(house_db, "fail.media", "closed")
    stated = house_db.ask(charter.all)
    assert [one.setting for one in stated] == list(SETTINGS.values())
    untouched = stated[0]
    assert (untouched.version, untouched.person, untouched.reason, untouched.changed_at) == (0, None, None, None)


def test_what_stood_before_stays(house_db: HouseDb) -> None:
    put(house_db, "fail.media", "closed", "first")
    put(house_db, "fail.text", "closed", "second")
    put(house_db, "fail.media", "open", "third")
    assert {one.reason for one in house_db.ask(charter.history)} == {"first", "second", "third"}
    mine = house_db.ask(lambda conn: charter.history(conn, "fail.media"))
    assert [(one.version, one.value, one.reason) for one in mine] == [(2, "open", "third"), (1, "closed", "first")]
    assert house_db.ask(store.CHARTER.disagreements) == []
