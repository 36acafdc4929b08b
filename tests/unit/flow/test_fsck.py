"""What is written twice is compared: every damage is found, named, and hides no other."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck, upkeep
from beffroi.flow.fsck import Counts
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.settings import Settings
from tests.databases import tamper
from tests.unit.flow.node import PHRASE, opened
from tests.unit.flow.worked import Blind, work

Found = list[tuple[str, str]]


@pytest.fixture(scope="module")
def worked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder after some work."""
    folder = tmp_path_factory.mktemp("worked") / "node"
    with opened(folder, Blind()) as node:
        work(node)
    return folder


@pytest.fixture
def folder(worked_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(worked_folder, tmp_path / "node")


def check(
    folder: Path, clock: FakeClock | None = None, kinds: frozenset[str] = frozenset(PERFORMERS), **given: str
) -> tuple[Found, Counts]:
    clock, counts = clock or FakeClock(), Counts()
    with upkeep.open_premises(Settings(data=folder, **given), clock) as premises:  # type: ignore[arg-type]
        found = [(f.code, f.place) for f in fsck.check(premises, kinds, clock.now(), counts, lambda *_: None)]
    assert counts.found == len(found)
    return found, counts


def sql(*statements: str) -> Callable[[Path], None]:
    """The database changed past its triggers, which are put back."""

    def damage(folder: Path) -> None:
        conn = sqlite3.connect(folder / "beffroi.db", isolation_level=None)
        guards = conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            conn.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert conn.execute(statement).rowcount > 0, statement
        for _, text in guards:
            conn.execute(text)
        conn.close()

    return damage


def vault(statement: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        conn = sqlite3.connect(folder / "vault.db", isolation_level=None)
        assert conn.execute(statement).rowcount > 0
        conn.close()

    return damage


def blobs(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "blobs").rglob("*") if path.is_file())


def change_blobs(folder: Path) -> None:
    for path in blobs(folder):
        path.write_bytes(path.read_bytes() + b"!")


def swap_blobs(folder: Path) -> None:
    first, second, *_ = blobs(folder)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def set_back(folder: Path) -> None:
    """The database of an earlier moment under the keys of now."""
    earlier = (folder / "beffroi.db").read_bytes()
    with opened(folder) as node:
        node.move(hours=2)
        node.post(77, text="forgotten by the copy")
        node.house.integrator.beat()
    for path in folder.glob("beffroi.db*"):
        path.unlink()
    (folder / "beffroi.db").write_bytes(earlier)


def drop_blobs(folder: Path) -> None:
    for path in blobs(folder):
        path.unlink()


def test_nothing_is_wrong_with_a_node_at_rest(folder: Path) -> None:
    found, counts = check(folder)
    assert found == []
    assert counts.leaves >= 16
    assert counts.rows > 8
    assert counts.blobs == 3
    assert counts.orphan_blobs == 0
    assert counts.subjects >= 2
    assert counts.waiting_effects == 1


def test_nothing_is_wrong_with_a_node_at_work(folder: Path) -> None:
    with opened(folder) as node:
        node.post(10, text="posted while it is looked at")
        assert check(folder) == ([], check(folder)[1])


def test_it_changes_nothing(folder: Path) -> None:
    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}

    check(folder)
    before = content()
    check(folder)
    assert content() == before


DAMAGES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("row-differs", "item itm_", sql("UPDATE item SET visibility = 'private' WHERE version > 0")),
    ("row-differs", "decision dec_", sql("DELETE FROM decision")),
    ("row-differs", "restriction rst_", sql("UPDATE restriction SET version = version + 1")),
    ("leaf-changed", "position", sql("UPDATE event SET actor = 'person:prs_nobody' WHERE type = 'decision-made'")),
    ("event-missing", "position", sql("DELETE FROM event WHERE type = 'media-kept'")),
    ("root-differs", "checkpoint", sql("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE event_seq IS NULL")),
    ("database-damaged", "table event", lambda folder: sql_only(folder, "DROP TRIGGER event_no_update")),
    ("effect-for-nobody", "effect eff_", sql("UPDATE effect SET kind = 'ring-the-bell' WHERE state = 'intended'")),
    ("blob-changed", "blob", change_blobs),
    ("blob-changed", "blob", swap_blobs),
    ("blob-missing", "blob", drop_blobs),
    ("ledger-cut-short", "checkpoint held by the keys", set_back),
    ("blob-does-not-open", "upload", vault("UPDATE subject_key SET key = zeroblob(32)")),
    ("key-missing", "event evt_", vault("DELETE FROM subject_key")),
    ("key-missing", "upload", vault("DELETE FROM subject_key")),
    (
        "erased-but-readable",
        "event evt_",
        vault("UPDATE subject_key SET key = zeroblob(32), salt = zeroblob(32), destroyed_at = NULL WHERE key IS NULL"),
    ),
    ("vault-missing", "vault.db", lambda folder: (folder / "vault.db").unlink()),
    ("keys-missing", "keys/", lambda folder: shutil.rmtree(folder / "keys")),
]


