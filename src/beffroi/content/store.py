"""The tables of `content`.

Owns: item, account, their locators (the platform's ids), their sealed texts, kept media, signals.
Promises: posted text, names, addresses and media are sealed under the account's subject key; platform ids
stand in locator tables that erasure empties.
Never does: be written by anybody else.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Text, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_upsert
from sqlalchemy.dialects.sqlite import insert as sqlite_upsert

from beffroi.ground.kernel.ids import AccountId, BlobKey, ItemId, SubjectId
from beffroi.ground.records import Keeping, Retention, SealedBlob
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table

from . import rules
from .model import (
    Account,
    AccountChanged,
    AccountSeen,
    Item,
    ItemDeletedByAuthor,
    ItemEdited,
    ItemKind,
    ItemState,
    ItemTaken,
    KeptMedia,
    Origin,
    Posted,
    SealedMedia,
    Visibility,
)

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
    Index("ix_item_signal_value", "type", "value"),
    Index("ix_item_signal_taken_at", "taken_at"),
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


def subject_of(account: AccountId) -> SubjectId:
    """An account is one subject: its key seals all that it posted."""
    return SubjectId(account)


ITEMS: Rows[Item] = Rows(
    item_table,
    "item",
    (ItemTaken, ItemEdited, ItemDeletedByAuthor),
    rules.apply_item,
    lambda item: {name: getattr(item, name) for name in Item.__dataclass_fields__},
    lambda row: Item(
        **{
            **row,
            "kind": ItemKind(row["kind"]),
            "visibility": Visibility(row["visibility"]),
            "origin": Origin(row["origin"]),
            "state": ItemState(row["state"]),
        }
    ),
)
ACCOUNTS: Rows[Account] = Rows(
    account_table,
    "account",
    (AccountSeen, AccountChanged),
    rules.apply_account,
    lambda account: {name: getattr(account, name) for name in Account.__dataclass_fields__},
    lambda row: Account(**row),
)


def item_by_platform_id(conn: Connection, platform_id: str) -> Item | None:
    """The item the platform calls this."""
    query = select(item_table).join(item_locator, item_locator.c.item == item_table.c.id)
    found = ITEMS.find(conn, query.where(item_locator.c.platform_id == platform_id))
    return found[0] if found else None


def account_by_platform_id(conn: Connection, platform_id: str) -> Account | None:
    """The account the platform calls this."""
    query = select(account_table).join(account_locator, account_locator.c.account == account_table.c.id)
    found = ACCOUNTS.find(conn, query.where(account_locator.c.platform_id == platform_id))
    return found[0] if found else None


def item_by_url(conn: Connection, url: str) -> Item | None:
    """The newest item that the platform shows at this address."""
    query = select(item_table).join(item_locator, item_locator.c.item == item_table.c.id)
    at_url = query.where(item_locator.c.url_digest == url_digest(url))
    found = ITEMS.find(conn, at_url.order_by(item_table.c.id.desc()).limit(1))
    return found[0] if found else None


def url_digest(url: str) -> bytes:
    """SHA-256 of an address without its fragment; how an item is found again by a notice or an order."""
    return hashlib.sha256(url.strip().partition("#")[0].encode()).digest()


def locate_item(tx: Tx, item: ItemId, platform_id: str, url: str | None) -> None:
    """Remember the platform's id, and the address, of a new item."""
    digest = url_digest(url) if url else None
    tx.conn.execute(insert(item_locator).values(item=item, platform_id=platform_id, url_digest=digest))


def relocate_item(tx: Tx, item: ItemId, url: str) -> None:
    """A newer revision is shown at this address."""
    moved = update(item_locator).where(item_locator.c.item == item)
    tx.conn.execute(moved.values(url_digest=url_digest(url)))


def locate_account(tx: Tx, account: AccountId, platform_id: str) -> None:
    """Remember the platform's id of a new account."""
    tx.conn.execute(insert(account_locator).values(account=account, platform_id=platform_id))


def platform_id_of_item(conn: Connection, item: ItemId) -> str | None:
    """What the platform calls it; None once erased."""
    return conn.execute(select(item_locator.c.platform_id).where(item_locator.c.item == item)).scalar()


def platform_id_of_account(conn: Connection, account: AccountId) -> str | None:
    """What the platform calls it; None once erased."""
    return conn.execute(select(account_locator.c.platform_id).where(account_locator.c.account == account)).scalar()


def put_profile(tx: Tx, account: AccountId, profile: Mapping[str, Any]) -> None:
    """Seal and store the account's newest name, bio and address."""
    plain = json.dumps(profile, ensure_ascii=False).encode()
    sealed = tx.vault.seal(subject_of(account), plain, "profile")
    upsert = sqlite_upsert if tx.conn.dialect.name == "sqlite" else postgresql_upsert
    row = {"account": account, "sealed": sealed, "changed_at": tx.now}
    statement = upsert(account_profile).values(row)
    changed = {"sealed": sealed, "changed_at": tx.now}
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["account"], set_=changed))


