"""Whether a node's record is whole: everything that is written twice is compared.

Owns: the list of what is compared, and where it begins and ends.
Promises: nothing is changed; every finding names its place; one damage hides no other; a node at work can be checked.
Never does: repair.

    storage   pages, foreign keys, the triggers that make the record append-only
    ledger    events against leaves, leaves against tree, tree against signed checkpoints
    rows      each row against the fold of its events
    effects   what is still to be done, against those who can do it
    blobs     what rows point to, against the files and their digests, and whether they open
    spool     what waits outside the database, whether it opens, and whether somebody will enter it
    subjects  whose personal bytes events commit to, and who was erased, against the vault
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import InvariantViolated, NotFound, Unavailable
from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.ledger import check as ledger
from beffroi.ground.ledger import store as ledger_store
from beffroi.ground.ledger.check import Finding
from beffroi.ground.records import Erased, SealedBlob
from beffroi.ground.storage import BlobStore, Database, Vault, effects, events, soundness
from beffroi.ground.storage.spool import Frame
from beffroi.ground.trust.ring import KeyRing

from .records import KEEPINGS, ROWS

Progress = Callable[[str, int, int | None], None]
"""Told what is being compared, how much of it was, and how much there is, where that is known."""


@dataclass(frozen=True, slots=True)
class Premises:
    """The parts of a node that are compared. `vault` and `ring` are None where their files are missing."""

    database: Database
    blobs: BlobStore
    vault: Vault | None
    ring: KeyRing | None
    spool: Callable[[], tuple[list[Frame], int]]
    """What waits on the spool, and how many files hold something that does not open; nothing without the keys."""
    is_at_work: bool
    """Whether a process holds the data, so that everything must have its leaf by now."""


@dataclass(slots=True)
class Counts:
    """How much was compared; what is no finding but worth knowing."""

    leaves: int = 0
    rows: int = 0
    blobs: int = 0
    orphan_blobs: int = 0
    """Blobs that no row points to: left by a crash, or by what was past its time."""
    subjects: int = 0
    spooled_acts: int = 0
    """Acts that wait on the emergency spool for the next start, or for the database."""
    waiting_effects: int = 0
    failed_effects: int = 0
    found: int = 0


def check(
    premises: Premises, kinds: Collection[str], now: datetime, counts: Counts, progress: Progress
) -> Iterator[Finding]:
    """Everything that is wrong; nothing if all is well. `kinds` are the kinds of effects that somebody performs."""
    steps = {
        "storage": _storage(premises),
        "ledger": _ledger(premises, now, counts, progress),
        "rows": _rows(premises.database, counts, progress),
        "effects": _effects(premises.database, kinds, counts),
        "blobs": _blobs(premises, counts, progress),
        "subjects": _subjects(premises, counts, progress),
        "spool": _spool(premises, now, counts),
    }
    for finding in chain.from_iterable(_to_its_end(name, step) for name, step in steps.items()):
        counts.found += 1
        yield finding


def _to_its_end(name: str, step: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of a step; where the database gives up, that is one more and the other steps go on."""
    try:
        yield from step
    except Unavailable as failure:
        yield Finding("not-compared", name, f"this could not be compared to its end: {failure.message}")


def _storage(premises: Premises) -> Iterator[Finding]:
    for flaw in soundness.flaws(premises.database):
        yield Finding("database-damaged", flaw.place, flaw.message)
    if premises.vault is None:
        yield Finding("vault-missing", "vault.db", "without it nothing that was sealed can be read")
    else:
        for said in premises.vault.flaws():
            yield Finding("vault-damaged", "vault.db", said)
    if premises.ring is None:
        yield Finding("keys-missing", "keys/", "without them the log cannot be signed; its signatures were not checked")


def _spool(premises: Premises, now: datetime, counts: Counts) -> Iterator[Finding]:
    """Acts wait for the next start, and that is no fault; what does not open is, and what a node at work leaves."""
    late = timedelta(seconds=LEDGER_LAG_S_MAX)
    frames, strange = premises.spool()
    counts.spooled_acts = len(frames)
    for frame in frames:
        place = f"{frame.file}, number {frame.number}"
        if frame.act is None:
            yield Finding("spool-damaged", place, "an act on the emergency spool does not open")
        elif premises.is_at_work and now - frame.act.at > late:
            yield Finding("spool-waiting", place, f"an act ({frame.act.kind}) waits: the record cannot be written")
    if strange:
        yield Finding("spool-set-aside", "spool", f"{strange} files hold something that does not open")


# The ledger


