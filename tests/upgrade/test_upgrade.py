"""A node of every released schema, with data, comes to the newest one whole; the way back is a restore (house rule R9).

`released/<schema>.tar.xz` are folders that a program of that schema left. From the first tag on, the last release makes
one more, by its own code, each time the tests run.
"""

import shutil
import sqlite3
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from beffroi.content import store as content_store
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.storage import Database, migrate
from beffroi.settings import Settings
from tests.unit.flow.node import Node, opened
from tests.unit.flow.worked import CANARY, Blind, work

from .make import RELEASED, last_tag, make_by_tag, packed, unpacked

FIXTURES = sorted(path.name.removesuffix(".tar.xz") for path in RELEASED.glob("*.tar.xz"))


def quiet(_what: str, _done: int, _of: int | None) -> None:
    """Nobody looks."""


@pytest.fixture
def clock() -> FakeClock:
    """An hour after everything that happened."""
    clock = FakeClock()
    clock.move(timedelta(hours=3))
    return clock


def findings(settings: Settings, clock: FakeClock) -> list[str]:
    with upkeep.open_premises(settings, clock) as premises:
        found = fsck.check(premises, frozenset(PERFORMERS), clock.now(), fsck.Counts(), quiet)
        return [f"{finding.code} at {finding.place}" for finding in found]


def comes_to_head(folder: Path, clock: FakeClock) -> None:
    """What must hold for a node that a release left in `folder`."""
    settings = Settings(data=folder)
    done = upkeep.bring_to_head(settings, clock.now())
    assert done.after == migrate.head()
    assert (done.copy is None) is (done.before == done.after)
    assert findings(settings, clock) == []
    with opened(folder, Blind(), clock) as node:
        assert CANARY in told_of(node, "p-1")
        node.post(10, text="a post after the upgrade")
        node.work()
        node.sweep()
        node.house.integrator.beat()
        assert node.sound()
    assert findings(settings, clock) == []


def told_of(node: Node, platform_id: str) -> str:
    item = node.ask(content_store.item_by_platform_id, platform_id)
    assert item is not None
    return str(node.ask(content_store.profile, node.house.vault, item.account))


@pytest.mark.parametrize("schema", FIXTURES)
def test_a_released_schema_with_data_comes_to_head(schema: str, tmp_path: Path, clock: FakeClock) -> None:
    comes_to_head(unpacked(RELEASED / f"{schema}.tar.xz", tmp_path / "node"), clock)


@pytest.mark.parametrize("schema", FIXTURES)
def test_it_comes_to_head_on_postgresql_by_backup_and_restore(
    schema: str, tmp_path: Path, clock: FakeClock, postgres_url: str
) -> None:
    old = Settings(data=unpacked(RELEASED / f"{schema}.tar.xz", tmp_path / "node"))
    upkeep.back_up(old, clock, tmp_path / "backup", tmp_path / "chest", quiet)  # of an older schema, by this program
    new = Settings(data=tmp_path / "new", database=postgres_url)
    upkeep.restore(new, clock, tmp_path / "backup", tmp_path / "chest", same_log=True, progress=quiet)
    assert findings(new, clock) == []
    with opened(tmp_path / "new", Blind(), clock, database=postgres_url) as node:
        assert CANARY in told_of(node, "p-1")
        node.post(10, text="a post after the upgrade")
        node.house.integrator.beat()
        assert node.sound()


