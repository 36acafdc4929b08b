"""The emergency spool in a whole node: a disk really full, a database really gone; nothing lost, nothing doubled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select

from beffroi.cases import store as cases_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import DecisionState
from beffroi.flow import notice, platform_events
from beffroi.flow import spool as flow
from beffroi.flow.carry import carry
from beffroi.flow.decide import REINSTATEMENT
from beffroi.flow.notice import NoticeGiven
from beffroi.ground.kernel.errors import Conflict, Invalid, InvariantViolated, NotFound, Unavailable
from beffroi.ground.records import spooled
from beffroi.ground.storage import Actor, Spool, events
from beffroi.ground.storage.spool import Spooled
from tests.unit.flow.node import PLATFORM, TOMAS, Node, opened

PUBLIC = Actor("public")
NOTICE = NoticeGiven("https://agora.example/p/p-1", "It calls on others.", "Ada", "ada@mail.example", good_faith=True)


def is_mounted(where: Path, size: str) -> bool:
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(where)]
    return os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the record, small enough to be filled."""
    where = tmp_path / "disk"
    if not is_mounted(where, "40m"):
        pytest.skip("a small file system can be mounted by root only")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.fixture
def node(disk: Path, empty_folder: Path, tmp_path: Path) -> Iterator[Node]:
    """A node whose record lies on the small disk, and whose spool does not."""
    shutil.copytree(empty_folder, disk / "beffroi")
    with opened(disk / "beffroi", spool=tmp_path / "elsewhere") as made:
        yield made
        (disk / "rubbish").unlink(missing_ok=True)
        assert made.sound()


def fill(disk: Path) -> None:
    """Until nothing more goes on it, not one byte."""
    with (disk / "rubbish").open("ab", buffering=0) as rubbish:
        for size in (2**20, 4096, 1):
            try:
                while True:
                    rubbish.write(b"r" * size)
            except OSError:
                continue


def decided(node: Node, number: int = 1) -> Any:
    """A post that a person had removed, and that is gone."""
    if number == 1:
        node.bank()
    node.post(number)
    [case] = node.cases()
    decision = node.decide(case)
    node.move(seconds=60)
    node.work()
    assert f"p-{number}" in node.platform.hidden
    return decision


def state_of(node: Node, decision: Any) -> DecisionState:
    return node.ask(decisions_store.DECISIONS.load, decision.id).state


def entered(node: Node) -> list[tuple[str, str]]:
    rows = node.ask(lambda conn: conn.execute(select(spooled.spooled_table)).all())
    return [(row.kind, row.outcome) for row in rows]


def test_a_reversal_while_the_disk_is_full(node: Node, disk: Path) -> None:
    decision = decided(node)
    fill(disk)
    with pytest.raises(Unavailable):  # what may not travel on the spool does not happen
        node.write(lambda tx: tx.record(spooled.SpooledActUnreadable("x" * 50_000, "y")))
    assert node.reverse(decision) is False
    assert node.house.spool.waiting == 1
    assert state_of(node, decision) is DecisionState.MADE
    with pytest.raises(Unavailable):
        flow.drain(node.house)
    (disk / "rubbish").unlink()
    assert flow.drain(node.house) == 1
    assert state_of(node, decision) is DecisionState.REVERSED
    assert entered(node) == [("reinstatement", "entered")]
    node.work()
    assert node.platform.hidden == set()  # public again
    assert flow.drain(node.house) == 0


def test_the_ledger_tells_when_it_was_done_and_when_it_could_be_recorded(node: Node, disk: Path) -> None:
    decision = decided(node)
    fill(disk)
    node.reverse(decision)
    spooled_at = node.clock.now()
    [frame] = node.house.spool.frames()
    node.move(hours=2)
    (disk / "rubbish").unlink()
    flow.drain(node.house)
    with node.house.read() as conn:
        [told] = events.of_type(conn, "spooled-act-entered")
        [reversal] = events.of_type(conn, "decision-reversed")
    assert told.facts["digest"] == frame.digest
    assert told.facts["spooled_at"].startswith(spooled_at.isoformat()[:19])
    assert told.at == reversal.at == node.clock.now()
    assert reversal.actor == f"person:{TOMAS}"


