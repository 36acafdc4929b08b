"""A node's ground on a real database of each kind: `house_db`, for tests that must hold on both.

A pytest plugin (`tests/conftest.py` names it). Tables of a test's own stand in a `MetaData` of its own, so that the
shared one holds what the product declares and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
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
def postgres_template(postgres_server: Any) -> str:
    """The name of a database that has all tables; copying it is many times faster than making them."""
    name = f"template_{uuid4().hex}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    _with_tables(postgres_server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'beffroi.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def sqlite_db(tmp_path: Path) -> Iterator[HouseDb]:
    """On SQLite only: for what is about its files."""
    url = f"sqlite:///{tmp_path / 'beffroi.db'}"
    _with_tables(url)
    made = HouseDb(url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def postgres_db(postgres_server: Any, postgres_template: str, tmp_path: Path) -> Iterator[HouseDb]:
    """On PostgreSQL only: for what is about its sessions."""
    name = f"test_{uuid4().hex}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {postgres_template};")
    made = HouseDb(postgres_server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1), tmp_path)
    yield made
    made.close()
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture(params=["sqlite", "postgresql"])
def house_db(request: pytest.FixtureRequest) -> HouseDb:
    """On each database."""
    made: HouseDb = request.getfixturevalue("sqlite_db" if request.param == "sqlite" else "postgres_db")
    return made
