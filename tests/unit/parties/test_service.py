"""The organisation, on both databases."""

from dataclasses import replace

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.parties import service, store, views
from beffroi.parties.model import Organisation, Size
from tests.databases import HouseDb
from tests.unit.parties.invented import AGORA, DESK, LEGAL


def establish(house_db: HouseDb) -> Organisation:
    return house_db.run(lambda tx: service.establish(tx, AGORA, LEGAL))


def test_established_once(house_db: HouseDb) -> None:
    organisation = establish(house_db)
    assert house_db.ask(views.organisation) == organisation
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.establish(tx, AGORA))
    assert house_db.ask(store.ORGANISATIONS.disagreements) == []


def test_nothing_to_amend(house_db: HouseDb) -> None:
    with pytest.raises(NotFound):
        house_db.run(lambda tx: service.amend(tx, AGORA))


def test_amended_with_the_same_representative(house_db: HouseDb) -> None:
    before = establish(house_db)
    after = house_db.run(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL))
    assert after.representative == before.representative
    assert (after.version, after.particulars.size) == (2, Size.LARGE)
    assert house_db.run(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL)) == after
    assert len(house_db.recorded) == 2
    assert house_db.ask(store.ORGANISATIONS.disagreements) == []


def test_another_representative_is_another_subject(house_db: HouseDb) -> None:
    before = establish(house_db)
    other = replace(LEGAL, name="Wilhelmina Quill")
    after = house_db.run(lambda tx: service.amend(tx, AGORA, other))
    assert after.representative not in {None, before.representative}
    assert house_db.ask(lambda conn: views.imprint(conn, house_db.vault)).representative == other
    none = house_db.run(lambda tx: service.amend(tx, AGORA))
    assert none.representative is None


def test_one_amends_what_one_saw(house_db: HouseDb) -> None:
    establish(house_db)
    house_db.run(lambda tx: service.amend(tx, replace(AGORA, size=Size.LARGE), LEGAL, version=1))
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.amend(tx, AGORA, LEGAL, version=1))


def test_what_is_refused_leaves_nothing(house_db: HouseDb) -> None:
    for refused in (
        lambda tx: service.establish(tx, replace(AGORA, country="x")),
        lambda tx: service.establish(tx, AGORA, replace(LEGAL, email="")),
    ):
        with pytest.raises(Invalid):
            house_db.run(refused)
    assert house_db.ask(views.organisation) is None
    assert house_db.recorded == []
    establish(house_db)
    with pytest.raises(Conflict):
        house_db.run(lambda tx: service.amend(tx, DESK))