def profile(conn: Connection, vault: Vault, account: AccountId) -> dict[str, Any] | None:
    """Name, bio and address as last seen; None once erased."""
    sealed = conn.execute(select(account_profile.c.sealed).where(account_profile.c.account == account)).scalar()
    plain = None if sealed is None else vault.open(subject_of(account), sealed, "profile")
    return None if plain is None else json.loads(plain)


def put_posted(tx: Tx, account: AccountId, posted: Posted, keep_why: str | None) -> None:
    """Seal and store one revision."""
    plain: dict[str, Any] = {"platform_id": posted.platform_id, "url": posted.url, "text": posted.text}
    plain |= {"parent": posted.parent, "thread": posted.thread, "media_urls": [m.url for m in posted.media]}
    sealed = tx.vault.seal(subject_of(account), json.dumps(plain, ensure_ascii=False).encode(), posted.item)
    row = {"item": posted.item, "revision": posted.revision, "account": account, "sealed": sealed}
    row |= {"media": [_media_row(m) for m in posted.media], "taken_at": tx.now, "keep_why": keep_why}
    tx.add(item_posted, row)


def posted(conn: Connection, vault: Vault, item: ItemId, revision: int) -> Posted | None:
    """One revision, readable; None if its time is over or its author was erased."""
    of_revision = (item_posted.c.item == item) & (item_posted.c.revision == revision)
    row = conn.execute(select(item_posted).where(of_revision)).mappings().first()
    plain = None if row is None else vault.open(subject_of(row["account"]), row["sealed"], item)
    if row is None or plain is None:
        return None
    said = json.loads(plain)
    urls = said.pop("media_urls")
    media = tuple(_media(kept, url) for kept, url in zip(row["media"], urls, strict=True))
    return Posted(item=item, revision=revision, media=media, **said)


def keep(tx: Tx, item: ItemId, revision: int, why: str, sealed: Mapping[str, SealedMedia]) -> None:
    """Keep a revision beyond its retention, and its media that are `sealed` (by SHA-256)."""
    of_revision = (item_posted.c.item == item) & (item_posted.c.revision == revision)
    media = tx.conn.execute(select(item_posted.c.media).where(of_revision)).scalar_one()
    media = [{**m, "sealed": _sealed_row(sealed.get(m["sha256"])) or m["sealed"]} for m in media]
    tx.conn.execute(update(item_posted).where(of_revision).values(keep_why=why, media=media))


