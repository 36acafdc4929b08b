"""A damaged file and a trigger that is gone are found and named."""

from pathlib import Path

import pytest
from sqlalchemy import text

from beffroi.ground.storage import Database, Effect, Tx
from beffroi.ground.storage.soundness import flaws
from beffroi.ground.storage.triggers import APPEND_ONLY, names
from tests.databases import HouseDb


def found(house: HouseDb) -> list[tuple[str, str]]:
    return [(flaw.place, flaw.message) for flaw in flaws(house.database)]


def test_nothing_is_wrong(house_db: HouseDb) -> None:
    assert found(house_db) == []


@pytest.mark.parametrize("table", ["event", "ledger_leaf"])
def test_each_trigger_that_is_gone(house_db: HouseDb, table: str) -> None:
    for name in names(table, house_db.database.url.get_backend_name()):
        on = "" if house_db.database.is_sqlite else f" ON {table}"
        house_db.run(lambda tx, n=name, o=on: tx.conn.execute(text(f"DROP TRIGGER {n}{o}")))  # type: ignore[misc]
        ((place, message),) = [one for one in found(house_db) if name in one[1]]
        assert place == f"table {table}"
        assert "can be changed" in message


def test_a_trigger_that_is_switched_off(postgres_db: HouseDb) -> None:
    postgres_db.run(lambda tx: tx.conn.execute(text("ALTER TABLE event DISABLE TRIGGER event_no_delete")))
    assert [place for place, _ in found(postgres_db)] == ["table event"]


def test_every_append_only_table_is_looked_at(house_db: HouseDb) -> None:
    house_db.tamper()
    assert {place for place, _ in found(house_db)} == {f"table {table}" for table in APPEND_ONLY}


def test_a_row_that_points_nowhere(sqlite_db: HouseDb) -> None:
    def work(tx: Tx) -> None:
        tx.conn.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        tx.conn.execute(text("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id))"))
        tx.conn.execute(text("PRAGMA defer_foreign_keys = on"))

    sqlite_db.run(work)
    with sqlite_db.database.writer.connect() as conn:
        raw = conn.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys = off")
        raw.execute("INSERT INTO child VALUES (7, 8)")
    ((place, message),) = found(sqlite_db)
    assert place == "table child, row 7"
    assert "parent" in message


def test_a_database_that_gives_up(sqlite_db: HouseDb) -> None:
    sqlite_db.close()
    path = sqlite_db.folder / "beffroi.db"
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996  # the page that says which tables there are
    path.write_bytes(content)
    damaged = Database(sqlite_db.url)
    assert [flaw.place for flaw in flaws(damaged)][-1] == "database"
    damaged.close()


def test_damaged_pages(sqlite_db: HouseDb, tmp_path: Path) -> None:
    def work(tx: Tx) -> None:
        for number in range(200):
            tx.intend(Effect("ring", f"key-{number}", {"words": "x" * 2000}))

    sqlite_db.run(work)
    sqlite_db.run(lambda tx: tx.conn.execute(text("DELETE FROM effect WHERE key < 'key-15'")))
    sqlite_db.close()
    path = tmp_path / "beffroi.db"
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 4096 - 20, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    damaged = Database(sqlite_db.url)
    assert [flaw for flaw in flaws(damaged) if flaw.place == "database"]
    damaged.close()
