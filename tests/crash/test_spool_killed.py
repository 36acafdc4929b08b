"""`kill -9` while acts are put on the emergency spool, and while they are entered: nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from textwrap import dedent

from sqlalchemy import func, select

from beffroi.app import open_house
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.flow import spool as flow
from beffroi.flow.notice import NoticeGiven
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.records import spooled
from beffroi.ground.storage import Actor, Spool, events
from beffroi.ground.storage.spool import Spooled
from beffroi.ground.trust.ring import KeyRing
from beffroi.settings import Settings
from tests.conftest import SOAK

PUT_KILLS, ENTER_KILLS = (200, 100) if SOAK else (12, 6)
ACTS = 1000 if SOAK else 60

PUTTING = dedent("""
    import sys
    from pathlib import Path
    from beffroi.flow.spool import keys_of
    from beffroi.ground.kernel.clock import SystemClock
    from beffroi.ground.storage import Actor, Spool
    from beffroi.ground.storage.spool import Spooled
    from beffroi.ground.trust.ring import KeyRing
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    spool = Spool(folder / "spool", keys_of(KeyRing.open(folder / "keys", SystemClock())), room_bytes=1 << 20)
    print("up", flush=True)
    number = first
    while True:
        body = {"w": "w" * (number % 3000)}
        spool.put(Spooled("notice", f"spl_{number}", SystemClock().now(), Actor("public"), body))
        print(number, flush=True)
        number += 1
""")
ENTERING = dedent("""
    import sys
    from pathlib import Path
    from beffroi.app import open_house
    from beffroi.flow import spool
    from beffroi.settings import Settings
    with open_house(Settings(data=Path(sys.argv[1]), argon2="cheap", decoders=1)) as house:
        print("up", flush=True)
        spool.drain(house)
        print("drained", flush=True)
""")


def killed(script: str, *arguments: str, after_s: float) -> list[str]:
    """Run, kill without warning so long after it is up, and return the whole lines that it said."""
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "up\n"
        time.sleep(after_s)
        os.kill(started.pid, signal.SIGKILL)
        said = started.stdout.read()
    return said.split("\n")[:-1]


def test_killed_while_acts_are_put(tmp_path: Path) -> None:
    """Whatever was acknowledged is there, in order, once; at most one more per kill, which nobody was told of."""
    chance, told = random.Random(11), []
    for _ in range(PUT_KILLS):
        first = (told[-1] + 2) if told else 0
        told += [int(line) for line in killed(PUTTING, str(tmp_path), str(first), after_s=chance.uniform(0.0, 0.15))]
    assert len(told) > PUT_KILLS
    keys = flow.keys_of(KeyRing.open(tmp_path / "keys", SystemClock()))
    spool = Spool(tmp_path / "spool", keys)
    found: list[int] = []
    spool.drain(lambda frame: found.append(int(frame.act.key.removeprefix("spl_")) if frame.act else -1))
    spool.close()
    assert -1 not in found
    assert len(found) == len(set(found))
    assert set(told) <= set(found)
    assert len(set(found) - set(told)) <= PUT_KILLS
    assert spool.set_aside == 0


def test_killed_while_acts_are_entered(tmp_path: Path) -> None:
    """Each notice is entered once, in the order in which it came, however often the node dies on the way."""
    settings = Settings(data=tmp_path, argon2="cheap", decoders=1)
    with open_house(settings) as house:
        for number in range(ACTS):
            put_notice(house, number)
    chance, kills = random.Random(12), 0
    for _ in range(ENTER_KILLS):
        said = killed(ENTERING, str(tmp_path), after_s=chance.uniform(0.0, 0.15))
        if "drained" in said:
            break
        kills += 1
    with open_house(settings) as house:
        flow.drain(house)
        assert house.spool.waiting == 0
        with house.read() as conn:
            entered = [event.facts["act"] for event in events.of_type(conn, "spooled-act-entered")]
            assert conn.execute(select(func.count()).select_from(spooled.spooled_table)).scalar() == ACTS
            received = events.of_type(conn, "notice-received")
            assert cases_store.NOTICES.disagreements(conn) == []
    assert entered == [f"spl_{number:04d}" for number in range(ACTS)]
    assert len({event.aggregate_id for event in received}) == len(received) == ACTS
    assert kills > 0, "no kill came while acts were entered"


def put_notice(house, number: int) -> None:
    now = house.clock.now()
    given = NoticeGiven(f"https://agora.example/p/{number}", "It calls on others.", "Ada", "ada@mail.example", True)
    body = {"given": asdict(given), "promised": asdict(cases.promise_notice(now)), "platform_id": None}
    house.spool.put(Spooled("notice", f"spl_{number:04d}", now, Actor("public"), body))
