"""What really causes each alarm of a running node, and what ends it.

Owns: one cause for each alarm, by its name in `CAUSES`; `Stage`, a node with all that they need.
Promises: inside a cause its alarm comes, after it the alarm goes; nothing is replaced by a double, but limits are set
under what the machine has, and a node's clock is moved.
Never does: look whether the alarm is raised; tests do, over HTTP or in a browser.
"""

import fcntl
import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from beffroi.cases import service as cases
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.flow import health, spool
from beffroi.flow.carry import Carried
from beffroi.flow.health import Alarm
from beffroi.ground.kernel.ids import RecipientId, ThreatId
from beffroi.ground.kernel.limits import (
    DECODER_LOSSES_MAX,
    LEDGER_LAG_S_MAX,
    LOOP_SILENT_S_MAX,
    OUTBOX_AGE_S_MAX,
    WARNING_RING_S,
)
from beffroi.ground.storage import Actor, Tx, files
from beffroi.ground.storage.spool import Spooled
from beffroi.ground.storage.tx import NODE
from beffroi.signals.model import PictureFacts
from beffroi.staff.model import Role
from beffroi.threats import rules as threat_rules
from beffroi.threats import service as threats
from beffroi.threats.model import Receipt
from tests.authz.scene import Scene
from tests.nodes import PHRASE, Running, running
from tests.unit.doors.platforms.receiver import Receiver
from tests.unit.doors.platforms.receiver import replies as replying
from tests.unit.signals.photographs import photograph, saved


class Lenient(Receiver):
    """It does not compare times: the clock of the node is moved."""

    def _verifies(self, headers: dict[str, str], body: bytes) -> bool:
        return True


@dataclass(frozen=True)
class Stage:
    """A node whose clock the test moves, its crew at work, its platform, and a folder for what is beside it."""

    node: Running
    platform: Receiver
    beside: Path
    scene: Scene = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scene", Scene(self.node))

    @property
    def now(self) -> datetime:
        """By its clock."""
        return self.node.house.clock.now()

    def move(self, seconds: float) -> None:
        """Its clock."""
        self.node.house.clock.move(timedelta(seconds=seconds))  # type: ignore[attr-defined]

    def ask_the_platform(self) -> None:
        """A moderator decides, and the platform hears of it."""
        heard = len(self.platform.received)
        self.scene.decision(self.node.people[Role.MODERATOR])
        until(lambda: len(self.platform.received) > heard)


@contextmanager
def staged(folder: Path, database: str = "", **settings: Any) -> Iterator[Stage]:
    """A stage in `folder`."""
    with Lenient(fresh_secret()) as platform:
        settings |= {"hook_url": platform.hook_url, "hook_secret": platform.secret, "outbound_allow": (platform.pair,)}
        with running(folder / "node", database, test_clock=True, **settings) as node:
            yield Stage(node, platform, folder)


def until(holds: Callable[[], object]) -> None:
    """Wait for what another thread does; the suite's own time limit ends a wait in vain."""
    pause = threading.Event()
    while not holds():
        pause.wait(0.25)  # `/health` is asked 600 times a minute at most, by all of them together


@contextmanager
def writer_held_up(stage: Stage) -> Iterator[None]:
    """A transaction does not end, as on a disk that stalls: nothing is written meanwhile, and all can be read."""
    begun, goes_on = threading.Event(), threading.Event()

    def stall(_tx: Tx) -> None:
        begun.set()
        goes_on.wait()

    stalled = stage.node.house.writer.submit("law", NODE, stall)
    begun.wait()
    try:
        yield
    finally:
        goes_on.set()
        stalled.result()


@contextmanager
def event_without_a_leaf(stage: Stage) -> Iterator[None]:
    """It is recorded, and its entry cannot be written."""
    stage.node.screen(f"late-{stage.now.timestamp()}", PHRASE)
    with writer_held_up(stage):
        stage.move(LEDGER_LAG_S_MAX + 1)
        yield
    stage.node.house.integrator.beat()


