"""Each alarm is caused once on a real node, seen over HTTP, and seen to go (house rule O1)."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.flow import health, spool
from beffroi.flow.carry import Carried
from beffroi.flow.health import Alarm
from beffroi.ground.kernel.limits import DECODER_LOSSES_MAX, LEDGER_LAG_S_MAX, LOOP_SILENT_S_MAX, OUTBOX_AGE_S_MAX
from beffroi.ground.ledger import store as ledger_store
from beffroi.ground.storage import Actor, Effect
from beffroi.ground.storage.spool import Spooled
from beffroi.ground.storage.tx import NODE
from beffroi.signals.model import PictureFacts
from beffroi.staff.model import Role
from tests.authz.scene import Scene
from tests.nodes import PHRASE, Running, running
from tests.unit.doors.platforms.receiver import Receiver, replies
from tests.unit.signals.photographs import photograph, saved


class Lenient(Receiver):
    """It does not compare times: the clock of the node is moved."""

    def _verifies(self, headers: dict[str, str], body: bytes) -> bool:
        return True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Lenient(fresh_secret()) as started:
        yield started


@contextmanager
def node_of(folder: Path, receiver: Receiver | None = None, database: str = "") -> Iterator[Running]:
    """A node whose clock the test moves, with its crew at work."""
    platform: dict[str, Any] = {}
    if receiver is not None:
        platform = {"hook_url": receiver.hook_url, "hook_secret": receiver.secret, "outbound_allow": (receiver.pair,)}
    with running(folder, database, test_clock=True, **platform) as node:
        yield node


def alarms(node: Running) -> set[str]:
    """As a monitor with a key reads them; without one only that there are any."""
    told = node.client.get("/health", headers=node.bearer)
    assert told.status_code == 200, told.text
    said = told.json()
    assert said["status"] == ("red" if said["alarms"] else "ok")
    return set(said["alarms"])


def until(holds: Callable[[], object]) -> None:
    """Wait for what another thread does; the suite's own time limit ends a wait in vain."""
    pause = threading.Event()
    while not holds():
        pause.wait(0.25)  # the route is asked 600 times a minute at most, by all of them together


def raised_then_gone(node: Running, alarm: Alarm, cause: Callable[[], object], cure: Callable[[], object]) -> None:
    until(lambda: alarm not in alarms(node))
    cause()
    until(lambda: alarm in alarms(node))
    cure()
    until(lambda: alarm not in alarms(node))


def checkpoints(node: Running) -> bool:
    with node.house.read() as conn:
        return ledger_store.latest_checkpoint(conn) is not None


def move(node: Running, seconds: float) -> None:
    node.house.clock.move(timedelta(seconds=seconds))


def test_every_alarm_has_its_test_here() -> None:
    here = Path(__file__).read_text("utf-8")
    assert [
        alarm for alarm in Alarm if f"Alarm.{alarm.name}," not in here and f"Alarm.{alarm.name} in" not in here
    ] == []


