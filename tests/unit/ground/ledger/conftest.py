"""A ledger on a real database, and a hand that goes behind its back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import text

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.ledger.integrate import Integrator
from beffroi.ground.ledger.store import StoredCheckpoint
from beffroi.ground.storage import Actor, Database, Event, Vault, Writer, metadata
from beffroi.ground.trust.ring import KeyRing

ORIGIN = "node.example/ledger"
KEEPER = Actor("person", "prs_keeper")


@dataclass(frozen=True, slots=True)
class LampLit(Event):
    lamp_id: str
    brightness: int
    aggregate: ClassVar[str] = "lamp"


class House:
    """One node's ground, with nothing on it but lamps."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = FakeClock()
        self.folder = folder
        self.database = Database(url)
        self.vault = Vault(folder / "vault.db")
        metadata.create_all(self.database.writer)
        self.writer = Writer(self.database, self.vault, self.clock, lambda _tx: None)
        self.ring = KeyRing.open(folder / "keys", self.clock)
        self.integrator = self.new_integrator()

    def new_integrator(self, origin: str = ORIGIN) -> Integrator:
        return Integrator(self.database, self.writer, self.ring, origin, self.clock)

    def light(self, count: int, *, first: int = 0) -> None:
        """Record `count` events; each fifth says something about a person."""

        def work(tx: Any) -> None:
            for number in range(first, first + count):
                personal = {SubjectId(f"sub_{number}"): b"a name"} if number % 5 == 0 else None
                tx.record(LampLit(f"lmp_{number}", number), personal)

        self.writer.run("law", KEEPER, work)

    def beat(self) -> StoredCheckpoint:
        return self.integrator.beat()

    def tamper(self, *statements: str, **values: object) -> None:
        """Change the database as somebody would who owns it: past the triggers."""
        with self.database.writer.connect() as conn, conn.begin():
            for trigger, table in _triggers(conn, self.database.is_sqlite):
                on = "" if self.database.is_sqlite else f" ON {table}"
                conn.execute(text(f"DROP TRIGGER {trigger}{on}"))
            for statement in statements:
                assert conn.execute(text(statement), values).rowcount != 0, statement

    def column(self, statement: str, **values: object) -> list[Any]:
        with self.database.read() as conn:
            return list(conn.execute(text(statement), values).scalars())

    def column_of_plan(self, statement: str) -> list[str]:
        """SQLite's own words on how it will search."""
        with self.database.read() as conn:
            return [row[-1] for row in conn.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]

    def close(self) -> None:
        self.writer.close()
        self.vault.close()
        self.database.close()


def _triggers(conn: Any, is_sqlite: bool) -> list[tuple[str, str]]:
    found = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if is_sqlite
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    return [(name, table) for name, table in conn.execute(text(found))]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """On SQLite."""
    made = House(tmp_path, f"sqlite:///{tmp_path / 'node.db'}")
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """On each database."""
    url = f"sqlite:///{tmp_path / 'node.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = House(tmp_path, url)
    yield made
    made.close()
