"""Time: what is due is done, whoever is awake.

Owns: the list of what time brings, and the one sweep over it.
Promises: due rows are found by index; each kind is its own short transaction; a sweep that finds nothing
writes nothing; what has a deadline goes before what only goes.
Never does: legal time by cron. A deadline is a row with `due_at`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.decisions import service as decisions
from beffroi.decisions import store as decisions_store
from beffroi.ground.kernel.errors import TooMany
from beffroi.ground.kernel.limits import SWEEP_ROWS_MAX
from beffroi.ground.storage import Lane, Tx
from beffroi.ground.storage.tx import NODE
from beffroi.orders import service as orders
from beffroi.orders import store as orders_store
from beffroi.threats import service as threats
from beffroi.threats import store as threats_store

from . import retention
from .house import House
from .retention import Due

DEADLINES: tuple[Due, ...] = (
    Due(orders_store.is_any_due, orders.run_timers),
    Due(lambda conn, now: bool(cases_store.overdue_leases(conn, now, 1)), cases.end_leases),
    Due(decisions_store.is_overdue, decisions.end_overdue),
    Due(lambda conn, now: bool(actions_store.ended_by_time(conn, now, 1)), actions.end_overdue),
    Due(lambda conn, now: bool(threats_store.due_to_ring(conn, now, 1)), threats.ring_overdue),
)
"""What must happen at its time."""
RETENTION: tuple[Due, ...] = tuple(retention.dues())
"""What goes once its time is over."""


def is_any_due(conn: Connection, at: datetime) -> bool:
    """Whether a deadline was over at that instant and nothing came of it; what only goes may wait for uploads."""
    return any(due.is_any(conn, at) for due in DEADLINES)


def sweep(house: House) -> int:
    """Do what is due; returns how many rows changed."""
    done = sum(_done(house, due, "law") for due in DEADLINES)
    try:
        done += sum(_done(house, due, "bulk") for due in RETENTION)
        return done + retention.drop_blobs(house)
    except TooMany:
        return done  # uploads are waiting; what only goes can wait as well


def _done(house: House, due: Due, lane: Lane) -> int:
    with house.read() as conn:
        is_any = due.is_any(conn, house.clock.now())
    return house.write(lane, NODE, partial(_limited, due.let_go)) if is_any else 0


def _limited(work: Callable[[Tx, int], int], tx: Tx) -> int:
    return work(tx, SWEEP_ROWS_MAX)
