"""An act that must not be lost because the database cannot take it: into the record, or onto the spool (DESIGN §5.10).

Owns: `Carried`, how a kind of act is entered; `carry`, which tries the record first.
Promises: what is answered with a yes is durable, in the one or in the other; an act is entered by the same code either
way, and may be entered after a commit that nobody could confirm.
Never does: hold an act back from the record while other acts wait on the spool.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.ids import fresh
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled

from .house import House

_NOT_WRITTEN = frozenset({"record-not-written", "commit-in-doubt", "vault-unavailable"})
"""The record cannot be written now. A node that is stopping is not among them: its next start will do it."""


def _nothing_to_check(_conn: Connection, _act: Spooled) -> None:
    """What needs no state can be refused before it is carried."""


def _never_known(_conn: Connection, _act: Spooled) -> bool:
    """Doing it twice is doing it once."""
    return False


@dataclass(frozen=True, slots=True)
class Carried:
    """A kind of act that may travel on the spool.

    `enter` does it in a transaction. `check` refuses what can be seen to be impossible as long as the record can be
    read, so that nobody is promised it. `known`: whether it is in the record, by a commit that nobody could confirm.
    """

    kind: str
    enter: Callable[[Tx, Spooled], None]
    check: Callable[[Connection, Spooled], None] = _nothing_to_check
    known: Callable[[Connection, Spooled], bool] = _never_known


def carry(house: House, actor: Actor, carried: Carried, body: Mapping[str, Any]) -> bool:
    """Do an act, or keep it until it can be done; returns whether it is in the record already.

    Raises:
        Refusal: it is not possible; nothing was kept.
        Unavailable: neither record nor spool can be written, so it did not happen.

    """
    now = house.clock.now()
    act = Spooled(carried.kind, fresh("spl", now), now, actor, body)
    try:
        house.write("law", actor, lambda tx: carried.enter(tx, act))
    except Unavailable as failure:
        if failure.code not in _NOT_WRITTEN:
            raise
    else:
        return True
    _check(house, carried, act)
    house.spool.put(act)
    house.changes.tell()
    return False


def _check(house: House, carried: Carried, act: Spooled) -> None:
    try:
        with house.read() as conn:
            carried.check(conn, act)
    except Unavailable:
        return  # nobody can tell now; it is judged when it is entered
