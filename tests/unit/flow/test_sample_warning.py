"""The demo's warning: confirmed, waiting for a second person, and nothing in the queue because of it."""

from pathlib import Path

from beffroi.app import open_house
from beffroi.cases import store as cases
from beffroi.flow import sample
from beffroi.settings import Settings
from beffroi.threats import store, views
from beffroi.threats.model import ThreatState


def test_it_stands_there_once(tmp_path: Path) -> None:
    with open_house(Settings(data=tmp_path, demo=True, argon2="cheap", decoders=1)) as house:
        sample.fill(house)
        sample.fill(house)
        with house.read() as conn:
            [threat] = store.newest(conn, 9)
            assert (threat.state, threat.seconded_at) == (ThreatState.CONFIRMED, None)
            assert len(views.register(conn, house.clock.now()).live) == 4
            assert cases.queue(conn, limit=9) == []
            assert store.waiting(conn) == []
