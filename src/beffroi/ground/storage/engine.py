"""The database: SQLite unless told otherwise, or PostgreSQL, opened so that nothing is assumed.

Owns: engines, PRAGMAs, the schema check.
Promises: SQLite runs in WAL with `synchronous=FULL`, foreign keys on, write transactions that begin
IMMEDIATE, and every PRAGMA is read back (an unread PRAGMA row hides an I/O error: seen, house.md B2);
readers cannot write.
Never does: retry in silence. A busy or full disk becomes `Unavailable`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from ..kernel.errors import InvariantViolated, Unavailable

_BUSY_TIMEOUT_MS = 10_000
_READERS_MAX = 16


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
        """A connection that sees one moment of the database and cannot write."""
        try:
            with self.reader.connect() as conn, conn.begin():
                yield conn
        except DBAPIError as error:
            raise as_unavailable(error) from error

    def close(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()

    def _open(self, *, write: bool) -> Engine:
        size = 1 if write else _READERS_MAX
        options: dict[str, Any] = {"poolclass": QueuePool, "pool_size": size, "max_overflow": 0, "pool_timeout": 30}
        if not self.is_sqlite:
            return _with_read_only(create_engine(self.url, pool_pre_ping=True, **options), write=write)
        engine = create_engine(self.url, connect_args={"timeout": 10, "check_same_thread": False}, **options)
        event.listen(engine, "connect", _prepare_writer if write else _prepare_reader)
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(begin))
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
        ("recursive_triggers", 1),  # otherwise INSERT OR REPLACE deletes past the append-only triggers
    ):
        set_pragma(connection, name, value)


def _prepare_reader(connection: sqlite3.Connection, record: object) -> None:
    _prepare_writer(connection, record)
    set_pragma(connection, "query_only", 1)


def _with_read_only(engine: Engine, *, write: bool) -> Engine:
    if not write:
        event.listen(engine, "begin", lambda conn: conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")))
    return engine


def as_unavailable(error: DBAPIError) -> Unavailable:
    """The database's failure as ours: nothing was done, the same call may succeed later."""
    cause = type(error.orig).__name__
    return Unavailable("record-not-written", f"the database did not answer ({cause}); nothing was done", cause=cause)
