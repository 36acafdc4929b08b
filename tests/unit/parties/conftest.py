"""The same tests on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.storage import Actor, Database, Event, Tx, Vault, Writer, metadata
from beffroi.ground.storage.effects import effect_table
from beffroi.ground.storage.events import event_table
from beffroi.parties.store import RECORDS

T = TypeVar("T")


class House:
    """The ground, with the tables of `parties` on it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = FakeClock()
        self.database = Database(url)
        self.vault = Vault(folder / "vault.db")
        self.recorded: list[Event] = []
        metadata.create_all(self.database.writer, [event_table, effect_table, *(kept.table for kept in RECORDS)])
        self.writer = Writer(self.database, self.vault, self.clock, self._settle)

    def _settle(self, tx: Tx) -> None:
        self.recorded.extend(tx.recorded)
        tx.recorded.clear()

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.writer.run("law", Actor("person", "prs_ada"), work)

    def ask(self, question: Callable[[Connection], T]) -> T:
        with self.database.read() as conn:
            return question(conn)

    def close(self) -> None:
        self.writer.close()
        self.database.close()
        self.vault.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path}/x.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    house = House(tmp_path, url)
    yield house
    house.close()
