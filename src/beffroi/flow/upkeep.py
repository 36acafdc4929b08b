"""Looking after a node's data: a new schema, a backup, the way back.

Owns: the order of steps of `migrate`, `backup` and `restore`.
Promises: a schema is changed only after a copy was made; a backup can be made while the node works, and is one
moment of it; keys go into a file of their own or nowhere; a restore checks everything before it writes anything,
puts the database in place last, and leaves nothing behind if it fails.
Never does: write over what is there.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from beffroi import __version__
from beffroi.ground.kernel.clock import Clock, rfc3339
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, NotFound, Unavailable
from beffroi.ground.kernel.ids import BlobKey
from beffroi.ground.records import erase
from beffroi.ground.storage import BlobFolder, BlobStore, Database, Vault, Writer, archive, chest, copies, migrate
from beffroi.ground.storage.archive import BackupFacts
from beffroi.ground.storage.lock import NodeLock
from beffroi.ground.storage.spool import look
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.last_signed import LastSigned
from beffroi.ground.trust.ring import KeyRing
from beffroi.settings import Settings

from .blob_store import blob_store
from .fsck import Premises, Progress
from .reactions import settle
from .records import KEEPINGS
from .spool import keys_of


@contextmanager
def open_premises(settings: Settings, clock: Clock) -> Iterator[Premises]:
    """The parts of a node, at work or not, for `fsck`.

    Raises:
        Unavailable: there is no database, or its schema is not the newest.

    """
    with ExitStack() as closing:
        database = closing.enter_context(_existing(settings))
        migrate.require_head(database)
        vault = Vault(settings.data / chest.VAULT) if (settings.data / chest.VAULT).exists() else None
        if vault is not None:
            closing.callback(vault.close)
        keys = settings.data / "keys"
        ring = KeyRing.open(keys, clock) if keys.exists() else None
        yield Premises(
            database=database,
            blobs=blob_store(settings),
            vault=vault,
            ring=ring,
            spool=lambda: ([], 0) if ring is None else look(settings.spool_folder, keys_of(ring)),
            is_at_work=NodeLock(settings.data).is_held(),
        )


@contextmanager
def _existing(settings: Settings) -> Iterator[Database]:
    """The database, which must be there: opening a missing SQLite file would make one."""
    database = Database(settings.database_url)
    try:
        if database.sqlite_path is not None and not database.sqlite_path.exists():
            raise Unavailable("no-database", f"there is no database at {database.sqlite_path}")
        if migrate.current(database) is None:
            raise Unavailable("no-database", "the database is empty: beffroi migrate, or start the node once")
        yield database
    finally:
        database.close()


# Migrate


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which schema to which, and where the copy from before lies (SQLite only)."""

    before: str | None
    after: str
    copy: Path | None


def bring_to_head(settings: Settings, now: datetime) -> Migrated:
    """Bring the schema to the newest; copies a SQLite database to `backups/` first, if anything changes.

    Raises:
        Unavailable: a node is at work on it, the copy could not be made, or the migration failed; it is as before.

    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(settings) as database:
        before = migrate.current(database)
        if before == migrate.head():
            return Migrated(before, before, None)
        migrate.require_known(before)
        copy = None
        if before is not None and database.is_sqlite:
            folder = settings.data / "backups"
            folder.mkdir(mode=0o700, exist_ok=True)
            copy = folder / f"before-{before}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
            copies.copy_database(database, copy)
        migrate.upgrade(database)
        return Migrated(before, migrate.head(), copy)


@contextmanager
def _alone(settings: Settings) -> Iterator[Database]:
    """The database with no node at work on it, which SQLite needs and PostgreSQL sees to by itself."""
    with ExitStack() as closing:
        database = Database(settings.database_url)
        closing.callback(database.close)
        if database.is_sqlite:
            lock = NodeLock(settings.data)
            lock.take("the command line")
            closing.callback(lock.release)
        yield database


# Backup


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What went into a backup."""

    facts: BackupFacts
    blobs: int
    damaged: tuple[BlobKey, ...]
    """Blobs that are not in it because their bytes are not what their key says."""


