"""What crashes, refused writes and failed deliveries leave behind, found by looking for what nothing points to.

Owns: the daily look over blobs and over the keys that were made for one blob, one upload or one notice, and over
what was deleted and still lies in the write-ahead log.
Promises: a blob or key that a row points to stays; so does whatever is younger than a day, because its row may be
under way; a verdict that could not be delivered is kept as long as words that matched nothing, then forgotten.
Never does: touch the key of an account or a person of the staff.
"""

from dataclasses import dataclass
from datetime import timedelta

from beffroi.cases import store as cases
from beffroi.content import store as content
from beffroi.ground.kernel.ids import BlobKey, SubjectId, made_at
from beffroi.ground.kernel.limits import LEFTOVER_AGE_S, SWEEP_ROWS_MAX
from beffroi.ground.storage import effects

from .house import House
from .records import KEEPINGS
from .screening import LATE, forget_owed

_OWN_KEY = "sub_"
"""Subjects that are nobody's account: one upload, one submission's files, one verdict owed, one notifier."""


@dataclass(frozen=True, slots=True)
class Collected:
    """How much went."""

    verdicts: int
    blobs: int
    keys: int


def collect(house: House) -> Collected:
    """Remove it; may be called again at any time."""
    verdicts = _forget_undelivered(house)
    blobs, subjects = _pointed_to(house)
    collected = Collected(verdicts, _drop_blobs(house, blobs), _destroy_keys(house, subjects))
    house.database.empty_log()
    return collected


def _forget_undelivered(house: House) -> int:
    with house.read() as conn:
        before = house.clock.now() - content.words_age(conn)
        failed = effects.failed_before(conn, LATE, before)
    waiting = [each for each in failed if not house.vault.is_destroyed(SubjectId(each.payload["subject"]))]
    for effect in waiting:
        forget_owed(house, effect.payload)
    return len(waiting)


def _pointed_to(house: House) -> tuple[set[BlobKey], set[SubjectId]]:
    with house.read() as conn:
        sealed = [each for keeping in KEEPINGS if keeping.blobs is not None for each in keeping.blobs(conn)]
        notifiers = cases.notifiers(conn)
    return {each.blob for each in sealed}, {each.subject for each in sealed} | notifiers


def _drop_blobs(house: House, pointed_to: set[BlobKey]) -> int:
    before = house.clock.now() - timedelta(seconds=LEFTOVER_AGE_S)
    old = [key for key in house.blobs.older_than(before) if key not in pointed_to]
    for key in old:
        house.blobs.drop(key)
    return len(old)


def _destroy_keys(house: House, known: set[SubjectId]) -> int:
    now = house.clock.now()
    before = now - timedelta(seconds=LEFTOVER_AGE_S)
    doomed = [each for each in house.vault.living(_OWN_KEY) if each not in known and made_at(each) < before]
    for first in range(0, len(doomed), SWEEP_ROWS_MAX):
        house.vault.destroy_all(doomed[first : first + SWEEP_ROWS_MAX], now)
    return len(doomed)
