"""An empty database brought to head by the migrations has exactly the schema that the code declares."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import beffroi.flow.records  # noqa: F401 (brings in every table)
from beffroi.ground.storage import Database, metadata
from beffroi.ground.storage.migrate import require_head
from beffroi.ground.storage.triggers import APPEND_ONLY
from tests.databases import HouseDb, triggers

OWN_OF_ALEMBIC = "alembic_version"


@pytest.fixture
def migrated(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    require_head(database)
    yield database
    database.close()


def test_nothing_is_missing_nothing_is_more(migrated: Database) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    with migrated.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []


def test_the_comparison_finds_a_difference(migrated: Database) -> None:
    with migrated.write() as conn:
        conn.execute(text("DROP INDEX ix_event_type"))
        conn.execute(
            text(
                "ALTER TABLE effect ADD COLUMN extra BIGINT"
                if not migrated.is_sqlite
                else "ALTER TABLE effect ADD COLUMN extra INTEGER"
            )
        )
    with migrated.read() as conn:
        found = compare_metadata(MigrationContext.configure(conn), metadata)
    assert {difference[0] for difference in found} == {"add_index", "remove_column"}


def test_the_triggers_are_these(migrated: Database) -> None:
    """Alembic's batch mode drops triggers without a word (DESIGN section 4, migrations)."""
    verbs = ("update", "delete") if migrated.is_sqlite else ("update", "delete", "truncate")
    with migrated.read() as conn:
        found = sorted(triggers(conn))
    assert found == sorted((f"{table}_no_{verb}", table) for table in APPEND_ONLY for verb in verbs)
    assert {table for _, table in found} == {"event", "ledger_leaf", "ledger_subtree", "ledger_checkpoint"}


def test_every_table_is_strict_on_sqlite(sqlite_db: HouseDb, tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    require_head(database)
    with database.read() as conn:
        strict = {name: bool(row) for name, row in conn.execute(text("SELECT name, strict FROM pragma_table_list"))}
    assert {name for name in metadata.tables if not strict.get(name)} == set()
    database.close()


def shape(conn: Connection) -> dict[str, Any]:
    """Everything about the tables that both ways of making them must agree on."""
    inspector = inspect(conn)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_unique_constraints(name), key=str),
            sorted(inspector.get_check_constraints(name), key=str),
            sorted(inspector.get_foreign_keys(name), key=str),
            sorted(str(index) for index in map(_plain, inspector.get_indexes(name))),
        )
        for name in inspector.get_table_names()
        if name != OWN_OF_ALEMBIC
    }


def _plain(index: Any) -> dict[str, Any]:
    return {**index, "dialect_options": {name: str(value) for name, value in index.get("dialect_options", {}).items()}}


def by_name(tables: dict[str, Any]) -> dict[str, Any]:
    """The same without the order of columns, which an added column cannot keep."""
    return {name: (sorted(columns), *rest) for name, (columns, *rest) in tables.items()}


def test_made_from_the_declarations_or_migrated_it_is_the_same(house_db: HouseDb, tmp_path: Any, request: Any) -> None:
    """What the comparison of Alembic leaves out: names of constraints, primary keys, checks."""
    if house_db.database.is_sqlite:
        database = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    else:
        database = Database(request.getfixturevalue("postgres_empty"))
    require_head(database)
    with database.read() as conn:
        migrated = by_name(shape(conn))
    database.close()
    assert migrated == by_name(house_db.ask(shape))
    assert set(migrated) == set(metadata.tables)