def back_up(settings: Settings, clock: Clock, out: Path, chest_file: Path | None, progress: Progress) -> BackedUp:
    """Write a backup into the folder `out`, and what opens it into `chest_file`, if one is given.

    The order matters: what the database points to was on the disk before it, so it is copied after it; the same
    holds for the keys of subjects. What the node signed is read before, so that it is never ahead of the database.

    Raises:
        Conflict: `out` is not empty, or `chest_file` is there.
        Unavailable: something could not be read or written; without SHA256SUMS the folder is no backup.

    """
    if chest_file is not None and chest_file.exists():
        raise Conflict("not-empty", f"{chest_file} exists; a chest is never written over")
    with _existing(settings) as database:
        facts = BackupFacts(clock.now(), __version__, migrate.current(database) or "")
        if not database.is_sqlite:
            migrate.require_head(database)  # rows are read one by one, by what this program knows of them
        archive.begin(out)
        notes = chest.signed_notes(settings.data)
        progress("database", 0, None)
        copies.copy_database(database, out / archive.DATABASE)
    blobs, damaged = _copy_blobs(blob_store(settings), BlobFolder(out / archive.BLOBS), progress)
    if chest_file is not None:
        chest.pack(chest_file, settings.data, notes)
    archive.finish(out, facts, partial(progress, "reading back"))
    return BackedUp(facts, blobs, damaged)


def _copy_blobs(there: BlobStore, here: BlobStore, progress: Progress) -> tuple[int, tuple[BlobKey, ...]]:
    """How many were copied, and which could not be."""
    copied, damaged = 0, []
    for key in there.keys():  # noqa: SIM118 (a method of ours)
        try:
            here.put(there.get(key))
            copied += 1
        except NotFound:
            continue  # dropped meanwhile
        except InvariantViolated:
            damaged.append(key)
        progress("blobs", copied, None)
    return copied, tuple(damaged)


# Restore


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    facts: BackupFacts
    schema: str
    blobs: int
    erased_again: int
    """Subjects whose keys were destroyed after the backup was made."""


def restore(
    settings: Settings, clock: Clock, source: Path, chest_file: Path | None, *, same_log: bool, progress: Progress
) -> Restored:
    """Put a backup into the empty folder `settings.data` and, with PostgreSQL, into the empty database.

    Unless `same_log` (the node stood still since the backup was made), nothing is signed under the old name of the
    log any more: others may hold later checkpoints.

    Raises:
        Conflict: there is something already, or the backup is not as it was made.
        Invalid: this is no backup, or no chest.
        Unavailable: something could not be written; nothing is left of it.

    """
    facts = _checked(source, progress)
    archive.begin(settings.data)
    with archive.removed_on_failure(settings.data), _alone(settings) as database:
        if _is_there(database):
            raise Conflict("not-empty", "there is a database already; a restore needs an empty one")
        blobs, _ = _copy_blobs(BlobFolder(source / archive.BLOBS), blob_store(settings), progress)
        progress("database", 0, None)
        staged = settings.data / ".restoring.db"
        with copies.opened_copy(source / archive.DATABASE, staged) as copy:
            migrate.upgrade(copy)
            erased = 0
            if chest_file is not None:
                chest.unpack(chest_file, settings.data)
                erased = _erase_again(copy, settings.data, clock, facts.made_at)
                if not same_log:
                    LastSigned(settings.data / "keys").doubt(_why_in_doubt(facts))
            _put_in_place(copy, database)
    return Restored(facts, migrate.head(), blobs, erased)


def _checked(source: Path, progress: Progress) -> BackupFacts:
    facts = archive.read_facts(source)
    changed = list(archive.differences(source, partial(progress, "checking")))
    if changed:
        raise Conflict("backup-changed", f"this backup is not as it was made: {', '.join(changed[:5])}")
    migrate.require_known(facts.schema)
    return facts


def _is_there(database: Database) -> bool:
    if database.sqlite_path is not None:
        return database.sqlite_path.exists()
    return migrate.current(database) is not None


def _erase_again(copy: Database, data: Path, clock: Clock, since: datetime) -> int:
    """Whoever was erased after the backup was made is erased in it too: their unsealed traces came back with it."""
    with ExitStack() as closing:
        vault = Vault(data / chest.VAULT)
        closing.callback(vault.close)
        writer = Writer(copy, vault, clock, settle)
        closing.callback(writer.close)
        subjects = vault.destroyed_since(since)
        for subject in subjects:
            writer.run("law", NODE, partial(erase, subject=subject, reason="restore", keepings=KEEPINGS))
        return len(subjects)


def _put_in_place(copy: Database, database: Database) -> None:
    if database.sqlite_path is not None:
        copies.copy_database(copy, database.sqlite_path)
    else:
        migrate.upgrade(database)
        copies.copy_rows(copy, database)


def _why_in_doubt(facts: BackupFacts) -> str:
    return (
        f"this node was restored from a backup of {rfc3339(facts.made_at)}, and what it signed after that is not known "
        "here. Set log_origin to a new name; the old log stays what it is"
    )
