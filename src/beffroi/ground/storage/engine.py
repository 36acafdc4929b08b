"""The database: SQLite unless told otherwise, or PostgreSQL, opened so that nothing is assumed.

Owns: engines, PRAGMAs, and what a database's failure means to the caller.
Promises: SQLite runs in WAL with `synchronous=FULL`, foreign keys on, write transactions that begin
IMMEDIATE, and every PRAGMA is read back (an unread PRAGMA row hides an I/O error: seen);
readers cannot write.
Never does: retry in silence. A busy or full disk becomes `Unavailable`.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from ..kernel.errors import Conflict, Invalid, InvariantViolated, Refusal, Unavailable

_BUSY_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_S = 10
_READERS_MAX = 16
_READ_ONLY = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def set_pragma(connection: Any, name: str, value: str | int) -> None:
    """Set a PRAGMA, fetch its row, then read it again and compare.

    Raises:
        InvariantViolated: the database did not take the value.

    """
    connection.execute(f"PRAGMA {name} = {value}").fetchall()
    got = connection.execute(f"PRAGMA {name}").fetchone()
    if got is None or str(got[0]).lower() != str(value).lower():
        raise InvariantViolated("pragma-not-taken", f"PRAGMA {name} is {got and got[0]!r} instead of {value!r}")


class Database:
    """A write engine of one connection and a read engine of several."""

    def __init__(self, url: str) -> None:
        """`sqlite:///path` or `postgresql+psycopg://…`."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writer = self._open(write=True)
        self.reader = self._open(write=False)

    @property
    def sqlite_path(self) -> Path | None:
        """Where the file lies, on SQLite."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database and cannot write.

        Raises:
            Invalid: it was asked for something that no row can hold, such as a NUL in a text (PostgreSQL).
            Unavailable: the database did not answer.

        """
        try:
            with self.reader.connect() as conn, conn.begin():
                yield conn
        except (DBAPIError, PoolTimeout) as error:
            refusal = as_refusal(error) if isinstance(error, DBAPIError) else None
            raise refusal or as_unavailable(error) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a write transaction, committed on leaving unless an exception leaves with it.

        Raises:
            Unavailable: `record-not-written`, nothing was done; or `commit-in-doubt`, nobody can tell.

        """
        try:
            with self.writer.connect() as conn:
                transaction = conn.begin()
                try:
                    yield conn
                except BaseException:
                    transaction.rollback()
                    raise
                _commit(conn)
        except (DBAPIError, PoolTimeout) as error:
            raise as_unavailable(error) from error

    def empty_log(self) -> bool:
        """Move SQLite's write-ahead log into the database and empty the file: it holds what was deleted since.

        False if somebody reads or writes just now; nobody waits. PostgreSQL recycles its own log.

        Raises:
            Unavailable: the file could not be written.

        """
        if self.sqlite_path is None:
            return True
        try:
            with closing(sqlite3.connect(self.sqlite_path, timeout=0, isolation_level=None)) as conn:
                set_pragma(conn, "synchronous", 2)
                is_busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            cause = getattr(error, "sqlite_errorname", None) or type(error).__name__
            raise Unavailable(
                "log-not-emptied", f"the write-ahead log was not emptied ({cause})", cause=cause
            ) from error
        return not is_busy

    def close(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()

    def _open(self, *, write: bool) -> Engine:
        size = 1 if write else _READERS_MAX
        options: dict[str, Any] = {"poolclass": QueuePool, "pool_size": size, "max_overflow": 0, "pool_timeout": 30}
        options["hide_parameters"] = True  # an error of the database is logged, and what somebody posted is not
        if not self.is_sqlite:
            return self._open_postgresql(options, write=write)
        engine = create_engine(self.url, connect_args={"timeout": 10, "check_same_thread": False}, **options)
        event.listen(engine, "connect", _prepare_writer if write else _prepare_reader)
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(begin))
        return engine

    def _open_postgresql(self, options: dict[str, Any], *, write: bool) -> Engine:
        connect = {"connect_timeout": _CONNECT_TIMEOUT_S}
        serializer = partial(json.dumps, ensure_ascii=False, allow_nan=False)
        engine = create_engine(
            self.url, pool_pre_ping=True, connect_args=connect, json_serializer=serializer, **options
        )
        event.listen(engine, "connect", _prepare_postgresql)
        if not write:
            event.listen(engine, "begin", lambda conn: conn.execute(_READ_ONLY))
        return engine


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    # None: we begin ourselves. The driver's own implicit BEGIN is deferred and takes the lock too late.
    connection.isolation_level = None
    for name, value in (
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", _BUSY_TIMEOUT_MS),
        ("trusted_schema", 0),
        ("secure_delete", 1),  # what is deleted is overwritten: an erased platform id must not lie in a free page
        ("recursive_triggers", 1),  # otherwise INSERT OR REPLACE deletes past the append-only triggers
    ):
        set_pragma(connection, name, value)


def _prepare_reader(connection: sqlite3.Connection, record: object) -> None:
    _prepare_writer(connection, record)
    set_pragma(connection, "query_only", 1)


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Wait for locks no longer than on SQLite; a commit that was acknowledged is on the server's disk."""
    with connection.cursor() as cursor:
        _set_session(cursor, "lock_timeout", f"{_BUSY_TIMEOUT_MS // 1000}s")
        if cursor.execute("SHOW synchronous_commit").fetchone()[0] == "off":
            _set_session(cursor, "synchronous_commit", "on")
    connection.commit()  # a SET is undone by a rollback


def _set_session(cursor: Any, name: str, value: str) -> None:
    got = cursor.execute("SELECT set_config(%s, %s, false)", (name, value)).fetchone()[0]
    if got != value:
        raise InvariantViolated("setting-not-taken", f"{name} is {got!r} instead of {value!r}")


def _commit(conn: Connection) -> None:
    try:
        conn.commit()
    except DBAPIError as error:
        if is_undone(error):
            raise
        raise Unavailable(
            "commit-in-doubt",
            f"the database did not confirm the commit ({_cause(error)}); the same call may be made again",
            cause=_cause(error),
        ) from error


def is_undone(error: DBAPIError) -> bool:
    """Whether a commit that failed like this has certainly not happened.

    SQLite says so of a full disk and of a lock. After an I/O error the commit may lie in the write-ahead log and
    come back with the next start; after a lost connection PostgreSQL may have committed. PostgreSQL's own refusals
    carry a state.
    """
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY}
    return bool(getattr(error.orig, "sqlstate", None))


def as_refusal(error: DBAPIError) -> Refusal | None:
    """What the database refused because of the values it was given, as ours; None for any other failure."""
    if isinstance(error, IntegrityError):
        return Conflict("already-there", "this was written before, or contradicts what is written")
    if isinstance(error, DataError):
        return Invalid("not-storable", "the database cannot hold one of these values")
    return None


def as_unavailable(error: DBAPIError | PoolTimeout) -> Unavailable:
    """The database's failure as ours: nothing was done, the same call may succeed later."""
    cause = _cause(error)
    return Unavailable("record-not-written", f"the database did not answer ({cause}); nothing was done", cause=cause)


def _cause(error: DBAPIError | PoolTimeout) -> str:
    """`SQLITE_FULL`, `53100`, or a type: never the database's words, which may quote a value."""
    orig = getattr(error, "orig", None) or error
    return getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or type(orig).__name__