def test_without_a_key_it_says_only_whether(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        move(node, -3)
        told = node.client.get("/health").json()
        assert (told["status"], told["alarms"]) == ("red", None)


def test_an_event_without_a_leaf(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        until(lambda: checkpoints(node))  # the first beat is over; the next one comes in half a minute
        until(lambda: alarms(node) == set())

        def cause() -> None:
            node.screen("p-1", PHRASE)
            move(node, LEDGER_LAG_S_MAX + 1)

        raised_then_gone(node, Alarm.LEDGER_LATE, cause, node.house.integrator.beat)


def test_what_is_due_and_done_by_nobody(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        node.node.crew.stop()
        case = node.screen("p-1", PHRASE)["case"]
        raised_then_gone(
            node,
            Alarm.DUE_LATE,
            lambda: claim_and_forget(node, case),
            node.node.crew._sweep,
        )
        node.house.write("law", NODE, lambda tx: tx.intend(Effect("late_verdict", "k-1", {}), not_before=tx.now))
        raised_then_gone(
            node,
            Alarm.DUE_LATE,
            lambda: move(node, 6),
            lambda: node.house.write("law", NODE, lambda tx: tx.take_back("k-1")),
        )


def claim_and_forget(node: Running, case: str) -> None:
    with node.house.read() as conn:
        found = cases_store.by_ref(conn, case)
    assert found is not None
    moderator = node.people[Role.MODERATOR]
    node.house.write("law", NODE, lambda tx: cases.claim(tx, found.id, moderator, timedelta(minutes=1)))
    move(node, 66)


def test_a_platform_that_does_not_do_what_is_asked(tmp_path: Path, receiver: Receiver) -> None:
    does, fails = receiver.behave, replies("500 Internal Server Error")
    with node_of(tmp_path, receiver) as node:

        def cause() -> None:
            receiver.behave = fails
            Scene(node).decision(node.people[Role.MODERATOR])
            until(lambda: receiver.received)
            move(node, OUTBOX_AGE_S_MAX + 1)

        def cure() -> None:
            receiver.behave = does
            move(node, 3600)  # what was tried once more in between waits for its next turn, by the node's clock

        raised_then_gone(node, Alarm.OUTBOX_OLD, cause, cure)


def test_a_worker_that_hangs(tmp_path: Path, receiver: Receiver) -> None:
    does, held = receiver.behave, threading.Event()

    def hang(connection: Any) -> None:
        held.wait()
        does(connection)

    receiver.behave = hang
    with node_of(tmp_path, receiver) as node:

        def cause() -> None:
            Scene(node).decision(node.people[Role.MODERATOR])
            until(lambda: receiver.received)
            move(node, LOOP_SILENT_S_MAX + 2)

        raised_then_gone(node, Alarm.LOOP_SILENT, cause, held.set)


def test_a_loop_whose_turns_fail(tmp_path: Path) -> None:
    """Who reads the vault keeps the sweep from overwriting the key of an upload that is past its time."""
    with node_of(tmp_path) as node:
        reader = sqlite3.connect(tmp_path / "vault.db", isolation_level=None, check_same_thread=False)

        def cause() -> None:
            sent = node.client.post(
                "/api/v1/media", content=b"a file", headers=node.bearer | {"Content-Type": "text/plain"}
            )
            assert sent.status_code == 201
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM subject_key").fetchone()
            move(node, 3601)

        raised_then_gone(node, Alarm.LOOP_FAILING, cause, lambda: reader.execute("COMMIT"))
        reader.close()


def test_a_clock_that_is_set_back_and_what_is_not_signed_meanwhile(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        raised_then_gone(node, Alarm.CLOCK_BACK, lambda: move(node, -3), lambda: move(node, 3))
        move(node, -2)
        assert Alarm.CLOCK_BACK not in alarms(node)


def test_pictures_that_each_cost_their_process(tmp_path: Path) -> None:
    picture = saved(photograph("chelsea.png"), "JPEG")
    with node_of(tmp_path) as node:
        decoder = node.house.decoder

        def lose() -> None:
            for _ in range(DECODER_LOSSES_MAX):
                for child in tuple(decoder._alive):
                    os.kill(child.pid, signal.SIGKILL)
                decoder.pictures([picture])

        def decode() -> None:
            until(lambda: isinstance(decoder.pictures([picture])[0], PictureFacts))  # the dead spare is still in line

        raised_then_gone(node, Alarm.DECODER_FAILING, lose, decode)


def test_a_disk_that_fills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are set just under what is free, and a file takes more than that."""
    room = os.statvfs(tmp_path)
    free, whole = room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize
    some = max(free // 50, 300_000_000)
    with running(tmp_path / "node", disk_free_share_min=(free - some) / whole) as node:
        monkeypatch.setattr(health, "DISK_FREE_BYTES_MIN", free - some)
        filler = tmp_path / "filler"

        def fill() -> None:
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, 2 * some)

        raised_then_gone(node, Alarm.DISK_FULL, fill, filler.unlink)
        raised_then_gone(node, Alarm.DISK_SHORT, fill, filler.unlink)


def test_a_database_that_does_not_answer(tmp_path: Path, postgres_url: str) -> None:
    name = make_url(postgres_url).database or ""
    admin = (
        make_url(postgres_url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    )
    with node_of(tmp_path, database=postgres_url) as node, psycopg.connect(admin, autocommit=True) as server:
        until(lambda: not alarms(node))
        server.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(name)))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        until(lambda: node.client.get("/health").status_code == 503)
        assert Alarm.DATABASE_SILENT in health.measure(node.house).alarms
        assert health.measure(node.house).is_paging
        server.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(Identifier(name)))
        until(lambda: not alarms(node))


def test_an_act_that_waits_beside_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a kind that this program does not know; once it does, it is entered."""
    with node_of(tmp_path) as node:

        def cause() -> None:
            now = node.house.clock.now()
            node.house.spool.put(Spooled("order-of-a-later-release", "spl_1", now, Actor("node"), {}))
            move(node, 10)

        known = Carried("order-of-a-later-release", lambda _tx, _act: None)
        cure = lambda: monkeypatch.setitem(spool.CARRIED, known.kind, known)  # noqa: E731
        raised_then_gone(node, Alarm.SPOOL_WAITING, cause, cure)


def test_something_on_the_spool_that_does_not_open(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        odd = node.house.spool.folder / "found.damaged"
        raised_then_gone(node, Alarm.SPOOL_ODD, lambda: odd.write_bytes(b"?"), odd.unlink)


def test_the_reserved_disk_in_use(tmp_path: Path) -> None:
    with node_of(tmp_path) as node:
        reserve = node.house.reserve
        assert reserve is not None
        until(lambda: reserve.is_kept)
        size = reserve._size_bytes

        def cause() -> None:
            reserve._size_bytes = 10**15  # there is never twice as much free, as on a full disk
            reserve.release()

        raised_then_gone(node, Alarm.RESERVE_USED, cause, lambda: setattr(reserve, "_size_bytes", size))
