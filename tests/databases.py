"""A node's ground on a real database of each kind: `house_db`, for tests that must hold on both.

A pytest plugin (`tests/conftest.py` names it). Tables of a test's own stand in a `MetaData` of its own, so that the
shared one holds what the product declares and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, text

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.storage import Actor, Database, Event, Lane, Tx, Vault, Writer, metadata
from beffroi.ground.storage.tx import NODE

T = TypeVar("T")


@dataclass
class HouseDb:
    """Database, vault, writer and clock of one node in `folder`; nothing reacts to events, they are noted."""

    url: str
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    recorded: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.vault = Vault(self.folder / "vault.db")
        self.writer = Writer(self.database, self.vault, self.clock, self._settle)
        self._others: list[HouseDb] = []

    def another(self) -> "HouseDb":
        """What a second process on the same files would have: connections, caches and a writer of its own."""
        other = HouseDb(self.url, self.folder, self.clock)
        self._others.append(other)
        return other

    def run(self, work: Callable[[Tx], T], *, lane: Lane = "law", actor: Actor = NODE) -> T:
        return self.writer.run(lane, actor, work)

    def ask(self, question: Callable[[Connection], T]) -> T:
        with self.database.read() as conn:
            return question(conn)

    def column(self, statement: str, **values: object) -> list[Any]:
        return self.ask(lambda conn: list(conn.execute(text(statement), values).scalars()))

    def tamper(self, *statements: str, **values: object) -> None:
        """Change the database as somebody would who owns it."""
        tamper(self.database, *statements, **values)

    def close(self) -> None:
        for other in self._others:
            other.close()
        self.writer.close()
        self.vault.close()
        self.database.close()

    def _settle(self, tx: Tx) -> None:
        self.recorded.extend(tx.recorded)
        tx.recorded.clear()


def tamper(database: Database, *statements: str, **values: object) -> None:
    """Change a database past its triggers, which are gone then. Each statement must hit something."""
    with database.write() as conn:
        for trigger, table in triggers(conn):
            on = "" if database.is_sqlite else f" ON {table}"
            conn.execute(text(f"DROP TRIGGER {trigger}{on}"))
        for statement in statements:
            assert conn.execute(text(statement), values).rowcount != 0, statement


def triggers(conn: Connection) -> list[tuple[str, str]]:
    """Name and table of every trigger."""
    found = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if conn.dialect.name == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    return [(name, table) for name, table in conn.execute(text(found))]


def _with_tables(url: str) -> None:
    import beffroi.flow.records  # noqa: F401 (brings in every table; here, so that tests without tables start at once)

    database = Database(url)
    metadata.create_all(database.writer)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite file that has all tables."""
    path = tmp_path_factory.mktemp("template") / "beffroi.db"
    _with_tables(f"sqlite:///{path}")
    return path.read_bytes()


_RESET = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LOOP
    PERFORM pg_terminate_backend(one.pid, 5000);
  END LOOP;
  EXECUTE format('ALTER DATABASE %I RESET ALL', current_database());
  FOR one IN SELECT oid::regclass AS name FROM pg_class
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 LOOP
    EXECUTE 'TRUNCATE ' || one.name || ' RESTART IDENTITY';
  END LOOP;
END $$
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_GUARDS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"


class Cluster:
    """A PostgreSQL server whose databases have all tables; one that was left in order is emptied and used again.

    Making a database takes half a second, emptying one a tenth of that.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._admin = psycopg.connect(server.get_uri("postgres"), autocommit=True)
        # The tests kill clients, never this server, and nobody needs its files afterwards.
        self._admin.execute("ALTER SYSTEM SET fsync = off")
        self._admin.execute("SELECT pg_reload_conf()")
        self._admin.execute("CREATE DATABASE with_tables")
        _with_tables(self.url("with_tables"))
        with psycopg.connect(server.get_uri("with_tables")) as conn:
            self._tables = {name for (name,) in conn.execute(_TABLES)}
            self._guards = conn.execute(_GUARDS).fetchone()
        self._free: list[str] = []

    def empty(self) -> str:
        """The name of a new database without any table."""
        return self._create("template1")

    def take(self) -> str:
        """The name of a database with all tables and no rows."""
        return self._free.pop() if self._free else self._create("with_tables")

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it, where that would not make it as new."""
        with psycopg.connect(self._server.get_uri(name), autocommit=True) as conn:
            own = {table for (table,) in conn.execute(_TABLES)} - self._tables
            for table in own:
                conn.execute(SQL("DROP TABLE {} CASCADE").format(Identifier(table)))
            is_whole = {table for (table,) in conn.execute(_TABLES)} == self._tables
            is_whole = is_whole and conn.execute(_GUARDS).fetchone() == self._guards
            if is_whole:
                conn.execute("SET session_replication_role = replica")  # past the append-only triggers
                conn.execute(_RESET)
        if is_whole:
            self._free.append(name)
        else:
            self.drop(name)

    def drop(self, name: str) -> None:
        """For databases that were taken apart."""
        self._admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def close(self) -> None:
        self._admin.close()

    def _create(self, template: str) -> str:
        name = f"test_{uuid4().hex}"
        self._admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        return name

    def url(self, name: str) -> str:
        """For SQLAlchemy."""
        return str(self._server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(scope="session")
def cluster(postgres_server: Any) -> Iterator[Cluster]:
    """One for the whole run of this process."""
    made = Cluster(postgres_server)
    yield made
    made.close()


@pytest.fixture
def postgres_empty(cluster: Cluster) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    name = cluster.empty()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'beffroi.db'}"
    url: str = request.getfixturevalue("postgres_empty")
    return url


@pytest.fixture
def sqlite_db(sqlite_template: bytes, tmp_path: Path) -> Iterator[HouseDb]:
    """On SQLite only: for what is about its files."""
    (tmp_path / "beffroi.db").write_bytes(sqlite_template)
    made = HouseDb(f"sqlite:///{tmp_path / 'beffroi.db'}", tmp_path)
    yield made
    made.close()


@pytest.fixture
def postgres_db(cluster: Cluster, tmp_path: Path) -> Iterator[HouseDb]:
    """On PostgreSQL only: for what is about its sessions."""
    name = cluster.take()
    made = HouseDb(cluster.url(name), tmp_path)
    yield made
    made.close()
    cluster.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def house_db(request: pytest.FixtureRequest) -> HouseDb:
    """On each database."""
    made: HouseDb = request.getfixturevalue("sqlite_db" if request.param == "sqlite" else "postgres_db")
    return made