def _ledger(premises: Premises, now: datetime, counts: Counts, progress: Progress) -> Iterator[Finding]:
    def told(done: int, of: int) -> None:
        counts.leaves = done
        progress("ledger", done, of)

    with premises.database.read() as conn:
        at = now if premises.is_at_work else _last_sign_of_life(conn) or now
    if premises.ring is not None:
        yield from ledger.check_own(premises.database, premises.ring, at, progress=told)
        return
    with premises.database.read() as conn:
        yield from (f for f in ledger.check(conn, (), at, progress=told) if f.code != "checkpoint-forged")


def _last_sign_of_life(conn: Connection) -> datetime | None:
    """A node at rest owes the leaves of its last minute only when it works again."""
    checkpoint = ledger_store.latest_checkpoint(conn)
    instants = (events.newest_at(conn), checkpoint.at if checkpoint else None)
    return max((at for at in instants if at is not None), default=None)


# Rows and effects


def _rows(database: Database, counts: Counts, progress: Progress) -> Iterator[Finding]:
    for rows in ROWS:
        before = counts.rows

        def told(done: int, name: str = rows.table.name, before: int = before) -> None:
            counts.rows = before + done
            progress(f"rows of {name}", done, None)

        with database.read() as conn:
            for row_id, why in rows.compare(conn, told):
                yield Finding("row-differs", f"{rows.aggregate} {row_id}", why)


def _effects(database: Database, kinds: Collection[str], counts: Counts) -> Iterator[Finding]:
    with database.read() as conn:
        by_state = effects.counts(conn)
        counts.waiting_effects = by_state.get(effects.EffectState.INTENDED, 0)
        counts.failed_effects = by_state.get(effects.EffectState.FAILED, 0)
        for effect_id, kind in effects.of_other_kinds(conn, kinds):
            yield Finding("effect-for-nobody", f"effect {effect_id}", f"nobody here performs {kind!r}")


# Blobs and subjects


def _blobs(premises: Premises, counts: Counts, progress: Progress) -> Iterator[Finding]:
    pointed_to: set[BlobKey] = set()
    for sealed in _pointers(premises.database):
        pointed_to.add(sealed.blob)
        counts.blobs += 1
        progress("blobs", counts.blobs, None)
        if premises.vault is None or not premises.vault.is_destroyed(sealed.subject):
            yield from _blob(sealed, premises.blobs, premises.vault)
    counts.orphan_blobs = sum(1 for key in premises.blobs.keys() if key not in pointed_to)  # noqa: SIM118 (ours)


def _pointers(database: Database) -> Iterator[SealedBlob]:
    for keeping in KEEPINGS:
        if keeping.blobs is not None:
            with database.read() as conn:
                yield from keeping.blobs(conn)


def _blob(sealed: SealedBlob, blobs: BlobStore, vault: Vault | None) -> Iterator[Finding]:
    where = f"{sealed.place}, blob {sealed.blob}"
    try:
        content = blobs.get(sealed.blob)
    except NotFound:
        yield Finding("blob-missing", where, "the row points to a blob that is not there")
        return
    except InvariantViolated:
        yield Finding("blob-changed", where, "its bytes do not have its digest")
        return
    if vault is None or sealed.purpose is None:
        return
    try:
        if vault.open(sealed.subject, content, sealed.purpose) is None:
            yield Finding("key-missing", where, f"the vault has no key of {sealed.subject}, and no note of its end")
    except InvariantViolated:
        yield Finding("blob-does-not-open", where, f"it does not open with the key of {sealed.subject}")


def _subjects(premises: Premises, counts: Counts, progress: Progress) -> Iterator[Finding]:
    if premises.vault is None:
        return
    with premises.database.read() as conn:
        for place, subject in _once(events.personal(conn)):
            counts.subjects += 1
            progress("subjects", counts.subjects, None)
            if not premises.vault.knows(subject):
                yield Finding("key-missing", place, f"the vault has no key of {subject}, and no note of its end")
        for stored in events.of_type(conn, Erased.type()):
            if not premises.vault.is_destroyed(SubjectId(stored.aggregate_id)):
                place = f"event {stored.id}"
                yield Finding("erased-but-readable", place, f"the key of {stored.aggregate_id} was not destroyed")


def _once(pairs: Iterable[tuple[str, SubjectId]]) -> Iterator[tuple[str, SubjectId]]:
    seen: set[SubjectId] = set()
    for event_id, subject in pairs:
        if subject not in seen:
            seen.add(subject)
            yield f"event {event_id}", subject
