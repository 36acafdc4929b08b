"""Several processes on one database, each with its own connections and writer: both databases keep the same promises.

Traps met before: `SKIP LOCKED` is silently dropped on SQLite; lost updates; write skew.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select, update
from sqlalchemy.dialects import sqlite

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.storage import Effect, Tx, effects
from beffroi.ground.storage.effects import effect_table
from tests.databases import HouseDb
from tests.unit.ground.storage.lamps import LAMPS, Colour, LampPainted, hang, make_tables

CLAIMERS, EFFECTS = 5, 50
LEASE = timedelta(minutes=1)


@pytest.fixture
def house(house_db: HouseDb) -> HouseDb:
    make_tables(house_db)
    return house_db


def at_once(count: int, work: Callable[[int], None]) -> None:
    """Run `work` in `count` threads that begin together; what one raises is raised here."""
    barrier, failures = threading.Barrier(count), list[BaseException]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 (raised below)
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


def intend(house: HouseDb) -> None:
    def work(tx: Tx) -> None:
        for number in range(EFFECTS):
            tx.intend(Effect("ring", f"key-{number}", {}))

    house.run(work)


def test_sqlite_drops_skip_locked_without_a_word() -> None:
    """Why `claim` may only run in a transaction that began IMMEDIATE."""
    statement = select(effect_table).with_for_update(skip_locked=True)
    assert "LOCK" not in str(statement.compile(dialect=sqlite.dialect())).upper()


def test_no_effect_is_claimed_by_two(house: HouseDb) -> None:
    intend(house)
    processes = [house.another() for _ in range(CLAIMERS)]
    claimed: list[Counter[str]] = [Counter() for _ in processes]

    def work(number: int) -> None:
        while mine := processes[number].run(lambda tx: effects.claim(tx.conn, tx.now, limit=3, lease=LEASE)):
            claimed[number].update(effect.key for effect in mine)

    at_once(CLAIMERS, work)
    assert sum(claimed, Counter()) == Counter(f"key-{number}" for number in range(EFFECTS))
    assert house.column("SELECT DISTINCT attempts FROM effect") == [1]


def test_each_lease_that_ended_is_taken_by_one(house: HouseDb) -> None:
    intend(house)
    house.run(lambda tx: effects.claim(tx.conn, tx.now, limit=EFFECTS, lease=LEASE))
    house.clock.move(LEASE)
    processes = [house.another() for _ in range(CLAIMERS)]
    claimed: list[list[str]] = [[] for _ in processes]

    def work(number: int) -> None:
        mine = processes[number].run(lambda tx: effects.claim(tx.conn, tx.now, limit=EFFECTS, lease=LEASE))
        claimed[number] = [effect.key for effect in mine]

    at_once(CLAIMERS, work)
    assert sorted(key for mine in claimed for key in mine) == sorted(f"key-{number}" for number in range(EFFECTS))
    assert house.column("SELECT DISTINCT attempts FROM effect") == [2]


def test_postgresql_claims_past_rows_that_another_is_claiming(postgres_db: HouseDb) -> None:
    intend(postgres_db)
    other = postgres_db.another()

    def claim(tx: Tx) -> set[str]:
        return {effect.key for effect in effects.claim(tx.conn, tx.now, limit=20, lease=LEASE)}

    def both(tx: Tx) -> tuple[set[str], set[str]]:
        return claim(tx), other.run(claim)  # the other begins and ends while we are in the middle

    mine, theirs = postgres_db.run(both)
    assert len(mine) == len(theirs) == 20
    assert not mine & theirs


def test_an_effect_is_either_begun_or_taken_back(house: HouseDb) -> None:
    intend(house)
    claimer, canceller = house.another(), house.another()
    begun: set[str] = set()
    taken_back: set[str] = set()

    def work(number: int) -> None:
        for each in range(EFFECTS):
            if number:
                mine = claimer.run(lambda tx: effects.claim(tx.conn, tx.now, limit=1, lease=LEASE))
                begun.update(effect.key for effect in mine)
            elif canceller.run(lambda tx, key=f"key-{EFFECTS - 1 - each}": effects.cancel(tx.conn, key, tx.now)):  # type: ignore[misc]
                taken_back.add(f"key-{EFFECTS - 1 - each}")

    at_once(2, work)
    assert not begun & taken_back
    assert len(begun | taken_back) == EFFECTS


def test_no_update_is_lost(house: HouseDb) -> None:
    writers, turns = 4, 10
    house.run(hang)
    processes = [house.another() for _ in range(writers)]
    refused: Counter[int] = Counter()

    def work(number: int) -> None:
        done = 0
        while done < turns:
            before = processes[number].ask(lambda conn: LAMPS.load(conn, "lmp_1"))
            colour = Colour.RED if before.colour is Colour.WHITE else Colour.WHITE
            try:
                processes[number].run(lambda tx, b=before, c=colour: LAMPS.change(tx, b, [LampPainted(b.id, c)]))  # type: ignore[misc]
                done += 1
            except Conflict:
                refused[number] += 1

    at_once(writers, work)
    lamp = house.ask(lambda conn: LAMPS.load(conn, "lmp_1"))
    assert lamp.version == 1 + writers * turns
    assert len(house.column("SELECT id FROM event")) == 1 + writers * turns, "a refused change left an event"
    assert house.ask(LAMPS.disagreements) == []


duty = Table(
    "duty",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("awake", Integer, nullable=False),
    sqlite_strict=True,
)


def go_to_sleep(name: str, before: Callable[[], None]) -> Callable[[Tx], None]:
    """Allowed while somebody else is awake: a rule over two rows, of which one is changed."""

    def work(tx: Tx) -> None:
        awake = tx.conn.execute(select(func.count()).where(duty.c.awake == 1)).scalar_one()
        before()
        if awake > 1:
            tx.conn.execute(update(duty).where(duty.c.name == name).values(awake=0))

    return work


def test_a_rule_over_two_rows_holds_on_sqlite_and_needs_its_own_lock_on_postgresql(house_db: HouseDb) -> None:
    """The one known difference (write skew): SQLite has one writer; PostgreSQL's processes do not see each other.

    A capability with a rule over several rows must therefore change, or lock, a row that both would change.
    """
    both = [{"name": name, "version": 1, "awake": 1} for name in ("anna", "ben")]
    house_db.run(lambda tx: duty.create(tx.conn))
    house_db.run(lambda tx: tx.conn.execute(insert(duty), both))
    other = house_db.another()
    meet = threading.Barrier(2)

    def wait() -> None:
        if not house_db.database.is_sqlite:
            meet.wait(30)  # both have read and neither has written; on SQLite they cannot get here together

    jobs = [(house_db, "anna"), (other, "ben")]
    at_once(2, lambda number: jobs[number][0].run(go_to_sleep(jobs[number][1], wait)))
    awake = sum(house_db.column("SELECT awake FROM duty"))
    assert awake == (1 if house_db.database.is_sqlite else 0)
