"""Triggers that make a table append-only, on both databases.

Owns: the texts of the triggers; migrations and `create_all` both take them from here.
Promises: UPDATE and DELETE on the table fail, whoever asks.
Never does: stop somebody who owns the database file; the ledger's witnesses are for that.
"""

from sqlalchemy import DDL, Table, event

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
# Without a percent sign: `DDL` halves them on their way, `op.execute` does not.
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


APPEND_ONLY: list[str] = []
"""Names of all tables declared append-only; migrations must guard exactly these (a test)."""


def append_only(table: Table) -> Table:
    """Attach the triggers to the table's creation."""
    APPEND_ONLY.append(table.name)
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            event.listen(table, "after_create", _ddl(statement).execute_if(dialect=dialect))
    return table


def _ddl(statement: str) -> DDL:
    made: DDL = DDL(statement)  # type: ignore[no-untyped-call]
    return made


def names(table: str, dialect: str) -> list[str]:
    """What the triggers of one table are called."""
    return [f"{table}_no_{verb}" for verb in _verbs(dialect)]


def statements(table: str, dialect: str) -> list[str]:
    """The DDL for one table."""
    form = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    made = [form.format(table=table, verb=verb, VERB=verb.upper()).strip() for verb in _verbs(dialect)]
    return made if dialect == "sqlite" else [_POSTGRESQL_FUNCTION.strip(), *made]


def _verbs(dialect: str) -> tuple[str, ...]:
    return ("update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate")
