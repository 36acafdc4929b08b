"""What pages show of the organisation."""

from dataclasses import replace

from beffroi.parties import service, views
from tests.unit.parties.conftest import House
from tests.unit.parties.invented import AGORA, LEGAL


def test_before_it_is_established(house: House) -> None:
    assert house.ask(views.organisation) is None
    empty = house.ask(lambda conn: views.imprint(conn, house.vault))
    assert (empty.organisation, empty.representative, empty.gaps) == (None, None, ("organisation",))


def test_the_imprint(house: House) -> None:
    organisation = house.write(lambda tx: service.establish(tx, replace(AGORA, country="NO")))
    missing = house.ask(lambda conn: views.imprint(conn, house.vault))
    assert (missing.organisation, missing.gaps) == (organisation, ("legal-representative",))
    house.write(lambda tx: service.amend(tx, replace(AGORA, country="NO"), LEGAL))
    whole = house.ask(lambda conn: views.imprint(conn, house.vault))
    assert (whole.representative, whole.gaps) == (LEGAL, ())
