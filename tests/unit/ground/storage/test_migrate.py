"""A new database is brought to the newest schema, an older or newer one is refused, and nobody migrates twice."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.storage import Database
from beffroi.ground.storage.migrate import current, head, known, require_head, require_known, upgrade
from tests.databases import HouseDb, triggers

ALL_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


@pytest.fixture
def database(empty_url: str) -> Database:
    return Database(empty_url)


def set_schema(database: Database, to: str) -> None:
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :to").bindparams(to=to))


def test_a_new_database_comes_to_head(database: Database) -> None:
    assert current(database) is None
    require_head(database)
    assert current(database) == head() != ""
    require_head(database)
    upgrade(database)
    assert current(database) == head()
    database.close()


@pytest.mark.parametrize("schema", ["0000", "9999"])
def test_another_schema_is_refused_and_left_alone(database: Database, schema: str) -> None:
    require_head(database)
    set_schema(database, schema)
    with pytest.raises(Unavailable) as refused:
        require_head(database)
    assert refused.value.code == "schema-not-at-head"
    assert schema in refused.value.message
    assert head() in refused.value.message
    assert current(database) == schema
    database.close()


def test_asking_for_the_schema_takes_no_write_lock(house_db: HouseDb) -> None:
    with house_db.database.write():
        assert current(house_db.another().database) is None


def test_a_migration_that_fails_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as conn:
        conn.execute(text("CREATE TABLE upload (id TEXT)"))  # the last table of the first schema is in its way
    with pytest.raises(Unavailable):
        upgrade(database)
    assert current(database) is None
    with database.read() as conn:
        assert triggers(conn) == []
        with pytest.raises(Exception, match="event"):
            conn.execute(text("SELECT 1 FROM event"))
    database.close()


def test_two_processes_that_start_at_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(3)]
    barrier = threading.Barrier(len(databases))
    failures: list[BaseException] = []

    def start(database: Database) -> None:
        barrier.wait()
        try:
            require_head(database)
        except BaseException as error:  # noqa: BLE001 (told below)
            failures.append(error)

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [current(database) for database in databases] == [head()] * 3
    for database in databases:
        database.close()


def test_a_folder_with_a_percent_sign(tmp_path: Path) -> None:
    (tmp_path / "50%").mkdir()
    database = Database(f"sqlite:///{tmp_path / '50%' / 'beffroi.db'}")
    require_head(database)
    assert current(database) == head()
    database.close()


def test_what_is_known(database: Database) -> None:
    assert head() in known()
    require_known(None)
    require_known(head())
    with pytest.raises(Unavailable) as refused:
        require_known("9999")
    assert refused.value.code == "schema-not-known"
    require_head(database)
    set_schema(database, "9999")
    with pytest.raises(Unavailable):
        upgrade(database)
    database.close()
