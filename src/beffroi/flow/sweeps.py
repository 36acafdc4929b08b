"""Time: what is due is done, whoever is awake.

Owns: the list of what time brings, and the one sweep over it.
Promises: due rows are found by index; each kind is its own short transaction; a sweep that finds nothing
writes nothing.
Never does: legal time by cron. A deadline is a row with `due_at`.
"""

from collections.abc import Callable
from functools import partial

from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.decisions import service as decisions
from beffroi.decisions import store as decisions_store
from beffroi.ground.kernel.limits import SWEEP_ROWS_MAX
from beffroi.ground.storage import Tx
from beffroi.ground.storage.tx import NODE

from .house import House

SWEEPS: tuple[tuple[Callable[..., bool], Callable[[Tx, int], int]], ...] = (
    (lambda conn, now: bool(cases_store.overdue_leases(conn, now, 1)), cases.end_leases),
    (decisions_store.is_overdue, decisions.end_overdue),
    (lambda conn, now: bool(actions_store.ended_by_time(conn, now, 1)), actions.end_overdue),
    (content_store.has_old_uploads, content_store.drop_uploads),
)
"""Whether anything is due, and what is done about it."""


def sweep(house: House) -> int:
    """Do what is due; returns how many rows changed."""
    done = 0
    for is_due, work in SWEEPS:
        with house.read() as conn:
            due = is_due(conn, house.clock.now())
        if due:
            done += house.write("law", NODE, partial(_limited, work))
    return done


def _limited(work: Callable[[Tx, int], int], tx: Tx) -> int:
    return work(tx, SWEEP_ROWS_MAX)
