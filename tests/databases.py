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
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

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
        """Change the database as somebody would who owns it: past the triggers. Each statement must hit something."""
        with self.database.write() as conn:
            for trigger, table in triggers(conn):
                on = "" if self.database.is_sqlite else f" ON {table}"
                conn.execute(text(f"DROP TRIGGER {trigger}{on}"))
            for statement in statements:
                assert conn.execute(text(statement), values).rowcount != 0, statement

    def close(self) -> None:
        for other in self._others:
            other.close()
        self.writer.close()
        self.vault.close()
        self.database.close()

    def _settle(self, tx: Tx) -> None:
        self.recorded.extend(tx.recorded)
        tx.recorded.clear()


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


class Cluster:
    """A PostgreSQL server in which databases are made as copies of one that has all tables."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._admin = psycopg.connect(server.get_uri("postgres"), autocommit=True)
        # The tests kill clients, never this server, and nobody needs its files afterwards.
        self._admin.execute("ALTER SYSTEM SET fsync = off")
        self._admin.execute("SELECT pg_reload_conf()")
        self._admin.execute("CREATE DATABASE with_tables")
        _with_tables(self._url("with_tables"))

    def create(self, template: str = "with_tables") -> str:
        """The URL of a new database."""
        name = f"test_{uuid4().hex}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def drop(self, url: str) -> None:
        self._admin.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        self._admin.close()

    def _url(self, name: str) -> str:
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
    url = cluster.create("template1")
    yield url
    cluster.drop(url)


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
    url = cluster.create()
    made = HouseDb(url, tmp_path)
    yield made
    made.close()
    cluster.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def house_db(request: pytest.FixtureRequest) -> HouseDb:
    """On each database."""
    made: HouseDb = request.getfixturevalue("sqlite_db" if request.param == "sqlite" else "postgres_db")
    return made
