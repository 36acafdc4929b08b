"""The representative is a human being, and can be erased."""

from sqlalchemy import select

from beffroi.ground.records import erase
from beffroi.parties import service, store
from tests.databases import HouseDb
from tests.unit.parties.invented import AGORA, LEGAL


def test_the_representative_is_in_no_event_and_no_row(house_db: HouseDb) -> None:
    house_db.run(lambda tx: service.establish(tx, AGORA, LEGAL))
    assert "Zebedee" not in repr(house_db.recorded)
    rows = house_db.ask(
        lambda conn: [
            *conn.execute(select(store.organisation_table)).all(),
            *conn.execute(select(store.representative_table)).all(),
        ]
    )
    assert len(rows) == 2
    assert "Zebedee" not in repr(rows)


def test_the_representative_can_be_erased(house_db: HouseDb) -> None:
    subject = house_db.run(lambda tx: service.establish(tx, AGORA, LEGAL)).representative
    assert subject is not None
    assert house_db.ask(lambda conn: store.representative(conn, house_db.vault, subject)) == LEGAL
    house_db.run(lambda tx: erase(tx, subject, "request", store.RECORDS))
    assert house_db.ask(lambda conn: store.representative(conn, house_db.vault, subject)) is None
    assert house_db.ask(store.organisation) is not None


def test_every_table_is_declared() -> None:
    declared = {kept.table.name for kept in store.RECORDS}
    assert declared == {"organisation", "representative", "charter_setting", "charter_reason", "authority"}
