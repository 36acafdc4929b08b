"""The tables of `content`, and what is kept in them of whom.

Owns: account, account_locator, account_profile, item, item_locator, item_posted, item_signal, upload, backfill; their
retention.
Promises: posted text, names, addresses and media are sealed under the account's subject key, media each under keys of
their own that go with the words; platform ids stand in locator tables that erasure empties.
Never does: be written by anybody but `store`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    RowMapping,
    Select,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.records import Keeping, Retention, SealedBlob
from beffroi.ground.storage import Flag, Instant, Json, Octets, Tx, table
from beffroi.ground.storage.doomed import doom
from beffroi.parties import charter

account_table = table(
    "account",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
)
account_locator = table(
    "account_locator",
    Column("account", Text, primary_key=True),
    Column("platform_id", Text, nullable=False, unique=True),
    Column("look_at", Instant, index=True),
)
account_profile = table(
    "account_profile",
    Column("account", Text, primary_key=True),
    Column("sealed", Octets, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
item_table = table(
    "item",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("language", Text),
    Column("posted_at", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("media_count", Integer, nullable=False),
    Index("ix_item_account", "account", "taken_at"),
)
item_locator = table(
    "item_locator",
    Column("item", Text, primary_key=True),
    Column("platform_id", Text, nullable=False, unique=True),
    Column("url_digest", Octets, index=True),
    Column("look_at", Instant, index=True),
)
item_posted = table(
    "item_posted",
    Column("item", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("sealed", Octets, nullable=False),
    Column("media", Json, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("keep_why", Text),
    Column("look_at", Instant, index=True),
    Index("ix_item_posted_account", "account"),
    Index("ix_item_posted_taken_at", "keep_why", "taken_at"),
)
item_signal = table(
    "item_signal",
    Column("item", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("quality", Integer),
    Column("taken_at", Instant, nullable=False),
    Column("kept", Flag),
    Index("ix_item_signal_value", "type", "value"),
    Index("ix_item_signal_taken_at", "kept", "taken_at"),
)
upload_table = table(
    "upload",
    Column("sha256", Text, primary_key=True),
    Column("blob", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)
backfill_table = table(
    "backfill",
    Column("key", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)


def items_of(account: str) -> Select[tuple[str]]:
    """The ids of all items of an account."""
    return select(item_table.c.id).where(item_table.c.account == account)


def days(conn: Connection, setting: str) -> timedelta:
    """A charter setting that counts days."""
    return timedelta(days=int(charter.get(conn, setting)))


def _old_words(conn: Connection, now: datetime) -> ColumnElement[bool]:
    before = now - days(conn, "retention.unmatched_text_days")
    return item_posted.c.keep_why.is_(None) & (item_posted.c.taken_at <= before)


def _old_signals(conn: Connection, now: datetime) -> ColumnElement[bool]:
    before = now - days(conn, "retention.unmatched_signals_days")
    return item_signal.c.kept.is_(None) & (item_signal.c.taken_at <= before)


def forget(tx: Tx, rows: Sequence[RowMapping]) -> None:
    """What goes with words: the files, whose keys are theirs alone; then nothing holds signals and locator."""
    sealed = [each["sealed"] for row in rows for each in row["media"] if each["sealed"]]
    tx.vault.destroy_all((SubjectId(each["subject"]) for each in sealed), tx.now)
    doom(tx, (BlobKey(each["blob"]) for each in sealed))
    items = {row["item"] for row in rows}
    tx.conn.execute(update(item_locator).where(item_locator.c.item.in_(items)).values(look_at=tx.now))
    kept = [{"of_item": row["item"], "of_revision": row["revision"]} for row in rows if row["keep_why"]]
    if kept:
        c = item_signal.c
        of_revision = (c.item == bindparam("of_item")) & (c.revision == bindparam("of_revision"))
        tx.conn.execute(update(item_signal).where(of_revision).values(kept=None), kept)


def _forget_uploads(tx: Tx, rows: Sequence[RowMapping]) -> None:
    tx.vault.destroy_all((SubjectId(row["subject"]) for row in rows), tx.now)
    doom(tx, (BlobKey(row["blob"]) for row in rows))


def _clear_posted(tx: Tx, subject: str) -> None:
    theirs = item_posted.c.account == subject
    forget(tx, tx.conn.execute(select(item_posted).where(theirs)).mappings().all())
    tx.conn.execute(delete(item_posted).where(theirs))


def _clear_signals(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(item_signal).where(item_signal.c.item.in_(items_of(subject))))


def _clear_item_locators(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(item_locator).where(item_locator.c.item.in_(items_of(subject))))


def _clear_account_locator(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(account_locator).where(account_locator.c.account == subject))


def _clear_profile(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(account_profile).where(account_profile.c.account == subject))


def _clear_upload(tx: Tx, subject: str) -> None:
    theirs = upload_table.c.subject == subject
    _forget_uploads(tx, tx.conn.execute(select(upload_table).where(theirs)).mappings().all())
    tx.conn.execute(delete(upload_table).where(theirs))


def _kept_media(conn: Connection) -> Iterator[SealedBlob]:
    for item, revision, media in conn.execute(select(item_posted.c.item, item_posted.c.revision, item_posted.c.media)):
        for sealed in (each["sealed"] for each in media if each["sealed"]):
            place = f"item {item} revision {revision}"
            yield SealedBlob(place, BlobKey(sealed["blob"]), SubjectId(sealed["subject"]), "media")


def _waiting_uploads(conn: Connection) -> Iterator[SealedBlob]:
    for row in conn.execute(select(upload_table)).mappings():
        yield SealedBlob(f"upload {row['sha256']}", BlobKey(row["blob"]), SubjectId(row["subject"]), "upload")


_FACTS = Retention("as long as the node's record; holds no personal data")
_WHILE_KNOWN = Retention("until the author is erased, or nothing of theirs is kept any more", asked=True)

RECORDS = (
    Keeping(account_table, "which accounts posted (DSA Art 17, TCO Art 6(1))", _FACTS),
    Keeping(
        account_locator,
        "to tell the platform which account",
        _WHILE_KNOWN,
        cleared=("platform_id",),
        clear=_clear_account_locator,
    ),
    Keeping(
        account_profile,
        "what moderators see beside a post",
        Retention("as long as the platform's id of the account", owner="records.erase"),
        sealed=("sealed",),
        clear=_clear_profile,
    ),
    Keeping(item_table, "what was screened and when", _FACTS),
    Keeping(
        item_locator,
        "to tell the platform which item",
        _WHILE_KNOWN,
        cleared=("platform_id", "url_digest"),
        clear=_clear_item_locators,
    ),
    Keeping(
        item_posted,
        "to decide, to give reasons, to put back",
        Retention(
            "charter setting `retention.unmatched_text_days`; longer while a case, restriction or remedy needs it",
            over=_old_words,
            asked=True,
            also=forget,
        ),
        sealed=("sealed", "media"),
        clear=_clear_posted,
        blobs=_kept_media,
    ),
    Keeping(
        item_signal,
        "to search public items when a bank changes (DESIGN §2)",
        Retention(
            "charter setting `retention.unmatched_signals_days`; with the words where they are kept", _old_signals
        ),
        cleared=("value",),
        clear=_clear_signals,
    ),
    Keeping(
        upload_table,
        "a file sent ahead of the item that names it",
        Retention("one hour", over=lambda _conn, now: upload_table.c.until <= now, also=_forget_uploads),
        sealed=("blob",),
        cleared=("sha256",),
        clear=_clear_upload,
        blobs=_waiting_uploads,
    ),
    Keeping(
        backfill_table,
        "where a backfill goes on",
        Retention("until the platform's key is revoked; no personal data", owner="content.drop_backfills"),
    ),
)
