"""A copy is one moment of the database, whole or not there, and leads back to either database."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Database, Effect, Tx, metadata
from beffroi.ground.storage import copies as module
from beffroi.ground.storage.copies import copy_database, copy_rows, copy_sqlite, opened_copy
from beffroi.ground.storage.migrate import upgrade
from tests.databases import HouseDb
from tests.unit.ground.storage.lamps import Colour, LampPainted, tally_table


def fill(house: HouseDb, events: int = 3) -> None:
    def work(tx: Tx) -> None:
        for number in range(events):
            tx.record(LampPainted(f"lmp_{number}", Colour.RED), {SubjectId("sub_1"): b"a name"})
        tx.intend(Effect("ring", f"key-{uuid4()}", {"ä": [1, None, "\U0001f3ee"]}))

    house.run(work)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as conn:
        return {
            name: sorted(map(tuple, conn.execute(select(table))), key=str) for name, table in metadata.tables.items()
        }


@pytest.mark.parametrize("events", [0, 3, 2500])
def test_a_copy_holds_every_row(house_db: HouseDb, tmp_path: Path, events: int) -> None:
    with house_db.database.write() as conn:  # tables of these tests are none of the node's
        conn.execute(text("DROP TABLE tally"))
        conn.execute(text("DROP TABLE lamp"))
    fill(house_db, events)
    target = tmp_path / "copy.db"
    copy_database(house_db.database, target)
    assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(target)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copied = Database(f"sqlite:///{target}")
    assert rows(copied) == rows(house_db.database)
    copied.close()


def test_what_was_copied_to_postgresql_counts_on(house_db: HouseDb, postgres_empty: str) -> None:
    fill(house_db)
    target = Database(postgres_empty)
    upgrade(target)
    told: list[int] = []
    copy_rows(house_db.database, target, told.append)
    assert rows(target) == rows(house_db.database)
    assert told[-1] == sum(map(len, rows(target).values()))
    target.close()
    again = HouseDb(postgres_empty, house_db.folder)
    fill(again, 1)
    assert again.column("SELECT seq FROM event ORDER BY seq") == [1, 2, 3, 4]
    again.close()


def test_a_number_that_does_not_count_on_its_own_is_left_alone(postgres_db: HouseDb) -> None:
    """A whole number may be a key without a sequence behind it."""
    postgres_db.run(lambda tx: tx.conn.execute(text("INSERT INTO tally VALUES (7)")))
    postgres_db.run(lambda tx: tx.conn.execute(text("ALTER TABLE tally ALTER COLUMN n DROP DEFAULT")))
    postgres_db.run(lambda tx: tx.conn.execute(text("DROP SEQUENCE tally_n_seq")))
    postgres_db.run(lambda tx: module._set_sequence(tx.conn, tally_table))
    assert postgres_db.column("SELECT n FROM tally") == [7]


def test_a_copy_made_while_others_write_is_one_moment(house_db: HouseDb, tmp_path: Path) -> None:
    """Each transaction writes an event and a tally; a copy from between two of them has as many of both."""
    stop, written = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            number = written[0] = written[0] + 1

            def work(tx: Tx, number: int = number) -> None:
                tx.record(LampPainted(f"lmp_{number}", Colour.RED))
                tx.intend(Effect("ring", f"key-{number}", {"words": "x" * 5000}))

            house_db.run(work)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(4):
            before = house_db.column("SELECT count(*) FROM event")[0]
            copy_database(house_db.database, tmp_path / f"{number}.db")
            with closing(sqlite3.connect(tmp_path / f"{number}.db")) as conn:
                events, effects = (conn.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("event", "effect"))  # noqa: S608
                assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert events == effects >= before
    finally:
        stop.set()
        thread.join()
    assert written[0] > 4, "nothing was written meanwhile"


def test_a_missing_source_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        copy_sqlite(tmp_path / "nothing.db", tmp_path / "copy.db")
    assert not (tmp_path / "nothing.db").exists()


def test_odd_names(sqlite_db: HouseDb, tmp_path: Path) -> None:
    odd = tmp_path / "a ?mode=memory&#%41"
    odd.mkdir()
    copy_database(sqlite_db.database, odd / "copy?.db")
    copy_sqlite(odd / "copy?.db", odd / "again.db")
    assert {path.name for path in odd.iterdir()} == {"copy?.db", "again.db"}


@pytest.mark.parametrize("failing", ["copy_sqlite", "sync_folder", "_settle"])
def test_a_copy_that_failed_is_not_there(
    sqlite_db: HouseDb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "target").mkdir()
    monkeypatch.setattr(module, failing, fail)
    with pytest.raises(Unavailable) as failed:
        copy_database(sqlite_db.database, tmp_path / "target" / "copy.db")
    assert failed.value.code == "not-copied"
    left = [path.name for path in (tmp_path / "target").iterdir()]
    assert left == (["copy.db"] if failing == "sync_folder" else [])


def test_no_folder_to_copy_to(house_db: HouseDb, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as failed:
        copy_database(house_db.database, tmp_path / "nowhere" / "copy.db")
    assert failed.value.code == "not-copied"


def test_an_opened_copy_may_be_changed_and_is_gone_afterwards(house_db: HouseDb, tmp_path: Path) -> None:
    fill(house_db)
    source, staged = tmp_path / "copy.db", tmp_path / "staged.db"
    copy_database(house_db.database, source)
    before = source.read_bytes()
    with opened_copy(source, staged) as copy:
        with copy.write() as conn:
            assert conn.execute(text("DELETE FROM effect")).rowcount == 1
        assert staged.stat().st_mode & 0o777 == 0o600
    assert source.read_bytes() == before
    assert not list(tmp_path.glob("staged*"))


def test_what_is_no_database_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"a neutral text " * 1000)
    with pytest.raises(Unavailable), opened_copy(tmp_path / "copy.db", tmp_path / "staged.db"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
