"""Killed at any moment, a node loses nothing it acknowledged and does nothing twice (DESIGN §7)."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from beffroi.app import connector_of, open_house
from beffroi.doors.workers import Crew
from beffroi.flow.house import House
from beffroi.flow.records import ROWS
from beffroi.ground.ledger.check import check
from beffroi.ground.ledger.checkpoint import log_keys
from beffroi.ground.storage import effects
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.keys import Purpose
from tests.nodes import without_decoders

from . import storm
from .receiver import Receiver

KILLS = int(os.environ.get("BEFFROI_STORM_KILLS", "240"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind; "" is SQLite in the node's own folder."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.mark.timeout(600)
def test_what_was_acknowledged_is_there_once(tmp_path: Path, database: str) -> None:
    receiver, acks = Receiver(), tmp_path / "acks"
    seed = os.environ.get("BEFFROI_STORM_SEED", "20261123")
    arguments = [str(tmp_path / "node"), database, str(receiver.port), str(KILLS), seed, str(acks)]
    with (tmp_path / "errors").open("w") as errors:
        storming = [sys.executable, "-m", "tests.crash.storm", *arguments]
        subprocess.run(storming, check=True, stderr=errors, cwd=Path(__file__).parents[2])
    chosen = storm.settings(tmp_path / "node", database, receiver.port)
    with without_decoders(), open_house(chosen) as house:
        _let_it_finish(house, chosen)
        told = [line.split() for line in acks.read_text().splitlines() if line.count(" ") == 2]
        _assert_all_there(house, told, receiver)
        _assert_sound(house)
    receiver.close()
    counted = Counter(line[0] for line in told)
    print(f"{KILLS} kills, {counted['item']} items and {counted['decision']} decisions acknowledged")
    assert counted["item"] > KILLS / 2
    assert counted["decision"] > KILLS / 8


def _let_it_finish(house: House, chosen: object) -> None:
    """Start as any node does after a crash, and wait until nothing is due."""
    if house.database.is_sqlite:
        house.write("law", NODE, lambda tx: effects.release_all(tx.conn))
    crew = Crew(house, connector_of(chosen, house))  # type: ignore[arg-type]
    crew.start()
    end = time.monotonic() + 180  # on PostgreSQL the leases of the dead must end first
    waiting: list[effects.StoredEffect] = []
    while time.monotonic() < end:
        with house.read() as conn:
            waiting = effects.recent(conn, limit=1, state=effects.EffectState.INTENDED)
        if not waiting:
            break
        time.sleep(0.2)
    crew.stop()
    assert not waiting, f"still waiting: {waiting[0]}"
    house.integrator.beat()


def _assert_all_there(house: House, told: list[list[str]], receiver: Receiver) -> None:
    with house.read() as conn:
        items = {row[0]: row[1] for row in conn.exec_driver_sql("SELECT platform_id, item FROM item_locator")}
        decisions = {row[0] for row in conn.exec_driver_sql("SELECT id FROM decision").all()}
        decided = Counter(row[0] for row in conn.exec_driver_sql("SELECT item FROM decision_item").all())
        restricted = Counter(row[0] for row in conn.exec_driver_sql("SELECT item FROM restriction").all())
        states = Counter(row[0] for row in conn.exec_driver_sql("SELECT state FROM restriction").all())
    for kind, first, second in told:
        if kind == "item":
            assert items.get(first) == second, f"acknowledged item {first} is not there"
        else:
            assert first in decisions, f"acknowledged decision {first} is not there"
    assert all(count == 1 for count in decided.values()), "an item was decided twice"
    assert restricted == decided, "a decision without its restriction, or one too many"
    assert set(states) == {"in_force"}, f"not everything was carried out: {states}"
    removed = Counter(receiver.removed())
    by_item = {item: platform_id for platform_id, item in items.items()}
    assert removed == Counter(by_item[item] for item in decided), "the platform was told something else"
    assert sum(receiver.sent.values()) >= len(receiver.applied)


def _assert_sound(house: House) -> None:
    with house.read() as conn:
        for rows in ROWS:
            assert rows.disagreements(conn) == [], f"{rows.aggregate} is not the fold of its events"
        keys = log_keys(house.settings.origin, house.ring.ever(Purpose.LEDGER))
        findings = list(check(conn, keys, house.clock.now()))
        assert findings == []
