"""What the platform reports beside posts: deletions by the author, new addresses, new and changed accounts.

Owns: these roads.
Promises: name, bio and picture of an account are items like others: screened, with revisions, decidable.
Never does: take a deletion as an admission.
"""

import hashlib

from sqlalchemy import Connection

from beffroi.content import service as content
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, ItemKind, MediaGiven, Submission
from beffroi.ground.kernel.errors import Invalid, NotFound, Refusal
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled

from . import screening
from .carry import Carried, carry
from .house import House


def item_deleted(house: House, actor: Actor, platform_id: str) -> None:
    """The author deleted an item.

    Raises:
        Invalid: no id.
        NotFound: the item was never taken in.

    """
    if not platform_id:
        raise Invalid("missing", "a deletion names the item", where="item")
    carry(house, actor, DELETION, {"item": platform_id})


def _enter_deletion(tx: Tx, act: Spooled) -> None:
    content.delete_by_author(tx, act.body["item"])


def _is_known_item(conn: Connection, act: Spooled) -> None:
    if content_store.item_by_platform_id(conn, act.body["item"]) is None:
        raise NotFound("no-such-item", "no item with this platform_id was ever taken in")


DELETION = Carried("item-deleted", _enter_deletion, _is_known_item)


def item_located(house: House, actor: Actor, platform_id: str, url: str) -> None:
    """The platform shows an item at this address now.

    Raises:
        Invalid: no id, no address.
        NotFound: the item was never taken in.

    """
    for where, given in (("item", platform_id), ("url", url)):
        if not given:
            raise Invalid("missing", "a new address names the item and the address", where=where)
    house.write("law", actor, lambda tx: content.move(tx, platform_id, url))


def account_changed(house: House, actor: Actor, given: AccountGiven, avatar: MediaGiven | None) -> None:
    """An account is new, or says something else of itself; each part is screened as an item of its own."""
    what = ("name", *(("bio",) if given.bio else ()), *(("avatar",) if avatar else ()))
    house.write("bulk", actor, lambda tx: content.change_account(tx, given, what))
    parts: list[tuple[ItemKind, str, tuple[MediaGiven, ...]]] = [(ItemKind.PROFILE_NAME, given.name, ())]
    if given.bio:
        parts.append((ItemKind.PROFILE_BIO, given.bio, ()))
    if avatar is not None:
        parts.append((ItemKind.AVATAR, "", (avatar,)))
    screening.screen(house, actor, [_part(house, given, *part) for part in parts], awaited=False)


def _part(
    house: House, given: AccountGiven, kind: ItemKind, text: str, media: tuple[MediaGiven, ...]
) -> Submission | Refusal:
    """One part of a profile as a submission; its revision counts the changes we were told of."""
    tag = hashlib.sha256(given.platform_id.encode()).hexdigest()[:16]
    platform_id = f"profile-{kind.value}-{tag}"
    with house.read() as conn:
        before = content_store.item_by_platform_id(conn, platform_id)
        said = content_store.posted(conn, house.vault, before.id, before.revision) if before is not None else None
    revision = 1 if before is None else before.revision + (said is None or said.text != text or bool(media))
    return Submission(platform_id, given, kind, revision=revision, text=text, url=given.url, media=media)
