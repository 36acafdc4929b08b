"""The representative is a human being, and can be erased."""

from sqlalchemy import select

from beffroi.ground.records import erase
from beffroi.parties import service, store
from tests.unit.parties.conftest import House
from tests.unit.parties.invented import AGORA, LEGAL


def test_the_representative_is_in_no_event_and_no_row(house: House) -> None:
    house.write(lambda tx: service.establish(tx, AGORA, LEGAL))
    assert "Zebedee" not in repr(house.recorded)
    rows = house.ask(
        lambda conn: [
            *conn.execute(select(store.organisation_table)).all(),
            *conn.execute(select(store.representative_table)).all(),
        ]
    )
    assert len(rows) == 2
    assert "Zebedee" not in repr(rows)


def test_the_representative_can_be_erased(house: House) -> None:
    subject = house.write(lambda tx: service.establish(tx, AGORA, LEGAL)).representative
    assert subject is not None
    assert house.ask(lambda conn: store.representative(conn, house.vault, subject)) == LEGAL
    house.write(lambda tx: erase(tx, subject, "request", store.RECORDS))
    assert house.ask(lambda conn: store.representative(conn, house.vault, subject)) is None
    assert house.ask(store.organisation) is not None


def test_every_table_is_declared() -> None:
    declared = {kept.table.name for kept in store.RECORDS}
    assert declared == {"organisation", "representative", "charter_setting", "charter_reason"}
