"""The charter, on both databases."""

from typing import Any

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.parties import charter, store
from beffroi.parties.model import CharterChanged, Value
from beffroi.parties.settings import SETTINGS
from tests.unit.parties.conftest import House

ADA = PersonId("prs_ada")
WHY = "Live pictures of attacks spread within minutes."


def get(house: House, name: str) -> Any:
    return house.ask(lambda conn: charter.get(conn, name))


def put(house: House, name: str, value: Value, reason: str = WHY) -> None:
    house.write(lambda tx: charter.set(tx, name, value, ADA, reason))


def test_defaults_until_changed(house: House) -> None:
    assert get(house, "undo_hold_s") == 60
    assert get(house, "four_eyes.account_suspension") is True
    assert get(house, "categories") == ("terrorist_content",)
    with pytest.raises(NotFound):
        get(house, "no.such")


@pytest.mark.parametrize(
    ("name", "value"),
    [("fail.media", "closed"), ("undo_hold_s", 0), ("remedies.own_complaint", False), ("remedies.out_of_court", "Ω")],
)
def test_a_change_keeps_its_type(house: House, name: str, value: Value) -> None:
    put(house, name, value)
    assert get(house, name) == value
    assert type(get(house, name)) is type(value)
    stated = {one.setting.name: one for one in house.ask(charter.all)}[name]
    assert (stated.value, stated.version, stated.person, stated.reason) == (value, 1, ADA, WHY)
    assert type(stated.value) is type(value)


def test_every_change_is_an_event_with_a_person(house: House) -> None:
    put(house, "fail.media", "closed")
    event = CharterChanged("fail.media", "closed", "open", ADA, house.clock.now())
    assert house.recorded == [event]
    assert WHY not in repr(event.facts())


def test_refused_changes_change_nothing(house: House) -> None:
    for value, reason in (("ajar", WHY), ("closed", ""), (True, WHY)):
        with pytest.raises(Invalid):
            put(house, "fail.media", value, reason)
    with pytest.raises(Conflict):
        put(house, "fail.media", "open")
    with pytest.raises(NotFound):
        put(house, "no.such", "open")
    assert house.recorded == []
    assert house.ask(charter.history) == ()


def test_the_page_shows_all_of_them_in_order(house: House) -> None:
    put(house, "fail.media", "closed")
    stated = house.ask(charter.all)
    assert [one.setting for one in stated] == list(SETTINGS.values())
    untouched = stated[0]
    assert (untouched.version, untouched.person, untouched.reason, untouched.changed_at) == (0, None, None, None)


def test_what_stood_before_stays(house: House) -> None:
    put(house, "fail.media", "closed", "first")
    put(house, "fail.text", "closed", "second")
    put(house, "fail.media", "open", "third")
    assert {one.reason for one in house.ask(charter.history)} == {"first", "second", "third"}
    mine = house.ask(lambda conn: charter.history(conn, "fail.media"))
    assert [(one.version, one.value, one.reason) for one in mine] == [(2, "open", "third"), (1, "closed", "first")]
    assert house.ask(store.CHARTER.disagreements) == []