def test_what_cannot_be_is_refused_at_once(node: Node, disk: Path) -> None:
    decision = decided(node)
    node.reverse(decision)
    fill(disk)
    with pytest.raises(Conflict):  # it does not stand any more, as can be read
        node.reverse(decision)
    with pytest.raises(Invalid):
        node.reverse(decision, " ")
    with pytest.raises(NotFound):
        platform_events.item_deleted(node.house, PLATFORM, "never-seen")
    with pytest.raises(Invalid):
        notice.receive(node.house, PUBLIC, NoticeGiven("", "", "", "", good_faith=True))
    assert node.house.spool.waiting == 0


def test_a_notice_while_the_disk_is_full(node: Node, disk: Path) -> None:
    decided(node)
    fill(disk)
    received = notice.receive(node.house, PUBLIC, NOTICE)
    assert not received.is_entered
    (disk / "rubbish").unlink()
    flow.drain(node.house)
    found = node.ask(cases_store.notice_by_token, received.token)
    assert found.reference == received.reference
    assert node.ask(cases_store.read_notice, node.house.vault, found.id)["email"] == "ada@mail.example"


def test_a_deletion_while_the_disk_is_full(node: Node, disk: Path) -> None:
    decided(node)
    fill(disk)
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    platform_events.item_deleted(node.house, PLATFORM, "p-1")  # the platform asks twice; that is twice on the spool
    (disk / "rubbish").unlink()
    assert flow.drain(node.house) == 2
    with node.house.read() as conn:
        assert len(events.of_type(conn, "item-deleted-by-author")) == 1


def test_in_order_across_kinds(node: Node, disk: Path) -> None:
    first, second = decided(node), decided(node, 2)
    fill(disk)
    node.reverse(second)
    notice.receive(node.house, PUBLIC, NOTICE)
    node.reverse(first)
    (disk / "rubbish").unlink()
    flow.drain(node.house)
    assert [kind for kind, _ in entered(node)] == ["reinstatement", "notice", "reinstatement"]


def test_both_disks_full(disk: Path, empty_folder: Path, tmp_path: Path) -> None:
    """Neither record nor spool: the act does not happen, and says so."""
    second = tmp_path / "second"
    assert is_mounted(second, "1m")
    try:
        shutil.copytree(empty_folder, disk / "beffroi")
        with opened(disk / "beffroi", spool=second / "spool") as node:
            decision = decided(node)
            fill(disk)
            fill(second)
            with pytest.raises(Unavailable):
                node.reverse(decision)
            (disk / "rubbish").unlink()
            assert state_of(node, decision) is DecisionState.MADE
    finally:
        subprocess.run(["umount", "-l", str(second)], check=True)


def test_what_the_rules_refuse_by_then_is_noted(node: Node, disk: Path) -> None:
    """Somebody else reversed it before the spool was entered: the promise is kept by them, and the record says so."""
    decision = decided(node)
    fill(disk)
    node.reverse(decision)
    (disk / "rubbish").unlink()
    other = {"decision": decision.id, "person": "prs_ioana", "reason": "It was a poem."}
    assert carry(node.house, Actor("person", "prs_ioana"), REINSTATEMENT, other)
    flow.drain(node.house)
    assert entered(node) == [("reinstatement", "does-not-stand")]
    with node.house.read() as conn:
        assert spooled.refused(conn, node.house.clock.now()) == 1


