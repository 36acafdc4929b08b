"""Letting go of rows whose time is over, a few at a time.

Owns: the two ways in which rows end: by their age, and by being asked whether anything needs them.
Promises: due rows are found by index; what goes with a row (keys, blobs) goes in its transaction; whoever is still
needed is asked about again, not looked at every second; two processes never let go of the same row.
Never does: know what needs a row; `flow.retention` does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, Update, and_, bindparam, delete, select, update

from beffroi.ground.storage import Tx

from .keeping import Keeping

Row = RowMapping
Need = Callable[[Connection, Row, datetime], datetime | None]
"""Until when a row is needed at least; None, or an instant that has passed: nothing needs it any more."""
LetGo = Callable[[Tx, Row], None]


def is_any_over(keeping: Keeping, conn: Connection, now: datetime) -> bool:
    """Whether a row is past its age."""
    return _is_any(keeping, conn, _over(keeping, conn, now))


def is_any_due(keeping: Keeping, conn: Connection, now: datetime) -> bool:
    """Whether it is time to ask about a row."""
    return _is_any(keeping, conn, _due(keeping, now))


def end(keeping: Keeping, tx: Tx, limit: int) -> int:
    """Delete up to `limit` rows that are past their age; returns how many."""
    chosen = _over(keeping, tx.conn, tx.now)
    return 0 if chosen is None else let_go(keeping, tx, _locked(tx, keeping.table, chosen, limit))


def ask(keeping: Keeping, need: Need, release: LetGo | None, tx: Tx, limit: int) -> int:
    """Ask about up to `limit` rows that are due; returns how many went. `release` stands in for deleting the row."""
    chosen = _due(keeping, tx.now)
    rows = [] if chosen is None else _locked(tx, keeping.table, chosen, limit)
    gone = []
    for row in rows:
        until = need(tx.conn, row, tx.now)
        if until is None or until <= tx.now:
            gone.append(row)
        else:
            tx.conn.execute(_at(keeping.table).values(look_at=until), _key(keeping.table, row))
    if release is None:
        return let_go(keeping, tx, gone)
    for row in gone:
        release(tx, row)
    return len(gone)


def let_go(keeping: Keeping, tx: Tx, rows: Sequence[Row]) -> int:
    """Delete these rows, and what goes with them; returns how many."""
    if not rows:
        return 0
    if keeping.retention.also is not None:
        keeping.retention.also(tx, rows)
    table = keeping.table
    tx.conn.execute(delete(table).where(_matches(table)), [_key(table, row) for row in rows])
    return len(rows)


def _is_any(keeping: Keeping, conn: Connection, chosen: ColumnElement[bool] | None) -> bool:
    query = select(*keeping.table.primary_key).limit(1)
    return chosen is not None and conn.execute(query.where(chosen)).first() is not None


def _over(keeping: Keeping, conn: Connection, now: datetime) -> ColumnElement[bool] | None:
    return None if keeping.retention.over is None else keeping.retention.over(conn, now)


def _due(keeping: Keeping, now: datetime) -> ColumnElement[bool] | None:
    return keeping.table.c.look_at <= now if keeping.retention.asked else None


def _locked(tx: Tx, table: Table, chosen: ColumnElement[bool], limit: int) -> Sequence[Row]:
    query = select(table).where(chosen).limit(limit).with_for_update(skip_locked=True)
    return tx.conn.execute(query).mappings().all()


def _at(table: Table) -> Update:
    return update(table).where(_matches(table))


def _matches(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


def _key(table: Table, row: Row) -> dict[str, object]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key}
