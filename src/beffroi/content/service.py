"""Commands of `content`: take in, edit, delete, keep.

Owns: the order of load, rule, save.
Promises: everything happens inside the caller's transaction; a repeated command changes nothing.
Never does: open a transaction, decode, fetch or search.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import AccountId, ItemId, fresh
from beffroi.ground.storage import Tx

from . import rules, store
from .model import (
    Account,
    AccountChanged,
    AccountGiven,
    Item,
    KeptMedia,
    MediaGiven,
    MediaKept,
    Posted,
    SealedMedia,
    Submission,
)


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal of a revision, as `signals` extracted it."""

    type: str
    source: str
    value: str
    quality: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a submission; `is_news` is false when this revision was here before."""

    item: Item
    account: Account
    is_news: bool


def take_in(tx: Tx, given: Submission, signals: Iterable[SignalRow]) -> Taken:
    """Take in one submission (already examined and public)."""
    account = see_account(tx, given.account)
    item = store.item_by_platform_id(tx.conn, given.platform_id)
    item_id = item.id if item is not None else ItemId(fresh("itm", tx.now))
    events = rules.take_in(item, item_id, given, account.id, tx.now)
    if item is not None and not events:
        return Taken(item, account, is_news=False)
    personal = {store.subject_of(account.id): given.text.encode()} if given.text else None
    after = store.ITEMS.change(tx, item, events, personal)
    if item is None:
        store.locate_item(tx, item_id, given.platform_id, given.url)
    elif given.url:
        store.relocate_item(tx, item_id, given.url)
    store.put_posted(tx, account.id, _posted(item_id, given), keep_why=None)
    rows = {(s.type, s.source, s.value): s for s in signals}
    store.put_signals(
        tx,
        [
            {"item": item_id, "revision": given.revision, "type": s.type, "source": s.source}
            | {"value": s.value, "quality": s.quality, "taken_at": tx.now}
            for s in rows.values()
        ],
    )
    return Taken(after, account, is_news=True)


def see_account(tx: Tx, given: AccountGiven) -> Account:
    """The account, made known if it is new; its profile is refreshed when it says something new."""
    account = store.account_by_platform_id(tx.conn, given.platform_id)
    if account is None:
        account_id = AccountId(fresh("acc", tx.now))
        account = store.ACCOUNTS.change(tx, None, rules.see_account(None, account_id, tx.now))
        store.locate_account(tx, account_id, given.platform_id)
        store.put_profile(tx, account_id, {"name": given.name, "bio": given.bio, "url": given.url})
    return account


def change_account(tx: Tx, given: AccountGiven, what: tuple[str, ...]) -> Account:
    """The platform says that name, bio or picture changed."""
    account = see_account(tx, given)
    old = store.profile(tx.conn, tx.vault, account.id) or {}
    new = {"name": given.name or old.get("name", ""), "bio": given.bio, "url": given.url or old.get("url")}
    store.put_profile(tx, account.id, new)
    return store.ACCOUNTS.change(tx, account, [AccountChanged(account.id, what)])


def delete_by_author(tx: Tx, platform_id: str) -> Item:
    """The author deleted it on the platform.

    Raises:
        NotFound: the platform never told us of it.

    """
    item = store.item_by_platform_id(tx.conn, platform_id)
    if item is None:
        raise NotFound("no-such-item", "no item with this platform_id was ever taken in")
    events = rules.delete_by_author(item)
    return store.ITEMS.change(tx, item, events) if events else item


def move(tx: Tx, platform_id: str, url: str) -> Item:
    """The platform shows an item at another address than it said, as when a refused one was sent again and passed.

    Raises:
        NotFound: the platform never told us of it.

    """
    item = store.item_by_platform_id(tx.conn, platform_id)
    if item is None:
        raise NotFound("no-such-item", "no item with this platform_id was ever taken in")
    store.relocate_item(tx, item.id, url)
    store.readdress(tx, item.id, item.revision, url)
    return item


def keep_media(tx: Tx, item: Item, why: str, sealed: Mapping[str, SealedMedia]) -> None:
    """Keep the newest revision and its media that are `sealed` (by SHA-256): there is cause now."""
    store.keep(tx, item.id, item.revision, why, sealed)
    tx.record(MediaKept(item.id, item.revision, why, len(sealed)))


def digest(media: MediaGiven) -> str:
    """Hex SHA-256 of the bytes in hand, or of nothing where they never arrived."""
    return hashlib.sha256(media.content or b"").hexdigest()


def _posted(item: ItemId, given: Submission) -> Posted:
    media = tuple(
        KeptMedia(m.platform_id, m.media_type, digest(m), len(m.content or b""), m.url, None) for m in given.media
    )
    return Posted(item, given.revision, given.platform_id, given.url, given.text, media, given.parent, given.thread)
