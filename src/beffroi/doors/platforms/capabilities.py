"""What a platform can be asked to do, and what can become of asking.

Owns: the capabilities, the acts with their shapes, the four outcomes, and `Connector`, which every connector is.
Promises: frozen facts; an act that names no item or account where its kind needs one cannot be made.
Never does: input or output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from beffroi.actions.model import Kind, Verification
from beffroi.content.model import Submission
from beffroi.ground.kernel.errors import ensure


class Capability(StrEnum):
    """What a connector declares; the rest is not offered on its platform."""

    DISABLE = "disable"
    HOLD = "hold"
    INFORM = "inform"
    LABEL = "label"
    LOCATE_BY_URL = "locate_by_url"
    PURGE_CACHES = "purge_caches"
    REMOVE = "remove"
    REPORTS = "reports"
    RESTORE = "restore"
    RESTRICT_TERRITORIES = "restrict_territories"
    SUSPEND = "suspend"
    VERIFY = "verify"
    WARN = "warn"


class ActKind(StrEnum):
    """What is asked of the platform, in the words of the wire."""

    ITEM_HOLD = "item.hold"
    ITEM_REMOVE = "item.remove"
    ITEM_DISABLE = "item.disable"
    ITEM_RESTRICT = "item.restrict"
    ITEM_LABEL = "item.label"
    ITEM_RESTORE = "item.restore"
    ACCOUNT_WARN = "account.warn"
    ACCOUNT_SUSPEND = "account.suspend"
    ACCOUNT_RESTORE = "account.restore"
    USER_INFORM = "user.inform"

    @property
    def needs(self) -> Capability:
        """The capability without which this is not asked."""
        return _NEEDS[self]

    @property
    def is_about_item(self) -> bool:
        """Whether the act needs an item; the others need an account."""
        return self.value.startswith("item.")

    @property
    def hides(self) -> bool:
        """Whether its aim is that the public sees the item no more; then an item that is gone is an aim reached."""
        return self in _HIDES


_NEEDS: Final[Mapping[ActKind, Capability]] = {
    ActKind.ITEM_HOLD: Capability.HOLD,
    ActKind.ITEM_REMOVE: Capability.REMOVE,
    ActKind.ITEM_DISABLE: Capability.DISABLE,
    ActKind.ITEM_RESTRICT: Capability.RESTRICT_TERRITORIES,
    ActKind.ITEM_LABEL: Capability.LABEL,
    ActKind.ITEM_RESTORE: Capability.RESTORE,
    ActKind.ACCOUNT_WARN: Capability.WARN,
    ActKind.ACCOUNT_SUSPEND: Capability.SUSPEND,
    ActKind.ACCOUNT_RESTORE: Capability.RESTORE,
    ActKind.USER_INFORM: Capability.INFORM,
}
_HIDES: Final = frozenset({ActKind.ITEM_HOLD, ActKind.ITEM_REMOVE, ActKind.ITEM_DISABLE, ActKind.ITEM_RESTRICT})
_IMPOSES: Final[Mapping[Kind, ActKind]] = {
    Kind.REMOVE: ActKind.ITEM_REMOVE,
    Kind.REJECT_UPLOAD: ActKind.ITEM_REMOVE,
    Kind.DISABLE: ActKind.ITEM_DISABLE,
    Kind.RESTRICT_TERRITORIES: ActKind.ITEM_RESTRICT,
    Kind.LABEL: ActKind.ITEM_LABEL,
    Kind.HOLD: ActKind.ITEM_HOLD,
    Kind.WARN_ACCOUNT: ActKind.ACCOUNT_WARN,
    Kind.SUSPEND_ACCOUNT: ActKind.ACCOUNT_SUSPEND,
}


def act_kind(kind: Kind, *, lifting: bool) -> ActKind:
    """What to ask for a restriction of `kind`: to impose it, or to put back what it did."""
    imposing = _IMPOSES[kind]
    if not lifting:
        return imposing
    return ActKind.ITEM_RESTORE if imposing.is_about_item else ActKind.ACCOUNT_RESTORE


@dataclass(frozen=True, slots=True)
class PlatformItem:
    """An item by the platform's own id, and the version the decision is about."""

    platform_id: str
    version: int


