"""Items and accounts in the database: their locators, sealed texts, kept media, signals, uploads.

Owns: these rows.
Promises: what was posted is sealed before it is stored; what nothing needs can be told from what something does.
Never does: decide.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_upsert
from sqlalchemy.dialects.sqlite import insert as sqlite_upsert

from beffroi.ground.kernel.ids import AccountId, BlobKey, ItemId, SubjectId
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.storage import Rows, Tx, Vault

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
from .tables import (
    account_locator,
    account_profile,
    account_table,
    backfill_table,
    days,
    forget,
    item_locator,
    item_posted,
    item_signal,
    item_table,
    items_of,
    upload_table,
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
    look_at = tx.now + timedelta(days=LOOK_AGAIN_D)
    tx.conn.execute(insert(account_locator).values(account=account, platform_id=platform_id, look_at=look_at))


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


def readdress(tx: Tx, item: ItemId, revision: int, url: str) -> None:
    """A revision is shown at this address now; where its text is gone, so is its address."""
    of_revision = (item_posted.c.item == item) & (item_posted.c.revision == revision)
    row = tx.conn.execute(select(item_posted.c.account, item_posted.c.sealed).where(of_revision)).first()
    plain = None if row is None else tx.vault.open(subject_of(row.account), row.sealed, item)
    if row is None or plain is None:
        return
    said = json.dumps(json.loads(plain) | {"url": url}, ensure_ascii=False).encode()
    sealed = tx.vault.seal(subject_of(row.account), said, item)
    tx.conn.execute(update(item_posted).where(of_revision).values(sealed=sealed))


def keep(tx: Tx, item: ItemId, revision: int, why: str, sealed: Mapping[str, SealedMedia]) -> None:
    """Keep a revision with its signals beyond their retention, and its media that are `sealed` (by SHA-256)."""
    of_revision = (item_posted.c.item == item) & (item_posted.c.revision == revision)
    media = tx.conn.execute(select(item_posted.c.media).where(of_revision)).scalar()
    if media is None:
        return  # its time was over before there was a reason to keep it
    media = [{**m, "sealed": _sealed_row(sealed.get(m["sha256"])) or m["sealed"]} for m in media]
    look_at = tx.now + timedelta(days=LOOK_AGAIN_D)
    tx.conn.execute(update(item_posted).where(of_revision).values(keep_why=why, media=media, look_at=look_at))
    signals = (item_signal.c.item == item) & (item_signal.c.revision == revision)
    tx.conn.execute(update(item_signal).where(signals).values(kept=True))


def keep_all_of(tx: Tx, account: AccountId, why: str) -> None:
    """Keep whatever there is of an account now beyond its retention: somebody asks for it to stay."""
    unkept = (item_posted.c.account == account) & item_posted.c.keep_why.is_(None)
    for item, revision in tx.conn.execute(select(item_posted.c.item, item_posted.c.revision).where(unkept)).all():
        keep(tx, item, revision, why, {})
    tx.conn.execute(update(item_signal).where(item_signal.c.item.in_(items_of(account))).values(kept=True))


def drop_unkept_of(tx: Tx, account: AccountId) -> None:
    """Delete at once whatever of an account nothing needs."""
    unkept = (item_posted.c.account == account) & item_posted.c.keep_why.is_(None)
    forget(tx, tx.conn.execute(select(item_posted).where(unkept)).mappings().all())
    tx.conn.execute(delete(item_posted).where(unkept))
    theirs = item_signal.c.item.in_(items_of(account)) & item_signal.c.kept.is_(None)
    tx.conn.execute(delete(item_signal).where(theirs))


def has_posted(conn: Connection, *, item: ItemId | None = None, account: AccountId | None = None) -> bool:
    """Whether words or files of an item, or of any item of an account, are still here."""
    c = item_posted.c
    theirs = c.item == item if item is not None else c.account == account
    return conn.execute(select(c.item).where(theirs).limit(1)).first() is not None


def items_with_words(conn: Connection, account: AccountId) -> list[ItemId]:
    """The items of an account whose words or files are still here."""
    c = item_posted.c
    return [ItemId(item) for item in conn.execute(select(c.item).where(c.account == account).distinct()).scalars()]


def has_located_items(conn: Connection, account: AccountId) -> bool:
    """Whether an item of the account can still be named to the platform."""
    query = select(item_locator.c.item).join(item_table, item_table.c.id == item_locator.c.item)
    return conn.execute(query.where(item_table.c.account == account).limit(1)).first() is not None


def signals_end(conn: Connection, item: ItemId) -> datetime | None:
    """When the last of an item's signals goes by its age; None if there are none."""
    newest = conn.execute(select(func.max(item_signal.c.taken_at)).where(item_signal.c.item == item)).scalar()
    return None if newest is None else newest + days(conn, "retention.unmatched_signals_days")


def quiet_since(conn: Connection, account: AccountId) -> datetime | None:
    """When the account's newest item was taken in; None if it never posted."""
    newest = select(func.max(item_table.c.taken_at)).where(item_table.c.account == account)
    found: datetime | None = conn.execute(newest).scalar()
    return found


def words_age(conn: Connection) -> timedelta:
    """How long words that matched nothing are kept."""
    return days(conn, "retention.unmatched_text_days")


def longest_age(conn: Connection) -> timedelta:
    """How long words or signals that matched nothing are kept, whichever is longer."""
    return max(days(conn, f"retention.unmatched_{what}_days") for what in ("text", "signals"))


def drop_backfills(tx: Tx, key: str) -> None:
    """Where the backfills of an API key would have gone on: it was revoked."""
    tx.conn.execute(delete(backfill_table).where(backfill_table.c.key == key))


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


def _media(kept: dict[str, Any], url: str | None) -> KeptMedia:
    sealed = kept.pop("sealed")
    where = None if sealed is None else SealedMedia(BlobKey(sealed["blob"]), SubjectId(sealed["subject"]))
    return KeptMedia(**kept, url=url, sealed=where)


def _media_row(media: KeptMedia) -> dict[str, Any]:
    names = ("platform_id", "media_type", "sha256", "size_bytes")
    return {name: getattr(media, name) for name in names} | {"sealed": _sealed_row(media.sealed)}


def _sealed_row(sealed: SealedMedia | None) -> dict[str, str] | None:
    return None if sealed is None else {"blob": sealed.blob, "subject": sealed.subject}