def test_a_commit_that_nobody_could_confirm(node: Node, disk: Path) -> None:
    """It was kept on the spool as well; entered, it is one reversal, and no refusal."""
    decision = decided(node)
    node.reverse(decision)
    act = {"decision": decision.id, "person": TOMAS, "reason": "It was a song."}
    now = node.clock.now()
    node.house.spool.put(Spooled("reinstatement", "spl_doubt", now, Actor("person", TOMAS), act))
    flow.drain(node.house)
    assert entered(node) == [("reinstatement", "entered")]
    with node.house.read() as conn:
        assert len(events.of_type(conn, "decision-reversed")) == 1


def test_an_act_that_this_program_does_not_know_waits(node: Node) -> None:
    strange = Spooled("order-of-a-later-release", "spl_1", node.clock.now(), Actor("node"), {})
    node.house.spool.put(strange)
    with pytest.raises(InvariantViolated):
        flow.drain(node.house)
    assert node.house.spool.waiting == 1


def test_what_does_not_open_is_noted_once(node: Node) -> None:
    spool = node.house.spool
    spool.make_ready()
    spool._own.append(b"not an act")
    flow.drain(node.house)
    assert entered(node) == [("", "unreadable")]
    with node.house.read() as conn:
        [told] = events.of_type(conn, "spooled-act-unreadable")
    assert told.facts["act"].startswith(spool._own.path.name)
    assert spool.set_aside == 1


def test_entered_once_whoever_drains(node: Node, disk: Path, tmp_path: Path) -> None:
    """The process ended after the last commit and before the file was emptied."""
    decision = decided(node)
    fill(disk)
    node.reverse(decision)
    (disk / "rubbish").unlink()
    [path] = (tmp_path / "elsewhere").glob("*.spool")
    before = path.read_bytes()
    flow.drain(node.house)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / path.name).write_bytes(before)
    again = Spool(tmp_path / "again", flow.keys_of(node.house.ring))
    assert again.drain(lambda frame: flow._take(node.house, frame)) == 1
    assert entered(node) == [("reinstatement", "entered")]
    with node.house.read() as conn:
        assert len(events.of_type(conn, "decision-reversed")) == 1
    again.close()


# the reserve


def test_people_decide_on_after_the_disk_is_full(disk: Path, empty_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(empty_folder, disk / "beffroi")
    with opened(disk / "beffroi", spool=tmp_path / "elsewhere") as node:
        decision, another = decided(node), decided(node, 2)
        node.house.reserve._size_bytes = 8 * 2**20
        assert node.house.reserve.keep()
        fill(disk)
        assert node.reverse(decision) is True  # into the record, with the room that was reserved
        assert node.house.reserve.is_used
        with pytest.raises(Unavailable) as refused:  # screening waits
            node.house.write("bulk", PLATFORM, lambda tx: None)
        assert refused.value.code == "disk-kept-for-law"
        assert node.reverse(another) is True
        assert node.house.spool.waiting == 0
        (disk / "rubbish").unlink()
        assert node.house.reserve.keep()
        node.house.write("bulk", PLATFORM, lambda tx: None)
        assert node.sound()


# the database gone


def test_the_database_gone(postgres_url: str, postgres_server: Any, tmp_path: Path) -> None:
    """The server refuses everybody: what a stranger tells us is kept, and is there when it comes back."""
    with opened(tmp_path / "node", database=postgres_url, spool=tmp_path / "elsewhere") as node:
        decision = decided(node)
        name = make_url(postgres_url).database
        postgres_server.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;")
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"  # noqa: S608
        postgres_server.psql(ended)
        received = notice.receive(node.house, PUBLIC, NOTICE)
        assert not received.is_entered
        assert node.reverse(decision) is False
        with pytest.raises(Unavailable):
            flow.drain(node.house)
        assert node.house.spool.waiting == 2
        postgres_server.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;")
        assert flow.drain(node.house) == 2
        assert entered(node) == [("notice", "entered"), ("reinstatement", "entered")]
        assert state_of(node, decision) is DecisionState.REVERSED


def test_every_kind_stands_in_the_table_once() -> None:
    assert set(flow.CARRIED) == {"reinstatement", "notice", "item-deleted", "warning"}
