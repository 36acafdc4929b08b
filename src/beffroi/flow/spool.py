"""From the emergency spool into the record, once the record can be written again.

Owns: `CARRIED`, every kind of act that may travel on the spool; the drain.
Promises: acts are entered in order, each once, whenever the process is killed; one that the rules refuse by then is
noted as refused, and what does not open is noted too: nothing goes without a trace.
Never does: drop an act that this program does not know; it waits for a program that does.
"""

from beffroi.ground.kernel.errors import InvariantViolated, Refusal
from beffroi.ground.kernel.ids import KeyId
from beffroi.ground.records import spooled
from beffroi.ground.storage import Tx
from beffroi.ground.storage.spool import Frame, Keys, Spooled
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing

from .carry import Carried
from .decide import REINSTATEMENT
from .house import House
from .notice import NOTICE
from .platform_events import DELETION
from .warn import WARNING

CARRIED: dict[str, Carried] = {each.kind: each for each in (REINSTATEMENT, NOTICE, DELETION, WARNING)}
"""By kind. An order joins here."""


def keys_of(ring: KeyRing) -> Keys:
    """The keys that spool files are sealed under, by name; empty: the one in use."""

    def named(name: str) -> tuple[str, bytes]:
        secret = ring.secret(Purpose.SPOOL, KeyId(name) if name else None)
        return secret.id, secret.derive("frames")

    return named


def drain(house: House) -> int:
    """Enter what waits on the spool; returns how many acts were taken from it.

    Raises:
        Unavailable: the record cannot be written yet; what was not entered waits on.
        InvariantViolated: an act of a kind that this program does not know; it waits, and those behind it.

    """
    if not house.spool.waiting:
        return 0
    done = house.spool.drain(lambda frame: _take(house, frame))
    house.changes.tell()
    return done


def _take(house: House, frame: Frame) -> None:
    act = frame.act
    if act is None:
        house.write("law", NODE, lambda tx: _note_unreadable(tx, frame))
        return
    carried = CARRIED.get(act.kind)
    if carried is None:
        raise InvariantViolated("unknown-act", f"the spool holds an act of the kind {act.kind}")
    try:
        house.write("law", act.actor, lambda tx: _enter(tx, carried, act, frame.digest))
    except Refusal as refusal:
        code = refusal.code
        house.write("law", NODE, lambda tx: _note(tx, act, frame.digest, code))


def _enter(tx: Tx, carried: Carried, act: Spooled, digest: str) -> None:
    if not spooled.is_entered(tx.conn, act.key):
        if not carried.known(tx.conn, act):
            carried.enter(tx, act)
        spooled.note(tx, act, digest, spooled.ENTERED)


def _note(tx: Tx, act: Spooled, digest: str, outcome: str) -> None:
    if not spooled.is_entered(tx.conn, act.key):
        spooled.note(tx, act, digest, outcome)


def _note_unreadable(tx: Tx, frame: Frame) -> None:
    if not spooled.is_entered(tx.conn, spooled.place_of(frame)):
        spooled.note_unreadable(tx, frame)
