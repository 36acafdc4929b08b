"""The organisation, on both databases."""

from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.parties import service, store, views
from beffroi.parties.model import Organisation, Size
from tests.unit.parties.conftest import House
from tests.unit.parties.invented import AGORA, DESK, LEGAL


def establish(house: House) -> Organisation:
    return house.write(lambda tx: service.establish(tx, AGORA, LEGAL))


def test_established_once(house: House) -> None:
    organisation = establish(house)
    assert house.ask(views.organisation) == organisation
    with pytest.raises(Conflict):
        house.write(lambda tx: service.establish(tx, AGORA))
    assert house.ask(store.ORGANISATIONS.disagreements) == []


def test_nothing_to_amend(house: House) -> None:
    with pytest.raises(NotFound):
        house.write(lambda tx: service.amend(tx, AGORA))


def test_amended_with_the_same_representative(house: House) -> None:
    before = establish(house)
    after = house.write(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL))
    assert after.representative == before.representative
    assert (after.version, after.particulars.size) == (2, Size.LARGE)
    assert house.write(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL)) == after
    assert len(house.recorded) == 2
    assert house.ask(store.ORGANISATIONS.disagreements) == []


def test_another_representative_is_another_subject(house: House) -> None:
    before = establish(house)
    other = replace(LEGAL, name="Wilhelmina Quill")
    after = house.write(lambda tx: service.amend(tx, AGORA, other))
    assert after.representative not in {None, before.representative}
    assert house.ask(lambda conn: views.imprint(conn, house.vault)).representative == other
    none = house.write(lambda tx: service.amend(tx, AGORA))
    assert none.representative is None


def test_one_amends_what_one_saw(house: House) -> None:
    establish(house)
    house.write(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL, version=1))
    with pytest.raises(Conflict):
        house.write(lambda tx: service.amend(tx, AGORA, LEGAL, version=1))


def test_what_is_refused_leaves_nothing(house: House) -> None:
    for refused in (
        lambda tx: service.establish(tx, replace(AGORA, country="x")),
        lambda tx: service.establish(tx, AGORA, replace(LEGAL, email="")),
    ):
        with pytest.raises(Invalid):
            house.write(refused)
    assert house.ask(views.organisation) is None
    assert house.recorded == []
    establish(house)
    with pytest.raises(Conflict):
        house.write(lambda tx: service.amend(tx, DESK))
