"""The record is append-only, whoever asks, on both databases."""

import pytest
from sqlalchemy import text

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.storage.triggers import APPEND_ONLY, statements
from tests.databases import HouseDb, triggers

INSERT = """
INSERT INTO event (seq, id, type, aggregate, aggregate_id, at, actor, schema, facts, personal, salt)
VALUES (1, 'evt_1', 'lamp-lit', 'lamp', 'lmp_1', 1, 'node', 1, '{}', '{}', :salt)
"""
STATEMENT = text(INSERT).bindparams(salt=b"")
CHANGES = ["UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event"]


@pytest.mark.parametrize("change", CHANGES)
def test_an_event_is_neither_changed_nor_deleted(house_db: HouseDb, change: str) -> None:
    if change.startswith("TRUNCATE") and house_db.database.is_sqlite:
        change = "DELETE FROM event WHERE true"  # SQLite has no TRUNCATE; its shortcut for this form asks no trigger
    house_db.run(lambda tx: tx.conn.execute(STATEMENT))
    with pytest.raises(Conflict) as refused:
        house_db.run(lambda tx: tx.conn.execute(text(change)))
    assert "event is append-only" in str(refused.value.__cause__)
    assert house_db.column("SELECT actor FROM event") == ["node"]


@pytest.mark.parametrize("form", ["INSERT OR REPLACE", "REPLACE"])
def test_sqlite_has_no_way_round_by_replacing(sqlite_db: HouseDb, form: str) -> None:
    sqlite_db.run(lambda tx: tx.conn.execute(STATEMENT))
    other = text(INSERT.replace("INSERT", form).replace("'node'", "'nobody'")).bindparams(salt=b"")
    with pytest.raises(Conflict):
        sqlite_db.run(lambda tx: tx.conn.execute(other))
    assert sqlite_db.column("SELECT actor FROM event") == ["node"]


def test_postgresql_has_no_way_round_by_upsert(postgres_db: HouseDb) -> None:
    postgres_db.run(lambda tx: tx.conn.execute(STATEMENT))
    upsert = text(f"{INSERT} ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'").bindparams(salt=b"")
    with pytest.raises(Conflict):
        postgres_db.run(lambda tx: tx.conn.execute(upsert))
    assert postgres_db.column("SELECT actor FROM event") == ["node"]


def test_every_declared_table_is_guarded(house_db: HouseDb) -> None:
    verbs = ("update", "delete") if house_db.database.is_sqlite else ("update", "delete", "truncate")
    guards = {(f"{table}_no_{verb}", table) for table in APPEND_ONLY for verb in verbs}
    assert set(house_db.ask(triggers)) == guards
    assert len(APPEND_ONLY) == len(set(APPEND_ONLY)) > 0


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_percent_sign_that_one_sender_halves_and_another_does_not(dialect: str) -> None:
    assert not any("%" in statement for statement in statements("event", dialect))
