"""Whole copies of the database, made while it is in use.

Owns: the form of a copy: one SQLite file, whichever database it was taken from.
Promises: a copy is one moment of the database; writers go on meanwhile; it is whole and durable on return, or
it is not there.
Never does: copy blobs or keys; decide when.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, select, text

from ..kernel.errors import Unavailable
from .engine import Database, set_pragma
from .files import sync_folder
from .migrate import upgrade
from .tables import metadata

_CHUNK = 1000


def copy_database(database: Database, target: Path) -> None:
    """Write a copy to `target`, readable by the owner only.

    Raises:
        Unavailable: it could not be read or written; there is no `target`.

    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        if database.sqlite_path is not None:
            copy_sqlite(database.sqlite_path, partial)
        else:
            _copy_into_file(database, partial)
        _settle(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable("not-copied", f"the database was not copied to {target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """One SQLite file into another, by its online backup: one read transaction, so that no writer waits."""
    there = f"{source.absolute().as_uri()}?mode=rw"  # otherwise a missing file would be made
    with closing(sqlite3.connect(there, uri=True, timeout=10)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)  # in one step: in several, every write by others would start it anew
        set_pragma(writing, "journal_mode", "delete")  # one file, that can be read where nothing can be written


@contextmanager
def opened_copy(source: Path, staged: Path) -> Iterator[Database]:
    """The copy `source`, copied once more to `staged` so that it may be changed; gone on leaving."""
    try:
        staged.touch(mode=0o600)
        copy_sqlite(source, staged)
        copy = Database(f"sqlite:///{staged}")
        try:
            yield copy
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise Unavailable("not-copied", f"{source} cannot be copied: {error}") from error
    finally:
        for path in staged.parent.glob(f"{staged.name}*"):
            path.unlink()


def copy_rows(source: Database, target: Database, progress: Callable[[int], None] = lambda _rows: None) -> None:
    """Every row of every table, from one database into an empty one of either kind at the same schema."""
    done = 0
    with source.read() as reading, target.write() as writing:
        for table in metadata.sorted_tables:
            rows = reading.execute(select(table).execution_options(yield_per=_CHUNK)).mappings()
            for chunk in rows.partitions():
                writing.execute(insert(table), [dict(row) for row in chunk])
                done += len(chunk)
                progress(done)
        if not target.is_sqlite:
            for table in metadata.sorted_tables:
                _set_sequence(writing, table)


def _copy_into_file(database: Database, path: Path) -> None:
    copy = Database(f"sqlite:///{path}")
    try:
        upgrade(copy)
        copy_rows(database, copy)
    finally:
        copy.close()
    with closing(sqlite3.connect(path)) as conn:
        set_pragma(conn, "journal_mode", "delete")


def _set_sequence(conn: Connection, table: Table) -> None:
    """PostgreSQL counts on by itself; it must know how far the copied rows have come."""
    column = table.autoincrement_column
    if column is None:
        return
    largest = conn.execute(select(func.max(column))).scalar()
    if largest is not None:
        name = text("SELECT pg_get_serial_sequence(:table, :column)")
        quoted = conn.dialect.identifier_preparer.format_table(table)
        sequence = conn.execute(name, {"table": quoted, "column": column.name}).scalar()
        if sequence is not None:
            conn.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :largest)"), {"sequence": sequence, "largest": largest}
            )


def _settle(partial: Path, target: Path) -> None:
    handle = os.open(partial, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    partial.replace(target)
    sync_folder(target.parent)