@contextmanager
def claim_that_nobody_ends(stage: Stage) -> Iterator[None]:
    """It is over after a minute, and that cannot be written."""
    case, moderator = stage.scene.case(), stage.node.people[Role.MODERATOR]
    stage.node.house.write("law", NODE, lambda tx: cases.claim(tx, case, moderator, timedelta(minutes=1)))
    with writer_held_up(stage):
        stage.move(66)
        yield


@contextmanager
def sweep_that_hangs(stage: Stage) -> Iterator[None]:
    """It would end a claim, and waits for the writer."""
    with claim_that_nobody_ends(stage):
        stage.move(LOOP_SILENT_S_MAX - 60)  # over its limit, and under that of a loop that rests longer
        yield


@contextmanager
def platform_that_fails(stage: Stage) -> Iterator[None]:
    """It answers everything with 500."""
    does, stage.platform.behave = stage.platform.behave, replying("500 Internal Server Error")
    stage.ask_the_platform()
    stage.move(OUTBOX_AGE_S_MAX + 1)
    yield
    stage.platform.behave = does
    stage.move(3600)  # what was tried once more in between waits for its next turn, by the node's clock


@contextmanager
def platform_that_hangs(stage: Stage) -> Iterator[None]:
    """It takes what it is sent and does not answer, so that a worker waits, as long as a call may last."""
    does, answers = stage.platform.behave, threading.Event()

    def hang(connection: Any) -> None:
        answers.wait()
        does(connection)

    stage.platform.behave = hang
    stage.ask_the_platform()
    stage.move(LOOP_SILENT_S_MAX + 2)
    try:
        yield
    finally:
        answers.set()
        stage.platform.behave = does


@contextmanager
def vault_that_somebody_reads(stage: Stage) -> Iterator[None]:
    """Which keeps the sweep from overwriting the key of an upload that is past its time."""
    node = stage.node
    reader = sqlite3.connect(node.house.settings.data / "vault.db", isolation_level=None, check_same_thread=False)
    sent = node.client.post("/api/v1/media", content=b"a file", headers=node.bearer | {"Content-Type": "text/plain"})
    assert sent.status_code == 201
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM subject_key").fetchone()
    stage.move(3601)
    yield
    reader.execute("COMMIT")
    reader.close()


@contextmanager
def clock_set_back(stage: Stage) -> Iterator[None]:
    """By more than a time service would."""
    stage.move(-3)
    yield
    stage.move(3)


@contextmanager
def pictures_that_cost_their_process(stage: Stage) -> Iterator[None]:
    """One after another."""
    picture, decoder = saved(photograph("chelsea.png"), "JPEG"), stage.node.house.decoder
    for _ in range(DECODER_LOSSES_MAX):
        for child in tuple(decoder._alive):
            os.kill(child.pid, signal.SIGKILL)
        decoder.pictures([picture])
    yield
    until(lambda: isinstance(decoder.pictures([picture])[0], PictureFacts))  # the dead spare is still in line