def put_signals(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Store the signals of revisions, for searches by later bank entries."""
    tx.add(item_signal, rows)


def signals_of(conn: Connection, item: ItemId, revision: int) -> list[tuple[str, str]]:
    """The (type, value) signals of one revision, as long as they are kept."""
    c = item_signal.c
    query = select(c.type, c.value).where(c.item == item, c.revision == revision)
    return [(row.type, row.value) for row in conn.execute(query.order_by(c.type, c.value))]


def items_of_account(conn: Connection, account: AccountId, limit: int = 50) -> list[Item]:
    """The newest items of an account."""
    query = select(item_table).where(item_table.c.account == account)
    return ITEMS.find(conn, query.order_by(item_table.c.taken_at.desc()).limit(limit))


def backfill(conn: Connection, key: str, name: str) -> tuple[str, int, int] | None:
    """Cursor, items and matched items of a backfill."""
    c = backfill_table.c
    row = conn.execute(select(c.cursor, c["items"], c.matched).where(c.key == key, c.name == name)).first()
    return None if row is None else (row[0], row[1], row[2])


def put_backfill(tx: Tx, key: str, name: str, cursor: str, items: int, matched: int) -> None:
    """How far a backfill has come."""
    of_name = (backfill_table.c.key == key) & (backfill_table.c.name == name)
    tx.conn.execute(delete(backfill_table).where(of_name))
    row = {"key": key, "name": name, "cursor": cursor, "items": items, "matched": matched, "at": tx.now}
    tx.add(backfill_table, row)


def put_upload(tx: Tx, key: BlobKey, sealed: SealedMedia, until: datetime) -> None:
    """Remember an upload by the SHA-256 of what was sent.

    Sending it again prolongs the first copy; the second one gets no reader.
    """
    earlier = upload(tx.conn, key)
    if earlier is not None and not tx.vault.is_destroyed(earlier.subject):
        tx.vault.destroy(sealed.subject, tx.now)
        tx.conn.execute(update(upload_table).where(upload_table.c.sha256 == key).values(until=until))
        return
    tx.conn.execute(delete(upload_table).where(upload_table.c.sha256 == key))
    row = {"sha256": key, "blob": sealed.blob, "subject": sealed.subject, "until": until}
    tx.conn.execute(insert(upload_table).values(row))


def upload(conn: Connection, key: BlobKey) -> SealedMedia | None:
    """Where an upload lies."""
    row = conn.execute(select(upload_table).where(upload_table.c.sha256 == key)).mappings().first()
    return None if row is None else SealedMedia(BlobKey(row["blob"]), SubjectId(row["subject"]))


def has_old_uploads(conn: Connection, now: datetime) -> bool:
    """Whether an upload is past its time."""
    return conn.execute(select(upload_table.c.sha256).where(upload_table.c.until <= now).limit(1)).first() is not None


def drop_uploads(tx: Tx, limit: int) -> int:
    """Uploads past their time: their keys are destroyed, so that their bytes tell nothing; returns how many."""
    over = select(upload_table).where(upload_table.c.until <= tx.now).limit(limit)
    rows = tx.conn.execute(over).mappings().all()
    for row in rows:
        tx.vault.destroy(SubjectId(row["subject"]), tx.now)
    tx.conn.execute(delete(upload_table).where(upload_table.c.sha256.in_([row["sha256"] for row in rows])))
    return len(rows)


def _media(kept: dict[str, Any], url: str | None) -> KeptMedia:
    sealed = kept.pop("sealed")
    where = None if sealed is None else SealedMedia(BlobKey(sealed["blob"]), SubjectId(sealed["subject"]))
    return KeptMedia(**kept, url=url, sealed=where)


def _media_row(media: KeptMedia) -> dict[str, Any]:
    names = ("platform_id", "media_type", "sha256", "size_bytes")
    return {name: getattr(media, name) for name in names} | {"sealed": _sealed_row(media.sealed)}


def _sealed_row(sealed: SealedMedia | None) -> dict[str, str] | None:
    return None if sealed is None else {"blob": sealed.blob, "subject": sealed.subject}


def _clear_locators(tx: Tx, subject: str) -> None:
    items = select(item_table.c.id).where(item_table.c.account == subject)
    tx.conn.execute(delete(item_locator).where(item_locator.c.item.in_(items)))
    tx.conn.execute(delete(account_locator).where(account_locator.c.account == subject))
    tx.conn.execute(delete(item_signal).where(item_signal.c.item.in_(items)))


def _kept_media(conn: Connection) -> Iterator[SealedBlob]:
    for item, revision, media in conn.execute(select(item_posted.c.item, item_posted.c.revision, item_posted.c.media)):
        for sealed in (each["sealed"] for each in media if each["sealed"]):
            place = f"item {item} revision {revision}"
            yield SealedBlob(place, BlobKey(sealed["blob"]), SubjectId(sealed["subject"]), "media")


def _waiting_uploads(conn: Connection) -> Iterator[SealedBlob]:
    for row in conn.execute(select(upload_table)).mappings():
        yield SealedBlob(f"upload {row['sha256']}", BlobKey(row["blob"]), SubjectId(row["subject"]), "upload")


_FACTS = Retention("as long as the node's record; holds no personal data")
_WHILE_KNOWN = Retention("until the author is erased, or the item's text is over its time")

RECORDS = (
    Keeping(account_table, "which accounts posted (DSA Art 17, TCO Art 6(1))", _FACTS),
    Keeping(account_locator, "to tell the platform which account", _WHILE_KNOWN, cleared=("platform_id",)),
    Keeping(account_profile, "what moderators see beside a post", _WHILE_KNOWN, sealed=("sealed",)),
    Keeping(item_table, "what was screened and when", _FACTS),
    Keeping(
        item_locator,
        "to tell the platform which item",
        _WHILE_KNOWN,
        cleared=("platform_id", "url_digest"),
        clear=_clear_locators,
    ),
    Keeping(
        item_posted,
        "to decide, to give reasons, to put back",
        Retention("charter setting; longer while a case, restriction or remedy needs it"),
        sealed=("sealed", "media"),
        blobs=_kept_media,
    ),
    Keeping(
        item_signal,
        "to search public items when a bank changes (DESIGN §2)",
        Retention("charter setting `retention.unmatched_signals_days`"),
        cleared=("value",),
    ),
    Keeping(
        upload_table,
        "a file sent ahead of the item that names it",
        Retention("one hour", sweep=drop_uploads),
        sealed=("blob",),
        blobs=_waiting_uploads,
        cleared=("sha256",),
    ),
    Keeping(
        backfill_table, "where a backfill goes on", Retention("until the platform's key is revoked; no personal data")
    ),
)
