"""What was there comes back: from a backup made while the node works, on either database, and nothing else with it."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.content import store as content_store
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.flow.fsck import Counts
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import BeffroiError, Conflict, Invalid, InvariantViolated, Unavailable
from beffroi.ground.kernel.ids import AccountId
from beffroi.ground.ledger import store as ledger_store
from beffroi.ground.records import erase
from beffroi.ground.storage import BlobFolder, Database, migrate
from beffroi.ground.storage.lock import NodeLock
from beffroi.settings import Settings
from tests.databases import Cluster
from tests.unit.flow.node import Node, opened
from tests.unit.flow.worked import CANARY, MEDIA, UPLOAD, Blind, account_of, work


def quiet(_what: str, _done: int, _of: int | None) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def worked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worked") / "node"
    with opened(folder, Blind()) as node:
        work(node)
    return folder


@pytest.fixture
def folder(worked_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(worked_folder, tmp_path / "node")


@pytest.fixture
def clock() -> FakeClock:
    """An hour after everything that happened."""
    clock = FakeClock()
    clock.move(timedelta(hours=3))
    return clock


class Drill:
    """Backup and restore of one node, in folders beside it."""

    def __init__(self, folder: Path, clock: FakeClock, database: str = "") -> None:
        self.folder, self.clock, self.database = folder, clock, database
        self.out, self.chest, self.new = (folder.parent / name for name in ("backup", "chest", "new"))

    def back_up(self, *, keys: bool = True) -> upkeep.BackedUp:
        settings = Settings(data=self.folder, database=self.database)
        return upkeep.back_up(settings, self.clock, self.out, self.chest if keys else None, quiet)

    def restore(self, *, keys: bool = True, same_log: bool = False, database: str = "") -> upkeep.Restored:
        settings = Settings(data=self.new, database=database)
        chest = self.chest if keys else None
        return upkeep.restore(settings, self.clock, self.out, chest, same_log=same_log, progress=quiet)

    def findings(self, database: str = "") -> list[str]:
        with upkeep.open_premises(Settings(data=self.new, database=database), self.clock) as premises:
            found = fsck.check(premises, frozenset(PERFORMERS), self.clock.now(), Counts(), quiet)
            return [finding.code for finding in found]


@pytest.fixture
def drill(folder: Path, clock: FakeClock) -> Drill:
    return Drill(folder, clock)


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.read() as conn:
        tables = [keeping.table for keeping in KEEPINGS]
        return {
            table.name: sorted(
                json.dumps(tuple(row), sort_keys=True, default=str) for row in conn.execute(table.select())
            )
            for table in tables
        }


def files_with(folder: Path, words: str) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


# There and back


def test_everything_comes_back(drill: Drill) -> None:
    done = drill.back_up()
    assert (done.blobs, done.damaged, done.facts.schema) == (3, (), migrate.head())
    assert done.facts.made_at == drill.clock.now()
    restored = drill.restore()
    assert (restored.facts, restored.schema, restored.blobs) == (done.facts, migrate.head(), 3)
    assert drill.findings() == []
    before, after = (Database(f"sqlite:///{folder / 'beffroi.db'}") for folder in (drill.folder, drill.new))
    assert rows(before) == rows(after)
    before.close()
    after.close()
    there, here = BlobFolder(drill.folder / "blobs"), BlobFolder(drill.new / "blobs")
    assert {key: there.get(key) for key in there.keys()} == {key: here.get(key) for key in here.keys()}  # noqa: SIM118
    assert not list(drill.new.rglob("*.partial"))
    assert not list(drill.new.glob(".*"))


def test_the_restored_node_goes_on(drill: Drill) -> None:
    drill.back_up()
    drill.restore(same_log=True)
    with opened(drill.new, clock=drill.clock) as node:
        item = node.ask(content_store.item_by_platform_id, "p-1")
        posted = node.ask(content_store.posted, node.house.vault, item.id, 1)
        assert CANARY in str(node.ask(content_store.profile, node.house.vault, item.account))
        (media,) = posted.media
        assert node.house.vault.open(media.sealed.subject, node.house.blobs.get(media.sealed.blob), "media") == MEDIA
        node.post(10, text="a post after the restore")
        node.house.integrator.beat()
        assert node.sound()
    assert drill.findings() == []


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
@pytest.mark.parametrize("of", ["sqlite", "postgresql"])
def test_from_either_database_into_either(
    of: str, to: str, folder: Path, clock: FakeClock, cluster: Cluster, tmp_path: Path
) -> None:
    urls = {}
    for side, kind in (("of", of), ("to", to)):
        if kind == "postgresql":
            urls[side] = cluster.url(cluster.empty())
    if "of" in urls:
        folder = tmp_path / "on-postgresql"
        with opened(folder, Blind(), database=urls["of"]) as node:
            work(node)
    drill = Drill(folder, clock, urls.get("of", ""))
    drill.back_up()
    drill.restore(same_log=True, database=urls.get("to", ""))
    assert drill.findings(urls.get("to", "")) == []
    assert (drill.new / "beffroi.db").exists() is (to == "sqlite")
    before = Database(urls.get("of") or f"sqlite:///{folder / 'beffroi.db'}")
    after = Database(urls.get("to") or f"sqlite:///{drill.new / 'beffroi.db'}")
    assert rows(before) == rows(after)
    before.close()
    after.close()
    with opened(drill.new, clock=clock, **({"database": urls["to"]} if "to" in urls else {})) as node:
        node.post(10, text="a post after the restore")
        node.house.integrator.beat()
        assert node.sound()


def test_a_backup_while_the_node_works_holds_all_that_was_acknowledged_before(drill: Drill) -> None:
    stop, posted = threading.Event(), []

    def post(node: Node) -> None:
        number = 100
        while not stop.is_set():
            node.post(number, text=f"post number {number}")
            posted.append(f"p-{number}")
            number += 1

    with opened(drill.folder, clock=drill.clock) as node:
        thread = threading.Thread(target=post, args=(node,))
        thread.start()
        while len(posted) < 3:
            pass
        acknowledged = set(posted)
        drill.back_up()
        stop.set()
        thread.join()
    assert len(posted) > len(acknowledged), "nothing was posted meanwhile"
    drill.restore()
    assert drill.findings() == []
    with opened(drill.new, clock=drill.clock) as node:
        there = {name for name in posted if node.ask(content_store.item_by_platform_id, name) is not None}
    assert acknowledged <= there
    assert there == set(posted[: len(there)]), "a post is there and an earlier one is not"


# Keys stay apart


def test_without_the_chest_nobody_reads_anything_personal(drill: Drill) -> None:
    drill.back_up(keys=False)
    assert not drill.chest.exists()
    names = {path.name for path in drill.out.rglob("*")}
    assert not names & {"vault.db", "pepper", "keys"}
    for personal in (CANARY, UPLOAD.decode(), MEDIA.decode()):
        assert files_with(drill.out, personal) == []
    drill.restore(keys=False)
    assert sorted(drill.findings()) == ["keys-missing", "vault-missing"]


def test_a_backup_does_not_open_what_was_erased_after_it(drill: Drill) -> None:
    """The keys of today, the database of yesterday: its unsealed traces go too."""
    drill.back_up(keys=False)
    first = shutil.move(drill.out, drill.out.with_name("yesterday"))
    drill.clock.move(timedelta(days=1))
    with opened(drill.folder, clock=drill.clock) as node:
        account = node.house.write("law", upkeep.NODE, lambda tx: account_of(tx, "u-1"))
        node.house.write("law", upkeep.NODE, lambda tx: erase(tx, account, "request", KEEPINGS))
        node.house.integrator.beat()
    drill.back_up()
    shutil.rmtree(drill.out)
    shutil.move(first, drill.out)
    assert drill.restore().erased_again == 2, "the account, and the key of its files"
    with opened(drill.new, clock=drill.clock, log_origin="node.example/ledger-2") as node:
        item = node.ask(content_store.items_of_account, AccountId(account))[0]
        assert node.ask(content_store.platform_id_of_item, item.id) is None
        assert node.ask(content_store.platform_id_of_account, item.account) is None
        assert node.ask(content_store.posted, node.house.vault, item.id, 1) is None
        node.house.integrator.beat()
    assert files_with(drill.new, "u-1") == []
    assert drill.findings() == []


# The log


def beat(folder: Path, clock: FakeClock, **given: str) -> str:
    with opened(folder, clock=clock, **given) as node:
        return node.house.integrator.beat().note


def test_a_restored_node_signs_nothing_under_the_old_name(drill: Drill) -> None:
    drill.back_up()
    beat(drill.folder, drill.clock)  # the node went on, and others may have seen it
    drill.restore()
    with pytest.raises(InvariantViolated) as refused:
        beat(drill.new, drill.clock)
    assert refused.value.code == "ledger-restored"
    assert "log_origin" in refused.value.message
    assert beat(drill.new, drill.clock, log_origin="node.example/ledger-2").startswith("node.example/ledger-2\n")
    assert drill.findings() == []


def test_one_that_stood_still_goes_on_with_its_log(drill: Drill) -> None:
    with opened(drill.folder, clock=drill.clock) as node:
        last = node.house.integrator.beat()
    drill.back_up()
    drill.restore(same_log=True)
    with opened(drill.new, clock=drill.clock) as node:
        assert node.ask(ledger_store.latest_checkpoint) == last
        assert node.house.integrator.beat().size > last.size


def test_keys_that_survived_refuse_an_older_database(drill: Drill) -> None:
    """The machine is there, its database is from the backup."""
    drill.back_up(keys=False)
    beat(drill.folder, drill.clock)
    drill.restore(keys=False)
    for name in ("keys", "vault.db", "pepper"):
        shutil.move(drill.folder / name, drill.new / name)
    with pytest.raises(InvariantViolated) as refused:
        beat(drill.new, drill.clock)
    assert refused.value.code in {"ledger-set-back", "ledger-forked"}


# What is refused leaves nothing


def test_nothing_is_written_over(drill: Drill) -> None:
    drill.back_up()
    with pytest.raises(Conflict):
        drill.back_up()
    drill.new.mkdir()
    (drill.new / "mine").write_bytes(b"mine")
    with pytest.raises(Conflict):
        drill.restore()
    assert [path.name for path in drill.new.iterdir()] == ["mine"]


def test_a_chest_is_not_written_over_and_no_backup_begun(drill: Drill) -> None:
    drill.chest.write_bytes(b"an older one")
    with pytest.raises(Conflict):
        drill.back_up()
    assert not drill.out.exists()


def test_a_restore_needs_an_empty_database(drill: Drill, postgres_url: str) -> None:
    drill.back_up()
    database = Database(postgres_url)
    migrate.upgrade(database)
    with pytest.raises(Conflict):
        drill.restore(database=postgres_url)
    database.close()
    assert list(drill.new.iterdir()) == []


def test_a_database_elsewhere_is_not_written_over(drill: Drill) -> None:
    drill.back_up()
    elsewhere = drill.folder / "beffroi.db"
    before = elsewhere.read_bytes()
    with pytest.raises(Conflict):
        drill.restore(database=f"sqlite:///{elsewhere}")
    assert elsewhere.read_bytes() == before
    assert list(drill.new.iterdir()) == []


def change_a_blob(drill: Drill) -> None:
    next(path for path in (drill.out / "blobs").rglob("*") if path.is_file()).write_bytes(b"!")


def from_the_future(drill: Drill) -> None:
    """A later program's backup, whose sums are right."""
    facts = (drill.out / "backup.json").read_bytes().replace(migrate.head().encode(), b"9999")
    (drill.out / "backup.json").write_bytes(facts)
    drill_facts = upkeep.archive.read_facts(drill.out)
    for name in ("backup.json", "SHA256SUMS"):
        (drill.out / name).unlink()
    upkeep.archive.finish(drill.out, drill_facts)


