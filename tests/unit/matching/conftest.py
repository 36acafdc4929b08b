"""A small real house for `matching`, on a database of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.storage import Database, Event, Tx, Vault, Writer, metadata
from beffroi.matching.keeper import IndexKeeper
from tests.unit.matching.scene import House


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'beffroi.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    database = Database(database_url)
    metadata.create_all(database.writer)
    vault, clock, events = Vault(tmp_path / "vault.db"), FakeClock(), list[Event]()

    def settle(tx: Tx) -> None:
        events.extend(tx.recorded)
        tx.recorded.clear()

    writer = Writer(database, vault, clock, settle)
    made = House(database, writer, clock, IndexKeeper(database, clock), events)
    try:
        yield made
        assert made.unfolded() == []
    finally:
        writer.close()
        vault.close()
        database.close()
