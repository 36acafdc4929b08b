"""Whether the database is whole, as far as it can tell by itself; the storage's part of `beffroi fsck`.

Owns: the database's own checks, and the presence of the triggers that make the record append-only.
Promises: each flaw is named with its place; nothing is changed.
Never does: know what a row means; `Rows.compare` and the ledger's check do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ..kernel.errors import Unavailable
from .engine import Database
from .triggers import APPEND_ONLY, names

_SQLITE_TRIGGERS = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL_TRIGGERS = text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something is wrong at `place`."""

    place: str
    message: str


def flaws(database: Database) -> Iterator[Flaw]:
    """All that is found; on PostgreSQL the server checks its own pages, here are only the triggers."""
    try:
        with database.read() as conn:
            if database.is_sqlite:
                yield from _damaged_pages(conn)
            yield from _missing_triggers(conn, is_sqlite=database.is_sqlite)
    except Unavailable as failure:
        yield Flaw("database", failure.message)


def _damaged_pages(conn: Connection) -> Iterator[Flaw]:
    for (said,) in conn.execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield Flaw("database", said)
    for table, row, parent, _ in conn.execute(text("PRAGMA foreign_key_check")):
        yield Flaw(f"table {table}, row {row}", f"it points to a row of {parent} that is not there")


def _missing_triggers(conn: Connection, *, is_sqlite: bool) -> Iterator[Flaw]:
    present = set(conn.execute(_SQLITE_TRIGGERS if is_sqlite else _POSTGRESQL_TRIGGERS).scalars())
    for table in APPEND_ONLY:
        for name in names(table, "sqlite" if is_sqlite else "postgresql"):
            if name not in present:
                yield Flaw(f"table {table}", f"the trigger {name} is gone or switched off: its rows can be changed")