SPOILT = [
    (change_a_blob, Conflict),
    (lambda drill: (drill.out / "beffroi.db").unlink(), Conflict),
    (lambda drill: (drill.out / "SHA256SUMS").unlink(), Invalid),
    (lambda drill: shutil.rmtree(drill.out), Invalid),
    (from_the_future, Unavailable),
    (lambda drill: drill.chest.write_bytes(b"no chest"), Invalid),
    (lambda drill: drill.chest.unlink(), Invalid),
]


@pytest.mark.parametrize(("spoil", "kind"), SPOILT)
def test_what_is_not_as_it_was_made_is_not_restored(drill: Drill, spoil: object, kind: type[BeffroiError]) -> None:
    drill.back_up()
    spoil(drill)  # type: ignore[operator]
    with pytest.raises(kind):
        drill.restore()
    assert not drill.new.exists() or list(drill.new.iterdir()) == []


def test_a_failed_restore_can_be_repeated(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    drill.back_up()

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upkeep, "_put_in_place", fail)
    with pytest.raises(OSError, match="No space"):
        drill.restore()
    assert list(drill.new.iterdir()) == []
    assert not NodeLock(drill.new).is_held()
    monkeypatch.undo()
    drill.restore()
    assert drill.findings() == []


def test_a_damaged_blob_is_left_out_and_named(drill: Drill) -> None:
    path = next(path for path in (drill.folder / "blobs").rglob("*") if path.is_file())
    path.write_bytes(b"!")
    done = drill.back_up()
    assert (done.blobs, done.damaged) == (2, (path.name,))
    drill.restore()
    assert "blob-missing" in drill.findings()


