"""The power goes at any moment: the database comes back as it was after some commit, and after none that was told.

The statements are those of a node at work, recorded and replayed on its own schema over a file system that drops, tears
and reorders what was not synced (`power.py`). Each state is then opened by the product as every start opens it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from beffroi.flow.records import KEEPINGS, ROWS
from beffroi.ground.storage import Database, soundness
from tests.conftest import SOAK
from tests.crash.power import Disk, Step, after_cut, replay
from tests.unit.flow.node import opened

SEEDS = range(40) if SOAK else range(2)
_NAMES = count()


@dataclass(frozen=True)
class Work:
    """The database before, what was done to it, and what it was like after each commit."""

    before: bytes
    statements: list[str]
    states: list[str]


def state(path: Path) -> str:
    """A digest over every row of every table, as the product reads them."""
    database = Database(f"sqlite:///{path}")
    try:
        assert [flaw.message for flaw in soundness.flaws(database)] == []
        with database.read() as conn:
            assert [row for rows in ROWS for row in rows.disagreements(conn)] == []
            tables = [
                sorted(json.dumps(tuple(row), default=str) for row in conn.execute(keeping.table.select()))
                for keeping in KEEPINGS
            ]
    finally:
        database.close()
    return hashlib.sha256(json.dumps(tables).encode()).hexdigest()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    folder = tmp_path_factory.mktemp("work")
    with opened(folder / "node") as node:
        node.bank()
    before = (folder / "node/beffroi.db").read_bytes()
    statements: list[str] = []
    with opened(folder / "node") as node:
        with node.house.database.writer.connect() as conn:
            conn.connection.dbapi_connection.set_trace_callback(statements.append)
        for number in range(4):
            node.post(number)
        node.decide(node.cases()[0])
        node.move(minutes=2)
        node.work(rounds=1)
        node.house.integrator.beat()
        node.post(9, text="A quiet evening")
        node.move(days=8)
        node.sweep()
    statements = [s for s in statements if not s.startswith("--")]
    states = [*states_of(folder / "states", before, statements)]
    assert len(states) > 12
    return Work(before, statements, states)


def states_of(folder: Path, before: bytes, statements: list[str]) -> Iterator[str]:
    """What the database is like before, and after each commit."""
    folder.mkdir()
    written: list[str] = []
    commits = [n for n, statement in enumerate(statements) if statement.upper().startswith("COMMIT")]
    for number, upto in enumerate([-1, *commits]):
        path = folder / f"{number}.db"
        path.write_bytes(before)
        replay(Disk(f"plain-{next(_NAMES)}"), path, statements[: upto + 1])
        written.append(state(path))
    yield from written


def recorded(work: Work, path: Path, synchronous: str = "FULL") -> list[Step]:
    """Everything that the disk was told to do."""
    path.write_bytes(work.before)
    disk = Disk(f"cut-{next(_NAMES)}")
    replay(disk, path, work.statements, synchronous=synchronous)
    return disk.steps


def lost(work: Work, steps: list[Step], cut: int, seed: int, place: Path) -> str | None:
    """What is wrong with the state after a cut; None if nothing is."""
    done = steps[:cut]
    told = sum(step.kind == "commit" for step in done)
    place.mkdir()
    for name, content in after_cut(done, {"work.db": work.before}, seed).items():
        (place / name).write_bytes(content)
    try:
        found = state(place / "work.db")
    except Exception as error:  # noqa: BLE001 (a database that cannot be read is the finding)
        return f"cut {cut}, seed {seed}: {type(error).__name__} {error}"
    if found not in work.states[told:]:
        known = work.states.index(found) if found in work.states else None
        return f"cut {cut}, seed {seed}: {told} commits were told, the state is that after {known}"
    return None


@pytest.mark.timeout(7200 if SOAK else 600)
def test_a_power_cut_at_any_moment_leaves_a_commit_and_none_that_was_told_is_lost(work: Work, tmp_path: Path) -> None:
    steps = recorded(work, tmp_path / "work.db")
    assert sum(step.kind == "commit" for step in steps) == len(work.states) - 1
    assert {step.kind for step in steps} >= {"write", "sync", "truncate", "commit"}
    every = 1 if SOAK else max(1, len(steps) // 60)
    cuts = [*range(0, len(steps), every), len(steps)]
    wrong = [
        found
        for cut in cuts
        for seed in SEEDS
        if (found := lost(work, steps, cut, seed * 1000 + cut, tmp_path / f"{cut}-{seed}")) is not None
    ]
    print(f"{len(steps)} steps, {len(cuts) * len(SEEDS)} cuts")
    assert wrong == []


def test_without_syncs_the_same_cuts_do_lose(work: Work, tmp_path: Path) -> None:
    """What the test above is worth: it finds what SQLite loses when it is told not to sync."""
    steps = recorded(work, tmp_path / "work.db", "OFF")
    cuts = range(0, len(steps), max(1, len(steps) // 20))
    assert any(lost(work, steps, cut, cut, tmp_path / f"{cut}") for cut in cuts)