@dataclass(frozen=True, slots=True)
class StatementLink:
    """Where the statement of reasons stands, and what the platform may show beside the link."""

    url: str
    code: str
    language: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class PlatformAct:
    """One thing asked of the platform.

    `key` is the idempotency key, the same on every try. `at` is when it was decided, also the same on every try:
    receivers order messages by it. `account` is the platform's own id: of the account that the act is about, or of
    the one that posted the item. No territories means everywhere. `url` and `media` (the platform's ids of its files)
    say where the item is, for platforms that cannot look it up. `lifts` says what a restoring act puts back.
    """

    kind: ActKind
    key: str
    at: datetime
    restriction: str | None = None
    item: PlatformItem | None = None
    account: str | None = None
    territories: tuple[str, ...] = ()
    until: datetime | None = None
    label: str | None = None
    statement: StatementLink | None = None
    url: str | None = None
    media: tuple[str, ...] = ()
    lifts: ActKind | None = None

    def __post_init__(self) -> None:
        """An act without its object, or with half of what it says, is our own mistake."""
        about = self.item if self.kind.is_about_item else self.account
        ensure(about is not None, "act-without-object", f"{self.kind} names nothing it is about")
        ensure(self.kind is not ActKind.ITEM_LABEL or self.label, "act-without-label", "a label has a text")
        ensure(self.kind is not ActKind.USER_INFORM or self.statement, "act-without-statement", "nothing to tell")
        ensure(
            self.kind is not ActKind.ITEM_RESTRICT or self.territories, "act-without-territories", "restricted where?"
        )


@dataclass(frozen=True, slots=True)
class VerdictReady:
    """The verdict that was not ready in time (API: `unknown`); the fields are those of the screening answer."""

    key: str
    at: datetime
    item: PlatformItem
    verdict: str
    reasons: tuple[Mapping[str, Any], ...]
    rule: Mapping[str, Any] | None = None
    until: datetime | None = None
    statement_url: str | None = None


Act = PlatformAct | VerdictReady


@dataclass(frozen=True, slots=True)
class Done:
    """The platform says it did it. `note` is its word: `done`, `already`, `gone`, or why its word was unreadable."""

    note: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done. `final`: the same again gets the same answer; otherwise somebody must change a setting first."""

    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """It was not done and may succeed later; `after_s` where the platform asked for a pause."""

    reason: str
    after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent, and nobody knows: try again with the same key."""

    reason: str


Outcome = Done | Refused | Retry | Unknown


class Expect(StrEnum):
    """How an item should look to a logged-out visitor after an act."""

    VISIBLE = "visible"
    NOT_VISIBLE = "not_visible"


@dataclass(frozen=True, slots=True)
class Sighting:
    """How it did look. `reason` says what was seen: `status-404`, `redirected`, `answer-timeout` …."""

    verification: Verification
    reason: str


@dataclass(frozen=True, slots=True)
class Located:
    """What stands at an address, by the platform's own id."""

    platform_id: str


@dataclass(frozen=True, slots=True)
class UserReport:
    """What a user of the platform reported there, with a copy of what they reported.

    `cursor` is where to go on after it; `reporter` is the platform's own id; there is no item where it is gone.
    """

    cursor: str
    reporter: str
    reason: str
    url: str
    item: Submission | None


class Connector(Protocol):
    """One platform, as far as we can reach it."""

    @property
    def name(self) -> str:
        """The connector's name, for settings and pages."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...

    def perform(self, act: Act) -> Outcome:
        """Ask the platform, once; never raises for what the platform does."""
        ...

    def verify(self, url: str, expect: Expect, territories: tuple[str, ...] = ()) -> Sighting:
        """Look at `url` as a logged-out visitor; `territories` where the restriction holds only there."""
        ...

    def locate(self, url: str) -> Located | None:
        """What stands at `url`, if the platform can tell."""
        ...

    def reports(self, after: str) -> tuple[UserReport, ...]:
        """What users reported after the cursor `after` (empty: from the start), the oldest first, a bounded number.

        Raises:
            Unreachable, UnknownOutcome, AnswerUnreadable, Blocked: it could not be read; ask again.

        """
        ...
