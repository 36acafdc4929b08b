"""The one writer of a process: two lanes, law before bulk.

Owns: the thread that holds the write connection, and the queues before it.
Promises: a `law` job (a person's decision, an order) is its own transaction and never waits behind a
bulk job that has not begun; `bulk` jobs that wait together commit together, each inside its own
savepoint, so that one refusal, the database's own of its values included, costs the others nothing; a job's
result is returned only after the commit; a job can be cancelled until it begins; what was recorded is told once it
is committed, and never otherwise; when the disk is full, the reserve is let go and the law job that met it is run once
more, and bulk jobs are refused until the reserve is back.
Never does: run a job a second time that may have been committed, or keep an exception to itself.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ..kernel.clock import Clock
from ..kernel.errors import TooMany, Unavailable
from ..kernel.limits import BATCH_UNITS_MAX, WRITE_QUEUE_MAX
from .engine import Database, as_refusal
from .reserve import Reserve
from .tx import Actor, Tx
from .vault import Vault

Lane = Literal["law", "bulk"]
T = TypeVar("T")


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Any]
    actor: Actor
    done: Future[Any]


class Writer:
    """Runs write jobs one after the other; `settle` is called at the end of each, inside its transaction."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        settle: Callable[[Tx], None],
        tell: Callable[[list[dict[str, Any]]], None] = lambda _rows: None,
        reserve: Reserve | None = None,
    ) -> None:
        """`settle` performs the reactions to what the job recorded (see `beffroi.flow`).

        `tell` gets the rows of `event` after their commit; it must be quick. `reserve`: room on the disk of database
        and vault, where both lie on this machine.
        """
        self._database, self._vault, self._clock, self._settle, self._tell = database, vault, clock, settle, tell
        self._reserve = reserve
        self._wake = threading.Condition()
        self._lanes: dict[Lane, deque[_Job]] = {"law": deque(), "bulk": deque()}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def run(self, lane: Lane, actor: Actor, work: Callable[[Tx], T]) -> T:
        """Do `work` in a transaction and return its result after the commit.

        Raises:
            TooMany: the bulk lane is full (the law lane never is).
            Unavailable: nothing was written; the same call may succeed later.
            Refusal: whatever `work` refused; nothing was written.

        """
        return self.submit(lane, actor, work).result()

    def submit(self, lane: Lane, actor: Actor, work: Callable[[Tx], T]) -> "Future[T]":
        """Like `run`, without waiting."""
        job = _Job(work, actor, Future())
        with self._wake:
            if self._closing:
                raise Unavailable("closing", "the node is stopping")
            if lane == "bulk" and len(self._lanes["bulk"]) >= WRITE_QUEUE_MAX:
                raise TooMany("write-queue-full", "more writes wait than we can serve", retry_after_s=1)
            self._lanes[lane].append(job)
            self._wake.notify()
        return job.done

    def waiting(self) -> dict[Lane, int]:
        """How many jobs wait in each lane."""
        with self._wake:
            return {lane: len(jobs) for lane, jobs in self._lanes.items()}

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while taken := self._next():
            lane, jobs = taken
            begun = [job for job in jobs if job.done.set_running_or_notify_cancel()]
            try:
                self._commit(lane, begun)
            except BaseException as error:  # noqa: BLE001 (a dead writer thread would hang every caller)
                for job in begun:  # none has been answered: answers are given last, and giving them cannot fail
                    job.done.set_exception(error)

    def _next(self) -> tuple[Lane, list[_Job]] | None:
        """One law job, or all bulk jobs that wait up to the batch size; None when closing and idle."""
        with self._wake:
            self._wake.wait_for(lambda: self._closing or any(self._lanes.values()))
            if self._lanes["law"]:
                return "law", [self._lanes["law"].popleft()]
            bulk = self._lanes["bulk"]
            taken = [bulk.popleft() for _ in range(min(len(bulk), BATCH_UNITS_MAX))]
            return ("bulk", taken) if taken else None

    def _commit(self, lane: Lane, jobs: list[_Job]) -> None:
        if not jobs:
            return
        outcomes, written = self._outcomes(lane, jobs)
        for job, result, refused in outcomes:
            if refused is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(refused)
        with suppress(Exception):  # what was written is written, whoever cannot be told of it
            self._tell(written)

    def _outcomes(self, lane: Lane, jobs: list[_Job]) -> "tuple[list[_Outcome], _Rows]":
        if lane == "bulk" and self._reserve is not None and self._reserve.is_used:
            full = Unavailable("disk-kept-for-law", "the disk is full; what room there is, is for people's decisions")
            return [(job, None, full) for job in jobs], []
        tried = self._tried(jobs)
        if lane == "law" and _met_full_disk(tried[0]) and self._reserve is not None and self._reserve.release():
            tried = self._tried(jobs)
        return tried

    def _tried(self, jobs: list[_Job]) -> "tuple[list[_Outcome], _Rows]":
        """What became of each job, and the rows of `event` that were committed."""
        written: _Rows = []
        try:
            with self._database.write() as conn:
                outcomes = [self._attempt(conn, job, written, alone=len(jobs) == 1) for job in jobs]
        except _Alone as refusal:
            return [(jobs[0], None, refusal.reason)], []
        except Unavailable as failure:
            return [(job, None, failure) for job in jobs], []
        return outcomes, written

    def _attempt(self, conn: Connection, job: _Job, written: "_Rows", *, alone: bool) -> "_Outcome":
        tx = Tx(conn, self._vault, self._clock.now(), job.actor)
        savepoint = None if alone else conn.begin_nested()
        try:
            result = self._work(tx, job)
        except DBAPIError:
            raise  # the database failed, not the job: nobody in this transaction got through
        except Exception as refusal:  # every other exception belongs to the job that raised it
            if savepoint is None:
                raise _Alone(refusal) from refusal
            savepoint.rollback()
            return job, None, refusal
        if savepoint is not None:
            savepoint.commit()
        written += tx.written
        return job, result, None

    def _work(self, tx: Tx, job: _Job) -> Any:
        try:
            result = job.work(tx)
            self._settle(tx)
            tx.flush()
        except DBAPIError as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            raise refusal from error
        return result


_Rows = list[dict[str, Any]]
"""Rows of `event`."""
_Outcome = tuple[_Job, Any, BaseException | None]
"""A job, its result, and why there is none."""


def _met_full_disk(outcomes: list[_Outcome]) -> bool:
    """Whether nothing was written for want of room, neither to the database nor to the vault."""
    failures = [refused for _, _, refused in outcomes]
    return any(isinstance(one, Unavailable) and one.facts.get("cause") == "SQLITE_FULL" for one in failures)


class _Alone(Exception):
    """Not an error of its own: it carries a job's refusal out of its transaction."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason
