"""Items, accounts, what platforms submit, and what happened to them.

Owns: the frozen types of `content`.
Promises: events carry no posted text, no name, no address and no platform id.
Never does: input or output.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, BlobKey, ItemId, SubjectId
from beffroi.ground.storage import Event


class Visibility(StrEnum):
    """Who can see it. Only `PUBLIC` is screened and stored (TCO Art 2(3), DESIGN §5.11)."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    CLOSED_GROUP = "closed_group"
    PRIVATE = "private"


class ItemKind(StrEnum):
    """What part of the platform it stands in."""

    POST = "post"
    PROFILE_NAME = "profile_name"
    PROFILE_BIO = "profile_bio"
    AVATAR = "avatar"


class Origin(StrEnum):
    """Whether this platform hosts it itself or shows it from elsewhere."""

    LOCAL = "local"
    REMOTE = "remote"


class ItemState(StrEnum):
    """Who acts next: nobody in either state; restrictions are kept in `actions`."""

    LIVE = "live"
    DELETED_BY_AUTHOR = "deleted_by_author"


@dataclass(frozen=True, slots=True)
class MediaGiven:
    """One file of a submission: bytes in hand, or where they are."""

    platform_id: str = ""
    media_type: str = ""
    content: bytes | None = field(default=None, repr=False)
    blob: BlobKey | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class AccountGiven:
    """The account as the platform describes it."""

    platform_id: str
    name: str = ""
    url: str | None = None
    bio: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One item as a platform hands it over; `revision` counts the platform's edits from 1."""

    platform_id: str
    account: AccountGiven
    kind: ItemKind = ItemKind.POST
    visibility: Visibility = Visibility.PUBLIC
    origin: Origin = Origin.LOCAL
    revision: int = 1
    text: str = ""
    language: str | None = None
    url: str | None = None
    parent: str | None = None
    thread: str | None = None
    posted_at: datetime | None = None
    media: tuple[MediaGiven, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the platform; its name and profile are sealed elsewhere."""

    id: AccountId
    version: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """Something posted, at its newest revision."""

    id: ItemId
    version: int
    account: AccountId
    kind: ItemKind
    visibility: Visibility
    origin: Origin
    revision: int
    state: ItemState
    language: str | None
    posted_at: datetime
    taken_at: datetime
    media_count: int


@dataclass(frozen=True, slots=True)
class SealedMedia:
    """Where the sealed bytes lie, and whose key opens them (a key of the file's own, so that it can go alone)."""

    blob: BlobKey
    subject: SubjectId


@dataclass(frozen=True, slots=True)
class KeptMedia:
    """A file of a revision: its digest always, its bytes (`sealed`) only where there was cause to keep them."""

    platform_id: str
    media_type: str
    sha256: str
    size_bytes: int
    url: str | None
    sealed: SealedMedia | None


@dataclass(frozen=True, slots=True)
class Posted:
    """The readable part of one revision, unsealed."""

    item: ItemId
    revision: int
    platform_id: str
    url: str | None
    text: str
    media: tuple[KeptMedia, ...]
    parent: str | None
    thread: str | None


@dataclass(frozen=True, slots=True)
class AccountSeen(Event):
    """An account posted here for the first time."""

    aggregate: ClassVar[str] = "account"

    account: AccountId
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """The account changed its name, text or picture; `what` says which."""

    aggregate: ClassVar[str] = "account"

    account: AccountId
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemTaken(Event):
    """An item was taken in for the first time."""

    aggregate: ClassVar[str] = "item"

    item: ItemId
    account: AccountId
    kind: ItemKind
    visibility: Visibility
    origin: Origin
    revision: int
    language: str | None
    posted_at: datetime
    taken_at: datetime
    media_count: int


@dataclass(frozen=True, slots=True)
class ItemEdited(Event):
    """A new revision of an item was taken in; earlier decisions stay bound to theirs."""

    aggregate: ClassVar[str] = "item"

    item: ItemId
    revision: int
    visibility: Visibility
    language: str | None
    media_count: int


@dataclass(frozen=True, slots=True)
class ItemDeletedByAuthor(Event):
    """The author deleted it; open cases lose their object."""

    aggregate: ClassVar[str] = "item"

    item: ItemId


@dataclass(frozen=True, slots=True)
class MediaKept(Event):
    """Bytes of a revision were kept, and why: `match`, `hold`, `notice`, `case`."""

    aggregate: ClassVar[str] = "item-media"

    item: ItemId
    revision: int
    why: str
    count: int
