"""Which submissions are fit to be taken in, and what they change. Pure.

Owns: the checks on size and form of what platforms hand over; the life of items and accounts.
Promises: a refusal names the field; a submission taken twice changes nothing the second time.
Never does: look at what the text says.
"""

import unicodedata
from dataclasses import replace
from datetime import datetime

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import AccountId, ItemId
from beffroi.ground.kernel.limits import (
    MEDIA_PER_ITEM_MAX,
    NAME_CHARS_MAX,
    PLATFORM_ID_CHARS_MAX,
    TEXT_CHARS_MAX,
    URL_CHARS_MAX,
)
from beffroi.ground.storage import Event

from .model import (
    Account,
    AccountChanged,
    AccountSeen,
    Item,
    ItemDeletedByAuthor,
    ItemEdited,
    ItemState,
    ItemTaken,
    Submission,
    Visibility,
)


def examine(given: Submission) -> Submission:
    """The submission, if its sizes and ids are in bounds.

    Raises:
        Invalid: which field and why.

    """
    _bounded("platform_id", given.platform_id, PLATFORM_ID_CHARS_MAX, empty=False)
    _bounded("account.platform_id", given.account.platform_id, PLATFORM_ID_CHARS_MAX, empty=False)
    _bounded("account.name", given.account.name, NAME_CHARS_MAX)
    _bounded("account.bio", given.account.bio, TEXT_CHARS_MAX)
    _bounded("text", given.text, TEXT_CHARS_MAX)
    for name, value in (("url", given.url), ("account.url", given.account.url)):
        _bounded(name, value or "", URL_CHARS_MAX)
    for name, value in (("parent", given.parent), ("thread", given.thread), ("language", given.language)):
        _bounded(name, value or "", PLATFORM_ID_CHARS_MAX)
    if not 1 <= given.revision <= 2**31:
        raise Invalid("bad-version", "version counts edits from 1", where="version")
    if len(given.media) > MEDIA_PER_ITEM_MAX:
        raise Invalid("too-many-media", f"an item has at most {MEDIA_PER_ITEM_MAX} files", where="media")
    return given


def is_screened(given: Submission) -> bool:
    """Only what anybody may see is screened and stored (TCO Art 2(3))."""
    return given.visibility is Visibility.PUBLIC


def see_account(account: Account | None, account_id: AccountId, now: datetime) -> tuple[Event, ...]:
    """The account is here for the first time, or it is not."""
    return () if account is not None else (AccountSeen(account_id, now),)


def take_in(item: Item | None, item_id: ItemId, given: Submission, account: AccountId, now: datetime) -> list[Event]:
    """A new item, a new revision, or nothing (the same revision again, or an older one come late).

    Raises:
        Conflict: the item belongs to another account.

    """
    if item is None:
        return [
            ItemTaken(
                item=item_id,
                account=account,
                kind=given.kind,
                visibility=given.visibility,
                origin=given.origin,
                revision=given.revision,
                language=given.language,
                posted_at=given.posted_at or now,
                taken_at=now,
                media_count=len(given.media),
            )
        ]
    if item.account != account:
        raise Conflict("other-account", "this platform_id belongs to another account's item")
    if given.revision <= item.revision:
        return []
    return [ItemEdited(item.id, given.revision, given.visibility, given.language, len(given.media))]


def delete_by_author(item: Item) -> list[Event]:
    """Deleted now, or it was already."""
    return [] if item.state is ItemState.DELETED_BY_AUTHOR else [ItemDeletedByAuthor(item.id)]


def apply_item(item: Item | None, event: Event) -> Item:
    """The item after `event`."""
    match event:
        case ItemTaken():
            return Item(
                id=event.item,
                version=0,
                account=event.account,
                kind=event.kind,
                visibility=event.visibility,
                origin=event.origin,
                revision=event.revision,
                state=ItemState.LIVE,
                language=event.language,
                posted_at=event.posted_at,
                taken_at=event.taken_at,
                media_count=event.media_count,
            )
        case ItemEdited() if item is not None:
            return replace(
                item,
                state=ItemState.LIVE,  # who edits what they had deleted has put it back
                revision=event.revision,
                visibility=event.visibility,
                language=event.language,
                media_count=event.media_count,
            )
        case ItemDeletedByAuthor() if item is not None:
            return replace(item, state=ItemState.DELETED_BY_AUTHOR)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit this item")


def apply_account(account: Account | None, event: Event) -> Account:
    """The account after `event`."""
    match event:
        case AccountSeen():
            return Account(event.account, 0, event.at)
        case AccountChanged() if account is not None:
            return account
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit this account")


def _bounded(where: str, value: str, chars_max: int, *, empty: bool = True) -> None:
    if len(value) > chars_max:
        raise Invalid("too-long", f"{where} has {len(value)} characters; the limit is {chars_max}", where=where)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid("not-unicode", f"{where} holds half a character", where=where) from None
    if not empty and not value.strip():
        raise Invalid("empty", f"{where} must not be empty", where=where)
    if where.endswith("platform_id") and any(unicodedata.category(c)[0] == "C" for c in value):
        raise Invalid("control-characters", f"{where} holds invisible or control characters", where=where)
