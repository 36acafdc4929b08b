"""What pages show of the organisation."""

from dataclasses import replace

from beffroi.parties import service, views
from tests.databases import HouseDb
from tests.unit.parties.invented import AGORA, LEGAL


def test_before_it_is_established(house_db: HouseDb) -> None:
    assert house_db.ask(views.organisation) is None
    empty = house_db.ask(lambda conn: views.imprint(conn, house_db.vault))
    assert (empty.organisation, empty.representative, empty.gaps) == (None, None, ("organisation",))


def test_the_imprint(house_db: HouseDb) -> None:
    organisation = house_db.run(lambda tx: service.establish(tx, replace(AGORA, country="NO")))
    missing = house_db.ask(lambda conn: views.imprint(conn, house_db.vault))
    assert (missing.organisation, missing.gaps) == (organisation, ("legal-representative",))
    house_db.run(lambda tx: service.amend(tx, replace(AGORA, country="NO"), LEGAL))
    whole = house_db.ask(lambda conn: views.imprint(conn, house_db.vault))
    assert (whole.representative, whole.gaps) == (LEGAL, ())
