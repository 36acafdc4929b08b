"""One writer, two lanes: law first, one refusal costs nobody else anything, a failing database fails everybody."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import insert as insert_into
from sqlalchemy import text

from beffroi.ground.kernel.errors import Conflict, Invalid, InvariantViolated, Refusal, TooMany, Unavailable
from beffroi.ground.kernel.limits import BATCH_UNITS_MAX, WRITE_QUEUE_MAX
from beffroi.ground.storage import Actor, Effect, Lane, Tx
from beffroi.ground.storage.tx import NODE
from tests.databases import HouseDb
from tests.unit.ground.storage.lamps import Colour, LampPainted, tally_table


def insert(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.conn.execute(insert_into(tally_table).values(n=number))
        return number

    return work


def numbers(house: HouseDb) -> list[int]:
    return house.column("SELECT n FROM tally ORDER BY n")


@contextmanager
def held(house: HouseDb) -> Iterator[None]:
    """The writer is busy inside, so that what is submitted waits together."""
    begun, go = threading.Event(), threading.Event()

    def work(_tx: Tx) -> None:
        begun.set()
        go.wait(30)

    first = house.writer.submit("law", NODE, work)
    begun.wait(30)
    try:
        yield
    finally:
        go.set()
        first.result()


def submit(house: HouseDb, lane: Lane, *jobs: Callable[[Tx], Any]) -> "list[Future[Any]]":
    return [house.writer.submit(lane, NODE, job) for job in jobs]


def test_the_result_comes_after_the_commit(house_db: HouseDb) -> None:
    assert house_db.run(insert(1)) == 1
    assert numbers(house_db) == [1]


def test_who_does_it_and_when(house_db: HouseDb) -> None:
    told = house_db.run(lambda tx: (str(tx.actor), tx.now, tx.vault), actor=Actor("person", "prs_1"))
    assert told == ("person:prs_1", house_db.clock.now(), house_db.vault)


def test_law_before_bulk(house_db: HouseDb) -> None:
    order: list[str] = []
    with held(house_db):
        waiting = submit(house_db, "bulk", *(lambda _tx: order.append("bulk") for _ in range(BATCH_UNITS_MAX + 1)))
        waiting += submit(house_db, "law", *(lambda _tx: order.append("law") for _ in range(3)))
        assert house_db.writer.waiting() == {"law": 3, "bulk": BATCH_UNITS_MAX + 1}
    for job in waiting:
        job.result()
    assert order == ["law"] * 3 + ["bulk"] * (BATCH_UNITS_MAX + 1)
    assert house_db.writer.waiting() == {"law": 0, "bulk": 0}


def transaction_of(tx: Tx) -> object:
    """The transaction itself, not the savepoint in it."""
    return tx.conn.get_transaction()


def test_law_is_alone_and_bulk_goes_together_up_to_the_batch(house_db: HouseDb) -> None:
    def note(tx: Tx) -> object:
        return transaction_of(tx)

    with held(house_db):
        law = submit(house_db, "law", note, note)
        bulk = submit(house_db, "bulk", *(note for _ in range(BATCH_UNITS_MAX + 2)))
    assert law[0].result() is not law[1].result()
    transactions = [job.result() for job in bulk]
    assert all(one is transactions[0] for one in transactions[:BATCH_UNITS_MAX])
    assert transactions[BATCH_UNITS_MAX] is transactions[BATCH_UNITS_MAX + 1] is not transactions[0]


def test_a_law_job_that_comes_during_a_batch_is_next(house_db: HouseDb) -> None:
    order: list[str] = []
    with held(house_db):
        late: list[Future[Any]] = []

        def bulk(tx: Tx) -> None:
            if not order:
                late.extend(submit(house_db, "law", lambda _tx: order.append("law")))
            order.append("bulk")

        jobs = submit(house_db, "bulk", *(bulk for _ in range(BATCH_UNITS_MAX + 1)))
    for job in jobs:
        job.result()
    assert order == ["bulk"] * BATCH_UNITS_MAX + ["law", "bulk"]


def test_the_bulk_lane_is_full_and_the_law_lane_never(house_db: HouseDb) -> None:
    with held(house_db):
        waiting = submit(house_db, "bulk", *(lambda _tx: None for _ in range(WRITE_QUEUE_MAX)))
        with pytest.raises(TooMany) as refused:
            submit(house_db, "bulk", insert(1))
        assert refused.value.retry_after_s == 1
        waiting += submit(house_db, "law", *(lambda _tx: None for _ in range(10)), insert(2))
        assert house_db.writer.waiting()["bulk"] == WRITE_QUEUE_MAX
        for job in waiting[:WRITE_QUEUE_MAX]:
            job.cancel()
    waiting[-1].result()
    assert numbers(house_db) == [2]


def test_as_many_law_jobs_wait_as_there_are(house_db: HouseDb) -> None:
    with held(house_db):
        waiting = submit(house_db, "law", *(lambda _tx: None for _ in range(WRITE_QUEUE_MAX + 1)))
        assert house_db.writer.waiting()["law"] == WRITE_QUEUE_MAX + 1
        for job in waiting:
            job.cancel()
    assert all(job.cancelled() for job in waiting)


# What refuses


def refuse(tx: Tx) -> None:
    insert(100)(tx)
    tx.record(LampPainted("lmp_1", Colour.RED))
    tx.intend(Effect("ring", "k", {}))
    raise Conflict("too-late", "somebody was faster")


def repeat(tx: Tx) -> None:
    insert(1)(tx)
    insert(1)(tx)


def unstorable(tx: Tx) -> None:
    """PostgreSQL's TEXT holds no NUL; SQLite's does, so it is told to overflow."""
    if tx.conn.dialect.name == "postgresql":
        tx.conn.execute(text("SELECT CAST(:words AS TEXT)").bindparams(words="a\0b"))
    else:
        raise Invalid("not-storable", "SQLite would have stored it")


def broken(_tx: Tx) -> None:
    raise ZeroDivisionError


REFUSALS = [(refuse, Conflict), (repeat, Conflict), (unstorable, Invalid), (broken, ZeroDivisionError)]


@pytest.mark.parametrize(("job", "kind"), REFUSALS)
@pytest.mark.parametrize("lane", ["law", "bulk"])
def test_a_refused_job_leaves_nothing(
    house_db: HouseDb, lane: Lane, job: Callable[[Tx], None], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        house_db.run(job, lane=lane)
    assert numbers(house_db) == []
    assert house_db.column("SELECT id FROM event UNION ALL SELECT id FROM effect") == []
    assert house_db.run(insert(1)) == 1


@pytest.mark.parametrize(("job", "kind"), REFUSALS)
@pytest.mark.parametrize("position", [0, 3, 7])
def test_one_refusal_in_a_batch_costs_the_others_nothing(
    house_db: HouseDb, job: Callable[[Tx], None], kind: type[Exception], position: int
) -> None:
    jobs: list[Callable[[Tx], Any]] = [insert(number) for number in range(10, 17)]
    jobs.insert(position, job)
    with held(house_db):
        done = submit(house_db, "bulk", *jobs)
    with pytest.raises(kind):
        done[position].result()
    assert [one.result() for one in done if one is not done[position]] == list(range(10, 17))
    assert numbers(house_db) == list(range(10, 17))


def test_a_refusal_at_the_end_of_a_job_is_its_own_too(house_db: HouseDb) -> None:
    """Effects are written when the job is over; a key intended twice comes out only then."""
    twice: Callable[[Tx], None] = lambda tx: tx.intend(Effect("ring", "k", {}))  # noqa: E731
    with held(house_db):
        first, second, third = submit(house_db, "bulk", twice, twice, insert(1))
    assert first.result() is None
    with pytest.raises(Conflict):
        second.result()
    assert third.result() == 1


def test_reactions_belong_to_their_job(house_db: HouseDb) -> None:
    def refuse_red(tx: Tx) -> None:
        if tx.recorded:
            raise Refusal("no-red", "red lamps are refused")

    other = house_db.another()
    other.writer._settle = refuse_red
    with held(other):
        painted, inserted = submit(other, "bulk", lambda tx: tx.record(LampPainted("l", Colour.RED)), insert(1))
    with pytest.raises(Refusal):
        painted.result()
    assert inserted.result() == 1
    assert house_db.column("SELECT id FROM event") == []


def test_the_same_exception_comes_out_that_went_in(house_db: HouseDb) -> None:
    reason = InvariantViolated("odd", "this cannot be")

    def work(_tx: Tx) -> None:
        raise reason

    with pytest.raises(InvariantViolated) as raised:
        house_db.run(work)
    assert raised.value is reason


# What fails


def no_such_table(tx: Tx) -> None:
    tx.conn.execute(text("SELECT * FROM no_such_table"))


@pytest.mark.parametrize("position", [0, 2])
def test_a_failing_database_fails_the_batch_and_the_writer_lives_on(house_db: HouseDb, position: int) -> None:
    jobs: list[Callable[[Tx], Any]] = [insert(1), insert(2)]
    jobs.insert(position, no_such_table)
    with held(house_db):
        done = submit(house_db, "bulk", *jobs)
    for one in done:
        with pytest.raises(Unavailable) as failed:
            one.result()
        assert failed.value.code == "record-not-written"
    assert numbers(house_db) == []
    assert house_db.run(insert(3)) == 3
    assert house_db.run(insert(4), lane="bulk") == 4


def test_a_lost_connection_is_replaced(postgres_db: HouseDb) -> None:
    def die(tx: Tx) -> None:
        tx.conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable):
        postgres_db.run(die)
    assert postgres_db.run(insert(1)) == 1


def test_a_writer_thread_does_not_die_of_anything(house_db: HouseDb) -> None:
    class Unheard(BaseException):
        pass

    def work(_tx: Tx) -> None:
        raise Unheard

    with pytest.raises(Unheard):
        house_db.run(work)
    assert house_db.run(insert(1)) == 1


def test_a_full_disk_leaves_nothing_half_done(sqlite_db: HouseDb) -> None:
    def limit(pages: int) -> None:
        with sqlite_db.database.writer.connect() as conn:
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}").fetchall()

    def fill(tx: Tx) -> None:
        insert(1)(tx)
        tx.record(LampPainted("lmp_1", Colour.RED))
        tx.intend(Effect("ring", "k", {"words": "x" * 10_000_000}))

    limit(sqlite_db.column("PRAGMA page_count")[0] + 3)
    with pytest.raises(Unavailable) as failed:
        sqlite_db.run(fill)
    assert failed.value.facts == {"cause": "SQLITE_FULL"}
    with held(sqlite_db):
        done = submit(sqlite_db, "bulk", insert(2), fill, insert(3))
    for one in done:
        with pytest.raises(Unavailable):
            one.result()
    assert numbers(sqlite_db) == []
    assert sqlite_db.column("SELECT id FROM event UNION ALL SELECT id FROM effect") == []
    limit(1_000_000)
    sqlite_db.run(fill)
    assert numbers(sqlite_db) == [1]
    assert sqlite_db.column("SELECT key FROM effect") == ["k"]
    assert sqlite_db.column("PRAGMA integrity_check") == ["ok"]


def test_what_was_committed_is_told_once_and_nothing_else_is(sqlite_db: HouseDb) -> None:
    told: list[dict[str, Any]] = []
    sqlite_db.writer._tell = told.extend

    def paint(name: str, *, refused: bool = False, words: str = "") -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            tx.record(LampPainted(f"lmp_{name}", Colour.RED))
            tx.flush()
            if refused:
                raise Conflict("no", "not today")
            tx.intend(Effect("ring", name, {"words": words}))

        return work

    sqlite_db.run(paint("1"))
    with pytest.raises(Conflict):
        sqlite_db.run(paint("2", refused=True))
    with held(sqlite_db):
        jobs = submit(sqlite_db, "bulk", paint("3"), paint("4", refused=True), paint("5"))
    assert [job.exception() is None for job in jobs] == [True, False, True]
    with sqlite_db.database.writer.connect() as conn:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {sqlite_db.column('PRAGMA page_count')[0] + 3}").fetchall()
    with held(sqlite_db):  # the first has done its part when the second finds the disk full
        jobs = submit(sqlite_db, "bulk", paint("6"), paint("7", words="x" * 10_000_000))
    assert all(isinstance(job.exception(), Unavailable) for job in jobs)
    assert [row["aggregate_id"] for row in told] == ["lmp_1", "lmp_3", "lmp_5"]
    assert [row["id"] for row in told] == sqlite_db.column("SELECT id FROM event ORDER BY seq")


def test_who_cannot_be_told_holds_up_nobody(house_db: HouseDb) -> None:
    def fail(_rows: object) -> None:
        raise ValueError("not today")

    house_db.writer._tell = fail
    assert house_db.run(insert(1)) == 1
    assert house_db.run(insert(2)) == 2


# Ending


def test_a_job_can_be_taken_back_until_it_begins(house_db: HouseDb) -> None:
    with held(house_db):
        jobs = submit(house_db, "bulk", insert(1), insert(2), insert(3))
        assert jobs[1].cancel()
    assert (jobs[0].result(), jobs[2].result()) == (1, 3)
    assert numbers(house_db) == [1, 3]
    assert not jobs[0].cancel()


def test_all_taken_back(house_db: HouseDb) -> None:
    with held(house_db):
        jobs = submit(house_db, "bulk", insert(1), insert(2))
        assert all(job.cancel() for job in jobs)
    assert house_db.run(insert(3)) == 3
    assert numbers(house_db) == [3]


def test_closing_finishes_what_waits_and_takes_nothing_more(house_db: HouseDb) -> None:
    other = house_db.another()
    with held(other):
        jobs = submit(other, "bulk", insert(1)) + submit(other, "law", insert(2))
        closing = threading.Thread(target=other.writer.close)
        closing.start()
        while not other.writer._closing:
            time.sleep(0.001)
        with pytest.raises(Unavailable) as refused:
            other.run(insert(3))
        assert refused.value.code == "closing"
    closing.join()
    assert [job.result() for job in jobs] == [1, 2]
    assert numbers(house_db) == [1, 2]
