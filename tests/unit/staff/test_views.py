"""What pages show of people, sessions and keys."""

import pytest

from beffroi.ground.kernel.errors import NotAllowed, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import enrol, keys, service, store, views
from beffroi.staff.model import Method, PersonState, Role
from beffroi.staff.permissions import PLATFORM_SCOPES, PUBLIC
from tests.unit.staff.rig import House, identity

pytestmark = pytest.mark.parametrize("house_db", ["sqlite"], indirect=True)
"""Flows over stores that are tested on both databases."""


def test_everybody(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR, Role.MODERATOR)
    house.move(seconds=1)
    house.write(lambda tx: service.invite(tx, identity("mara"), [Role.MODERATOR], ada))
    first, second = house.ask(lambda conn: views.people(conn, house.vault))
    assert (first.name, first.email, first.state) == ("Ada", "ada@node.example", PersonState.ACTIVE)
    assert first.roles == (Role.MODERATOR, Role.ADMINISTRATOR)
    assert (second.name, second.state, second.joined_at) == ("Mara", PersonState.INVITED, None)
    assert "Ada" not in repr(first)
    assert "ada@" not in repr(first)


def test_without_a_vault_pseudonyms(house: House) -> None:
    mara = house.person("mara")
    (card,) = house.ask(lambda conn: views.people(conn, None))
    assert (card.name, card.email, card.shown_as) == (None, None, card.pseudonym)
    assert house.ask(lambda conn: views.names(conn, None)) == {mara: card.pseudonym}
    assert house.ask(lambda conn: views.names(conn, house.vault)) == {mara: "Mara"}


def test_an_erased_person_is_a_pseudonym(house: House) -> None:
    mara = house.person("mara")
    house.vault.destroy(store.subject_of(mara), house.clock.now())
    (card,) = house.ask(lambda conn: views.people(conn, house.vault))
    assert card.shown_as == card.pseudonym


def test_one_person(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR)
    house.sign_in("ada")
    issued = house.write(lambda tx: keys.issue(tx, "Agora", PLATFORM_SCOPES, ada, 30))
    page = house.ask(lambda conn: views.person(conn, house.vault, ada))
    assert page.card.name == "Ada"
    assert [event.type for event in page.events] == ["person-invited", "person-joined", "signed-in"]
    assert page.keys == (issued.key,)
    with pytest.raises(NotFound):
        house.ask(lambda conn: views.person(conn, house.vault, PersonId("prs_x")))


def test_ones_own_account(house: House) -> None:
    house.person("mara")
    house.sign_in("mara", agent="A Browser")
    house.move(hours=1)
    principal = house.principal(house.sign_in("mara", agent="Another Browser" * 100))
    enrol.recovery_codes(house.desk, principal)
    page = house.ask(lambda conn: views.own(conn, house.vault, principal))
    assert [(one.is_this_one, one.agent[:9], one.method) for one in page.sessions] == [
        (True, "Another B", Method.PASSWORD_CODE),
        (False, "A Browser", Method.PASSWORD_CODE),
    ]
    assert len(page.sessions[0].agent) == 200
    assert (page.passkeys, page.recovery_codes_left, page.card.name) == ((), 10, "Mara")
    assert page.telephone_since is not None
    with pytest.raises(NotAllowed):
        house.ask(lambda conn: views.own(conn, house.vault, PUBLIC))


def test_all_keys(house: House) -> None:
    ada = house.person("ada", Role.ADMINISTRATOR)
    first = house.write(lambda tx: keys.issue(tx, "Agora", PLATFORM_SCOPES, ada, 30)).key
    house.move(seconds=1)
    second = house.write(lambda tx: keys.issue(tx, "Forum", PLATFORM_SCOPES, ada, 30)).key
    house.write(lambda tx: keys.revoke(tx, first.id))
    cards = house.ask(lambda conn: views.api_keys(conn, house.clock.now()))
    assert [(card.id, card.label, card.is_live) for card in cards] == [
        (second.id, "Forum", True),
        (first.id, "Agora", False),
    ]
    assert set(cards[0].scopes) == PLATFORM_SCOPES