def sql_only(folder: Path, statement: str) -> None:
    conn = sqlite3.connect(folder / "beffroi.db", isolation_level=None)
    conn.execute(statement)
    conn.close()


@pytest.mark.parametrize(("code", "place", "damage"), DAMAGES, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(DAMAGES)])
def test_each_damage_is_found_and_its_place_named(
    folder: Path, code: str, place: str, damage: Callable[[Path], None]
) -> None:
    damage(folder)
    found, _ = check(folder)
    assert [where for what, where in found if what == code and place in where], found


def test_all_damages_together_are_all_found(folder: Path) -> None:
    at_odds = {"blob-missing", "ledger-cut-short", "blob-does-not-open", "vault-missing", "keys-missing", "key-missing"}
    together = [one for one in DAMAGES if one[0] not in at_odds]
    for _, _, damage in together:
        damage(folder)
    found, _ = check(folder)
    assert {code for code, _, _ in together} <= {code for code, _ in found}


def test_without_keys_the_signatures_are_all_that_is_not_checked(folder: Path) -> None:
    shutil.rmtree(folder / "keys")
    sql("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE event_seq IS NULL")(folder)
    codes = {code for code, _ in check(folder)[0]}
    assert codes >= {"keys-missing", "root-differs"}
    assert "checkpoint-forged" not in codes


def test_a_blob_of_somebody_erased_may_be_gone_or_not(folder: Path) -> None:
    with opened(folder) as node:
        subjects = {
            s.subject for k in fsck.KEEPINGS if k.blobs for s in node.ask(lambda conn, k=k: list(k.blobs(conn)))
        }
        for subject in subjects:
            node.house.vault.destroy(subject, node.clock.now())
    assert check(folder)[0] == []
    drop_blobs(folder)
    assert check(folder)[0] == []


def test_orphans_are_counted_and_no_finding(folder: Path) -> None:
    with opened(folder) as node:
        for number in range(3):
            node.house.blobs.put(b"%d" % number)
    found, counts = check(folder)
    assert (found, counts.orphan_blobs) == ([], 3)


def test_a_node_at_work_owes_every_leaf_and_one_at_rest_its_last_minute(folder: Path) -> None:
    clock = FakeClock()
    clock.move(timedelta(hours=3))
    with opened(folder, clock=clock) as node:
        node.post(10, text="posted and not yet in the ledger")
        assert check(folder, clock)[0] == []
        clock.move(timedelta(minutes=10))
        assert {code for code, _ in check(folder, clock)[0]} == {"event-without-leaf"}
    assert check(folder, clock)[0] == [], "it stopped before its next beat"
    with opened(folder, clock=clock) as node:
        node.post(11, text="the ledger did not beat for ten minutes")
    assert {code for code, _ in check(folder, clock)[0]} == {"event-without-leaf"}


def test_where_the_database_gives_up_the_rest_is_compared(folder: Path) -> None:
    path = folder / "beffroi.db"
    root = sqlite3.connect(path).execute("SELECT rootpage FROM sqlite_master WHERE name = 'decision'").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    change_blobs(folder)
    found, _ = check(folder)
    codes = {code for code, _ in found}
    assert codes >= {"database-damaged", "not-compared", "blob-changed"}
    assert ("not-compared", "rows") in found


def test_on_postgresql(postgres_empty: str, tmp_path: Path) -> None:
    folder = tmp_path / "node"
    with opened(folder, Blind(), database=postgres_empty) as node:
        work(node)
        assert check(folder, database=postgres_empty)[0] == []
        damages = (
            "UPDATE item SET visibility = 'private'",
            "UPDATE event SET actor = 'nobody' WHERE type = 'decision-made'",
        )
        tamper(node.house.database, *damages)
        tamper(node.house.database, "UPDATE effect SET kind = 'ring-the-bell' WHERE state = 'intended'")
        change_blobs(folder)
        codes = {code for code, _ in check(folder, database=postgres_empty)[0]}
    assert codes == {"database-damaged", "row-differs", "leaf-changed", "effect-for-nobody", "blob-changed"}


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Unavailable) as refused:
            check(folder)
        assert refused.value.code == "no-database"
    assert list(tmp_path.iterdir()) == []


def test_progress_names_every_part(folder: Path) -> None:
    told: set[str] = set()
    with upkeep.open_premises(Settings(data=folder), FakeClock()) as premises:
        progress: Callable[[str, int, int | None], None] = lambda what, _done, _of: told.add(what)  # noqa: E731
        for _ in fsck.check(premises, frozenset(PERFORMERS), FakeClock().now(), Counts(), progress):
            pass
    assert told >= {"ledger", "rows of item", "rows of decision", "blobs", "subjects"}
    assert PHRASE not in str(told)
