"""The victim of crash tests: `python -m tests.crash.storm FOLDER DATABASE HOOK_PORT KILLS SEED ACKS`.

Loads the interpreter once, then forks a node again and again: it posts, decides and delivers, and writes a line to
the file ACKS for everything it was told is done. The parent kills it at any moment, without warning.
"""

import os
import random
import select
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from pydantic import SecretStr

from beffroi.app import connector_of, open_house
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.content.model import AccountGiven, Submission
from beffroi.decisions import policies
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, Clause, Exemption, Ground, GroundKind, ItemRevision
from beffroi.decisions.rules import Decide
from beffroi.doors.workers import Crew
from beffroi.flow import decide, screening
from beffroi.flow.house import House
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.matching import service as matching
from beffroi.matching.model import BankTerms, EntryGiven
from beffroi.parties import charter
from beffroi.settings import Settings
from tests.nodes import without_decoders

ME = PersonId("prs_storm")
ACTOR = Actor("person", ME)
PLATFORM = Actor("key", "storm")
EARLY = 0.2
"""The share of kills that fall into the start."""
ACKS_MAX = 8
"""As many things, at the most, does a node do before it is killed: counted and not timed, so that a slow machine is
asked as much as a fast one."""
STUCK_S = 60
_CLAUSE = Clause("1", {"en": "Lamps"}, {"en": "No lamps."}, "terrorist_content", 3)


def settings(folder: Path, database: str, hook_port: int) -> Settings:
    """A node in `folder` whose platform listens on `hook_port`."""
    return Settings(
        data=folder,
        database=database,
        port=1,
        hook_url=f"http://127.0.0.1:{hook_port}/hook",
        hook_secret=SecretStr("whsec_" + "QUJD" * 11),
        outbound_allow=(f"127.0.0.1:{hook_port}",),
        decoders=1,
    )


def prepare(house: House) -> None:
    """A bank with one phrase, a policy, and no undo hold."""

    def work(tx: Tx) -> None:
        bank = matching.create_bank(tx, BankTerms("Storm", "for the storm", hourly_cap=100_000), ME)
        matching.add_entry(tx, bank.id, EntryGiven("phrase", "the storm lamp"), ME)
        matching.promote(tx, bank.id, ME)
        policies.publish(tx, None, "Terms", (_CLAUSE,), ME)
        charter.set(tx, "undo_hold_s", 0, ME, "for the storm")

    house.write("law", ACTOR, work)


def live(folder: Path, database: str, hook_port: int, acks: Path, generation: int, up: int) -> None:
    """Post, decide, deliver, and say so, until killed; a byte into `up` says that one more thing is done."""
    chosen = settings(folder, database, hook_port)
    with open_house(chosen) as house, acks.open("a", buffering=1) as told:
        crew = Crew(house, connector_of(chosen, house))
        crew.start()
        with house.read() as conn:
            policy = decisions_store.all_policies(conn)[0]
        ground = Ground(GroundKind.TERMS, policy.id, policy.number, "1")
        for number in range(1_000_000):
            _post(house, told, f"g{generation}-{number}", hook_port)
            os.write(up, b"!")
            _decide(house, told, ground)
            os.write(up, b"!")


def _post(house: House, told: TextIO, platform_id: str, hook_port: int) -> None:
    text = f"Tonight the storm lamp, says {platform_id}" if platform_id[-1] in "13579" else "A quiet evening"
    account = AccountGiven(f"u-{platform_id[-1]}", "Somebody")
    given = Submission(platform_id, account, text=text, url=f"http://127.0.0.1:{hook_port}/p/{platform_id}")
    [answer] = screening.screen(house, PLATFORM, [given])
    if not isinstance(answer, Refusal):
        print("item", platform_id, answer.item, file=told)


def _decide(house: House, told: TextIO, ground: Ground) -> None:
    with house.read() as conn:
        waiting = cases_store.queue(conn, limit=1)
    if not waiting:
        return
    case = waiting[0]
    try:
        house.write("law", ACTOR, lambda tx: cases.claim(tx, case.id, ME, timedelta(minutes=15)))
        items = tuple(ItemRevision(i.item, i.revision) for i in case.items)
        sentence = "It praises the lamp and nothing frames it as a joke."
        command = Decide(case.id, Act.REMOVE, items, None, ground, Exemption.PUBLIC_DEBATE, sentence)
        made = decide.decide(house, ACTOR, ME, command)
    except Refusal:
        return
    print("decision", made.decision.id, items[0].item, file=told)


def _watch(ready: int, steps: int) -> None:
    """Until the node has done so many things, or does nothing more."""
    while steps > 0 and select.select([ready], [], [], STUCK_S)[0]:
        done = os.read(ready, steps)
        if not done:  # it ended by itself, and said why
            return
        steps -= len(done)


def main() -> None:
    """Fork and kill, as often as asked."""
    folder, database, hook_port, kills, seed, acks = sys.argv[1:7]
    chance = random.Random(int(seed))
    with open_house(settings(Path(folder), database, int(hook_port))) as house:
        prepare(house)
    for generation in range(int(kills)):
        ready, up = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                live(Path(folder), database, int(hook_port), Path(acks), generation, up)
            except BaseException:  # noqa: BLE001 (shown, whatever it is; the process ends)
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(up)
        if chance.random() < EARLY:
            time.sleep(chance.uniform(0.0, 0.2))  # while it starts and recovers
        else:
            _watch(ready, chance.randint(1, ACKS_MAX))
            time.sleep(chance.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
    print("killed", kills, flush=True)


if __name__ == "__main__":
    with without_decoders():
        main()
