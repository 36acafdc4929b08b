"""Nothing about a connection is assumed: it is set, read, and compared; and what a failure means is told."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from beffroi.ground.kernel.errors import Conflict, Invalid, InvariantViolated, Unavailable
from beffroi.ground.storage import Database
from beffroi.ground.storage import engine as module
from beffroi.ground.storage.engine import as_refusal, as_unavailable, is_undone, set_pragma
from tests.databases import HouseDb

WANTED = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "trusted_schema": 0,
    "recursive_triggers": 1,
}


class Cursor:
    """What `execute` returns; the error of a PRAGMA waits in its row."""

    def __init__(self, row: object) -> None:
        self._row = row

    def fetchone(self) -> Any:
        if isinstance(self._row, Exception):
            raise self._row
        return self._row

    def fetchall(self) -> list[Any]:
        return [self.fetchone()]


class Connection:
    """A database that answers a PRAGMA with `row` and, asked again, with `afterwards`."""

    def __init__(self, row: object, afterwards: object) -> None:
        self._rows = [row, afterwards]
        self.asked: list[str] = []

    def execute(self, statement: str) -> Cursor:
        self.asked.append(statement)
        return Cursor(self._rows[len(self.asked) - 1])


def test_a_pragma_is_set_and_read_again() -> None:
    connection = Connection(("wal",), ("wal",))
    set_pragma(connection, "journal_mode", "wal")
    assert connection.asked == ["PRAGMA journal_mode = wal", "PRAGMA journal_mode"]


@pytest.mark.parametrize("afterwards", [("delete",), None])
def test_a_pragma_that_was_not_taken(afterwards: object) -> None:
    with pytest.raises(InvariantViolated) as refused:
        set_pragma(Connection(("wal",), afterwards), "journal_mode", "wal")
    assert refused.value.code == "pragma-not-taken"


def test_an_error_hidden_in_the_row_of_a_pragma_comes_out() -> None:
    with pytest.raises(sqlite3.OperationalError):
        set_pragma(Connection(sqlite3.OperationalError("disk I/O error"), ("wal",)), "journal_mode", "wal")


def test_a_pragma_that_sqlite_itself_does_not_take(tmp_path: Path) -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(InvariantViolated):
        set_pragma(connection, "journal_mode", "wal")  # a database in memory keeps its own
    connection.close()


def test_both_engines_of_sqlite_have_every_pragma(sqlite_db: HouseDb) -> None:
    def asked(conn: Any) -> dict[str, object]:
        return {name: conn.execute(text(f"PRAGMA {name}")).scalar_one() for name in (*WANTED, "query_only")}

    with sqlite_db.database.writer.connect() as conn:
        assert asked(conn) == {**WANTED, "query_only": 0}
    assert sqlite_db.ask(asked) == {**WANTED, "query_only": 1}


def test_a_write_transaction_of_sqlite_takes_the_lock_at_once(sqlite_db: HouseDb) -> None:
    other = sqlite3.connect(sqlite_db.folder / "beffroi.db", timeout=0)
    with sqlite_db.database.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_reader_cannot_write(house_db: HouseDb) -> None:
    with pytest.raises(Unavailable):
        house_db.ask(lambda conn: conn.execute(text("DELETE FROM effect")))


def test_a_reader_sees_one_moment(house_db: HouseDb) -> None:
    count = text("SELECT count(*) FROM tally")
    with house_db.database.read() as conn:
        before = conn.execute(count).scalar_one()
        house_db.run(lambda tx: tx.conn.execute(text("DELETE FROM tally")))
        house_db.run(lambda tx: tx.conn.execute(text("INSERT INTO tally VALUES (7)")))
        assert conn.execute(count).scalar_one() == before == 0
    assert house_db.ask(lambda conn: conn.execute(count).scalar_one()) == 1


def test_a_write_is_there_after_it_and_not_before(house_db: HouseDb) -> None:
    with house_db.database.write() as conn:
        conn.execute(text("INSERT INTO tally VALUES (7)"))
        assert house_db.column("SELECT count(*) FROM tally") == [0]
    assert house_db.column("SELECT count(*) FROM tally") == [1]


def test_a_write_that_ends_by_an_exception_never_was(house_db: HouseDb) -> None:
    with pytest.raises(ZeroDivisionError), house_db.database.write() as conn:
        conn.execute(text("INSERT INTO tally VALUES (7)")).rowcount / 0
    assert house_db.column("SELECT count(*) FROM tally") == [0]


def test_a_write_that_the_database_fails_is_unavailable(house_db: HouseDb) -> None:
    with pytest.raises(Unavailable) as failed, house_db.database.write() as conn:
        conn.execute(text("SELECT * FROM no_such_table"))
    assert failed.value.code == "record-not-written"


def test_readers_that_are_all_taken(house_db: HouseDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_db.database.reader.pool, "_timeout", 0.01)
    taken = [house_db.database.reader.connect() for _ in range(module._READERS_MAX)]
    with pytest.raises(Unavailable):
        house_db.ask(lambda conn: conn)
    for connection in taken:
        connection.close()
    assert house_db.ask(lambda conn: conn.execute(text("SELECT 1")).scalar_one()) == 1


def test_postgresql_waits_for_a_lock_as_long_as_sqlite(postgres_db: HouseDb) -> None:
    assert postgres_db.column("SHOW lock_timeout") == ["10s"]
    with postgres_db.database.write() as conn:
        assert conn.execute(text("SHOW lock_timeout")).scalar_one() == "10s"


def test_postgresql_is_not_let_acknowledge_before_the_disk_has_it(postgres_db: HouseDb) -> None:
    with postgres_db.database.write() as conn:
        name = conn.execute(text("SELECT current_database()")).scalar_one()
        conn.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    later = Database(postgres_db.url)
    with later.write() as conn:
        assert conn.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        conn.rollback()
        conn.begin()
        assert conn.execute(text("SHOW synchronous_commit")).scalar_one() == "on", "undone by a rollback"
    later.close()


def test_a_setting_that_postgresql_does_not_take() -> None:
    class Refusing:
        def execute(self, _statement: str, _values: object) -> Cursor:
            return Cursor(("off",))

    with pytest.raises(InvariantViolated) as refused:
        module._set_session(Refusing(), "synchronous_commit", "on")
    assert refused.value.code == "setting-not-taken"


def test_no_database_at_that_address() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable) as failed, database.read():
        pass
    assert failed.value.code == "record-not-written"
    assert database.sqlite_path is None
    database.close()


# What a failure means


def sqlite_error(code: int, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind("a text that may quote a value")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_SOMETHING"
    return error


class ServerError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("a text that may quote a value")
        self.sqlstate = sqlstate


CODES = [
    (sqlite_error(sqlite3.SQLITE_FULL), True),
    (sqlite_error(sqlite3.SQLITE_BUSY | (2 << 8)), True),
    (sqlite_error(sqlite3.SQLITE_IOERR), False),
    (sqlite_error(sqlite3.SQLITE_IOERR | (4 << 8)), False),  # SQLITE_IOERR_FSYNC
    (ServerError("40001"), True),
    (ServerError(None), False),  # the connection was lost
]


@pytest.mark.parametrize(("orig", "undone"), CODES)
def test_whether_a_failed_commit_certainly_did_not_happen(orig: Exception, undone: bool) -> None:
    assert is_undone(OperationalError("COMMIT", None, orig)) is undone


@pytest.mark.parametrize(("orig", "undone"), CODES)
def test_a_commit_in_doubt_is_told_apart(
    sqlite_db: HouseDb, monkeypatch: pytest.MonkeyPatch, orig: Exception, undone: bool
) -> None:
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", None, orig)

    monkeypatch.setattr("sqlalchemy.engine.Connection.commit", fail)
    with pytest.raises(Unavailable) as failed, sqlite_db.database.write() as conn:
        conn.execute(text("INSERT INTO tally VALUES (7)"))
    assert failed.value.code == ("record-not-written" if undone else "commit-in-doubt")
    monkeypatch.undo()
    with sqlite_db.database.write() as conn:  # the connection went back clean
        conn.execute(text("INSERT INTO tally VALUES (8)"))


def test_what_is_the_values_fault_and_what_is_not() -> None:
    orig = ServerError("23505")
    assert isinstance(as_refusal(IntegrityError("", None, orig)), Conflict)
    assert isinstance(as_refusal(DataError("", None, orig)), Invalid)
    assert as_refusal(OperationalError("", None, orig)) is None


@pytest.mark.parametrize(
    ("orig", "cause"),
    [(ServerError("53100"), "53100"), (sqlite_error(sqlite3.SQLITE_FULL), "SQLITE_SOMETHING"), (OSError(), "OSError")],
)
def test_a_cause_is_a_name_and_never_the_databases_words(orig: Exception, cause: str) -> None:
    told = as_unavailable(DBAPIError("INSERT …", {"name": "a name"}, orig))
    assert told.facts == {"cause": cause}
    assert cause in told.message
    assert "name" not in told.message
    assert "quote" not in told.message


def test_an_error_does_not_show_what_was_written(house_db: HouseDb) -> None:
    with pytest.raises(Unavailable) as failed, house_db.database.write() as conn:
        conn.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "what somebody posted"})
    told = failed.value.__cause__
    assert "nowhere" in str(told)
    assert "what somebody posted" not in str(told)


def test_asking_for_what_no_row_can_hold_is_no_fault_of_the_database(postgres_db: HouseDb) -> None:
    with pytest.raises(Invalid), postgres_db.database.read() as conn:
        conn.execute(text("SELECT 1 FROM event WHERE id = :id"), {"id": "evt_\0"})
    with postgres_db.database.read() as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1