def test_a_blob_that_was_dropped_meanwhile(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = BlobFolder.keys

    def dropping(blobs: BlobFolder) -> Iterator[object]:
        for key in keys(blobs):
            blobs.drop(key)
            yield key

    monkeypatch.setattr(BlobFolder, "keys", dropping)
    assert drill.back_up().blobs == 0


def test_no_backup_of_nothing(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(Unavailable) as refused:
        Drill(tmp_path / "node", clock).back_up()
    assert refused.value.code == "no-database"
    assert list(tmp_path.iterdir()) == []


# Migrate


def older(folder: Path, schema: str | None) -> None:
    """As if the database had been left at another schema; None: before there were schemas."""
    with sqlite3.connect(folder / "beffroi.db") as conn:
        conn.execute(
            "UPDATE alembic_version SET version_num = ?" if schema else "DELETE FROM alembic_version WHERE ?",
            (schema or 1,),
        )
    conn.close()


def test_a_new_database_is_made(tmp_path: Path, clock: FakeClock) -> None:
    settings = Settings(data=tmp_path / "node")
    done = upkeep.bring_to_head(settings, clock.now())
    assert (done.before, done.after, done.copy) == (None, migrate.head(), None)
    assert upkeep.bring_to_head(settings, clock.now()) == upkeep.Migrated(migrate.head(), migrate.head(), None)


def test_a_copy_is_made_first(folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    older(folder, "0000")
    monkeypatch.setattr(migrate, "known", lambda: {"0000"})
    monkeypatch.setattr(migrate, "upgrade", lambda database: older(folder, migrate.head()))
    done = upkeep.bring_to_head(Settings(data=folder), clock.now())
    assert (done.before, done.after) == ("0000", migrate.head())
    assert done.copy == folder / "backups" / "before-0000-20260601T110000Z.db"
    assert done.copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(done.copy) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
        assert conn.execute("SELECT count(*) FROM item").fetchone()[0] == 3
    conn.close()


def test_without_the_copy_nothing_is_changed(folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    older(folder, "0000")
    monkeypatch.setattr(migrate, "known", lambda: {"0000"})

    def fail(*_arguments: object) -> None:
        raise Unavailable("not-copied", "the disk is full")

    monkeypatch.setattr(upkeep.copies, "copy_database", fail)
    monkeypatch.setattr(migrate, "upgrade", lambda _database: pytest.fail("it was migrated"))
    with pytest.raises(Unavailable):
        upkeep.bring_to_head(Settings(data=folder), clock.now())


def test_a_migration_that_fails_leaves_it_as_before(folder: Path, clock: FakeClock) -> None:
    older(folder, None)  # the first migration finds all its tables there
    with pytest.raises(Unavailable):
        upkeep.bring_to_head(Settings(data=folder), clock.now())
    with sqlite3.connect(folder / "beffroi.db") as conn:
        assert conn.execute("SELECT count(*) FROM item").fetchone()[0] == 3
    conn.close()


def test_a_later_programs_schema_is_left_alone(folder: Path, clock: FakeClock) -> None:
    older(folder, "9999")
    with pytest.raises(Unavailable) as refused:
        upkeep.bring_to_head(Settings(data=folder), clock.now())
    assert refused.value.code == "schema-not-known"
    assert not (folder / "backups").exists()


def test_not_while_a_node_is_at_work(folder: Path, clock: FakeClock) -> None:
    with opened(folder), pytest.raises(Unavailable) as refused:
        upkeep.bring_to_head(Settings(data=folder), clock.now())
    assert refused.value.code == "already-running"


def test_postgresql_is_migrated_without_a_copy(tmp_path: Path, postgres_empty: str, clock: FakeClock) -> None:
    settings = Settings(data=tmp_path / "node", database=postgres_empty)
    assert upkeep.bring_to_head(settings, clock.now()) == upkeep.Migrated(None, migrate.head(), None)
    assert [path.name for path in tmp_path.rglob("*")] == ["node"]