@contextmanager
def disk_that_fills(stage: Stage) -> Iterator[None]:
    """The limits are set just under what is free, and a file takes more than that; one such test at a time."""
    filler, settings = stage.beside / "filler", stage.node.house.settings
    with (Path(tempfile.gettempdir()) / "beffroi-a-disk-fills").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        free, whole = files.room(stage.beside)
        some = max(free // 20, 500_000_000)
        limits = {"disk_free_share_min": (free - some) / whole}
        with patch.dict(settings.__dict__, limits), patch.object(health, "DISK_FREE_BYTES_MIN", free - some):
            _fill(filler, free - 2 * some)
            yield
            filler.unlink()


def _fill(filler: Path, free: int) -> None:
    """Until that is free; others write and delete meanwhile."""
    size = 0
    with filler.open("wb") as file:
        while (over := files.room(filler.parent)[0] - free) > 0:
            os.posix_fallocate(file.fileno(), size, over)
            size += over


@contextmanager
def act_of_a_later_release(stage: Stage) -> Iterator[None]:
    """It waits on the spool; once this program knows its kind, it is entered."""
    kind, now = "order-of-a-later-release", stage.now
    stage.node.house.spool.put(Spooled(kind, f"spl_{now.timestamp()}", now, Actor("node"), {}))
    stage.move(10)
    yield
    with patch.dict(spool.CARRIED, {kind: Carried(kind, lambda _tx, _act: None)}):
        until(lambda: not stage.node.house.spool.waiting)


@contextmanager
def file_that_does_not_open(stage: Stage) -> Iterator[None]:
    """Somebody put it on the spool."""
    odd = stage.node.house.spool.folder / "found.damaged"
    odd.write_bytes(b"?")
    yield
    odd.unlink()


@contextmanager
def reserve_that_was_let_go(stage: Stage) -> Iterator[None]:
    """And twice as much is never free again, as on a full disk."""
    reserve = stage.node.house.reserve
    assert reserve is not None
    until(lambda: reserve.is_kept)
    size, reserve._size_bytes = reserve._size_bytes, 10**15
    reserve.release()
    yield
    reserve._size_bytes = size


@contextmanager
def database_that_lets_nobody_in(stage: Stage) -> Iterator[None]:
    """A PostgreSQL server ends all connections of the node and takes no new ones."""
    url = make_url(stage.node.house.settings.database_url)
    admin = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    allow = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(allow.format(Identifier(url.database or ""), SQL("false")))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (url.database,))
        try:
            yield
        finally:
            server.execute(allow.format(Identifier(url.database or ""), SQL("true")))


@contextmanager
def warning_that_nobody_confirms(stage: Stage) -> Iterator[None]:
    """It was signed ten minutes ago; then somebody there says that they have it, and a second person looks."""
    threat = _warned(stage)
    stage.move(WARNING_RING_S + 1)
    yield
    _confirmed(stage, threat)
    _seconded(stage, threat)


@contextmanager
def warning_that_nobody_else_looked_at(stage: Stage) -> Iterator[None]:
    """The day is nought hours long; then a second person looks."""
    with patch.object(threat_rules, "WARNING_SECOND_H", 0):
        threat = _warned(stage)
        _confirmed(stage, threat)
        yield
        _seconded(stage, threat)


def _warned(stage: Stage) -> tuple[ThreatId, RecipientId]:
    threat, to = stage.scene.warning(stage.node.people[Role.MODERATOR])
    return ThreatId(threat), RecipientId(to)


def _confirmed(stage: Stage, warning: tuple[ThreatId, RecipientId]) -> None:
    threat, to = warning
    moderator = stage.node.people[Role.MODERATOR]
    stage.node.house.write("law", NODE, lambda tx: threats.confirm(tx, threat, 1, to, Receipt.TELEPHONE, moderator))


def _seconded(stage: Stage, warning: tuple[ThreatId, RecipientId]) -> None:
    lead = stage.node.people[Role.POLICY_LEAD]
    stage.node.house.write("law", NODE, lambda tx: threats.second(tx, warning[0], lead, agrees=True))


Cause = Callable[[Stage], AbstractContextManager[None]]
CAUSES: dict[Alarm, Cause] = {
    Alarm.CLOCK_BACK: clock_set_back,
    Alarm.DATABASE_SILENT: database_that_lets_nobody_in,
    Alarm.DECODER_FAILING: pictures_that_cost_their_process,
    Alarm.DISK_FULL: disk_that_fills,
    Alarm.DISK_SHORT: disk_that_fills,
    Alarm.DUE_LATE: claim_that_nobody_ends,
    Alarm.LEDGER_LATE: event_without_a_leaf,
    Alarm.LOOP_FAILING: vault_that_somebody_reads,
    Alarm.LOOP_SILENT: sweep_that_hangs,
    Alarm.OUTBOX_OLD: platform_that_fails,
    Alarm.RESERVE_USED: reserve_that_was_let_go,
    Alarm.SPOOL_ODD: file_that_does_not_open,
    Alarm.SPOOL_WAITING: act_of_a_later_release,
    Alarm.WARNING_UNSEEN: warning_that_nobody_else_looked_at,
    Alarm.WARNING_WAITS: warning_that_nobody_confirms,
}