@pytest.mark.parametrize("schema", FIXTURES)
def test_back_means_restore(schema: str, tmp_path: Path, clock: FakeClock) -> None:
    """Either the copy that `migrate` made, or a backup from before: both are what the old program left."""
    folder = unpacked(RELEASED / f"{schema}.tar.xz", tmp_path / "node")
    before = dump(folder / "beffroi.db")
    done = upkeep.bring_to_head(Settings(data=folder), clock.now())
    if done.copy is None:
        pytest.skip(f"schema {schema} is the newest: there is nothing to go back from yet")
    with opened(folder, Blind(), clock) as node:
        node.post(10, text="a post after the upgrade")
    assert dump(folder / "beffroi.db") != before
    for name in ("beffroi.db", "beffroi.db-wal", "beffroi.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(done.copy, folder / "beffroi.db")
    assert dump(folder / "beffroi.db") == before


def dump(path: Path) -> str:
    """Schema and rows, as SQL."""
    with sqlite3.connect(path) as conn:
        told = "\n".join(conn.iterdump())
    conn.close()
    return told


def test_there_is_a_fixture_of_the_first_schema() -> None:
    assert "0001" in FIXTURES


def test_the_last_release_comes_to_head(tmp_path: Path, clock: FakeClock) -> None:
    tag = last_tag()
    if tag is None:
        pytest.skip("no release is tagged yet")
    make_by_tag(tag, tmp_path / "release.tar.xz")
    comes_to_head(unpacked(tmp_path / "release.tar.xz", tmp_path / "node"), clock)


def test_a_fixture_is_made_by_this_program_too(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "made", Blind()) as node:
        work(node)
    (tmp_path / "made.tar.xz").write_bytes(packed(tmp_path / "made"))
    comes_to_head(unpacked(tmp_path / "made.tar.xz", tmp_path / "node"), clock)


# The next schema: whatever it will be, this is how it comes

TRIAL = textwrap.dedent('''
    """A trial."""
    import sqlalchemy as sa
    from alembic import op
    revision, down_revision = "9000", "{before}"

    def upgrade():
        op.add_column("effect", sa.Column("trial", sa.Text()))
        op.create_table("trial", sa.Column("id", sa.Text(), primary_key=True))
        {more}
''')


@pytest.fixture
def next_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program whose schema is one further: a column that may be missing, and a table."""
    there = migrate._HERE
    here = shutil.copytree(there, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    script = here / "versions/9000_trial.py"
    script.write_text(TRIAL.format(before=migrate.head(), more=""))
    monkeypatch.setattr(migrate, "_HERE", here)
    return script


def test_a_process_of_the_release_before_goes_on_while_the_schema_moves(
    tmp_path: Path, clock: FakeClock, postgres_url: str, next_schema: Path
) -> None:
    """Several processes on PostgreSQL are replaced one by one: the old ones run on the new schema."""
    new, old = migrate._HERE, Path(migrate.__file__).parent / "migrations"
    migrate._HERE = old
    with opened(tmp_path / "node", Blind(), clock, database=postgres_url) as node:
        work(node)
        migrate._HERE = new
        done = upkeep.bring_to_head(Settings(data=tmp_path / "other", database=postgres_url), clock.now())
        assert done.after == "9000"
        node.post(10, text="a post after the schema moved")
        node.decide(node.cases()[0]) if node.cases() else None
        node.work()
        node.house.integrator.beat()
        assert node.sound()
    migrate._HERE = old
    with pytest.raises(Unavailable) as refused, opened(tmp_path / "node", Blind(), clock, database=postgres_url):
        pass
    assert refused.value.code == "schema-not-at-head"  # a program starts on its own schema only
    migrate._HERE = new


def test_a_migration_that_fails_midway_leaves_the_release_before_at_work(
    tmp_path: Path, clock: FakeClock, next_schema: Path
) -> None:
    next_schema.write_text(next_schema.read_text() + "    op.execute('SELECT no_such_function()')\n")
    new, old = migrate._HERE, Path(migrate.__file__).parent / "migrations"
    migrate._HERE = old
    with opened(tmp_path / "node", Blind(), clock) as node:
        work(node)
    before = dump(tmp_path / "node/beffroi.db")
    migrate._HERE = new
    with pytest.raises(Unavailable):
        upkeep.bring_to_head(Settings(data=tmp_path / "node"), clock.now())
    assert dump(tmp_path / "node/beffroi.db") == before
    [copy] = (tmp_path / "node/backups").iterdir()
    assert dump(copy) == before
    migrate._HERE = old
    with opened(tmp_path / "node", Blind(), clock) as node:
        node.post(10, text="a post after the migration that failed")
        assert node.sound()


def test_what_was_added_is_there_afterwards(tmp_path: Path, clock: FakeClock, next_schema: Path) -> None:
    with opened(tmp_path / "node", Blind(), clock) as node:
        work(node)
    database = Database(f"sqlite:///{tmp_path / 'node/beffroi.db'}")
    with database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM effect WHERE trial IS NULL")).scalar_one() > 0
    database.close()
