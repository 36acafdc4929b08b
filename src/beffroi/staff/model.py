"""People, API keys, and what happened to them.

Owns: the frozen types of `staff`.
Promises: an event knows a person by id only; no name, address, secret or hash of one is in any event; no `repr` here
shows a secret.
Never does: input or output.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import KeyId, PersonId, SessionId
from beffroi.ground.storage import Event


class Role(StrEnum):
    """What somebody is here for; what it lets them do stands in `permissions`."""

    MODERATOR = "moderator"
    SENIOR_MODERATOR = "senior_moderator"
    POLICY_LEAD = "policy_lead"
    ADMINISTRATOR = "administrator"
    OVERSEER = "overseer"


class PersonState(StrEnum):
    """Who acts next is in the comment."""

    INVITED = "invited"  # they: follow the link
    ACTIVE = "active"  # nobody
    SUSPENDED = "suspended"  # an administrator: lift it, or let them go
    LEFT = "left"  # nobody: it is final


class Method(StrEnum):
    """How somebody proved who they are."""

    PASSWORD_CODE = "password_code"  # noqa: S105  password and a code of the telephone
    PASSWORD_RECOVERY = "password_recovery"  # noqa: S105  password and a recovery code
    PASSKEY = "passkey"
    LINK = "link"  # the link with which the account was made or given back
    SINGLE_SIGN_ON = "single_sign_on"  # the organisation's identity provider said so
    DEMO = "demo"  # the sample people of the demo, by password alone


class Way(StrEnum):
    """By what somebody can sign in."""

    PASSWORD = "password"  # noqa: S105  and a code
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"


class LinkKind(StrEnum):
    """What a one-time link makes."""

    FIRST = "first"  # the first administrator
    INVITATION = "invitation"  # an invited person becomes active
    RESET = "reset"  # a person who lost password or telephone gets new ones


class SessionEnd(StrEnum):
    """Why sessions ended before their time."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"  # they signed in anew in the same browser
    BY_HAND = "by_hand"  # they, or an administrator, ended it from elsewhere
    ROLES = "roles"  # what they may do changed
    SUSPENDED = "suspended"
    LEFT = "left"
    CREDENTIALS = "credentials"  # their means of proof changed


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is outside this node. `lookup` is the keyed hash by which the e-mail address is found again."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    lookup: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """New means of proof: an argon2 hash, a TOTP secret with the counter just used, hashes of recovery codes."""

    password_hash: str = field(repr=False)
    totp_secret: bytes | None = field(repr=False)
    totp_counter: int = 0
    recovery: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with this node. `pseudonym` is what people outside read."""

    id: PersonId
    version: int
    pseudonym: str
    roles: frozenset[Role]
    state: PersonState
    demo: bool
    """A sample person, who can sign in nowhere but in the demo."""
    invited_by: PersonId | None
    """None: by the first link, or from the command line."""
    invited_at: datetime
    joined_at: datetime | None

    @property
    def is_administrator(self) -> bool:
        """Whether they can administer now."""
        return self.state is PersonState.ACTIVE and Role.ADMINISTRATOR in self.roles


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a machine may do; its secret is nowhere but with the machine."""

    id: KeyId
    version: int
    scopes: tuple[str, ...]
    issued_by: PersonId
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class PersonInvited(Event):
    """Somebody may join, with these roles."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    pseudonym: str
    roles: tuple[Role, ...]
    demo: bool
    by: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    """They followed the link and chose their means of proof."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class RolesGranted(Event):
    """From now on they have exactly these roles."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    roles: tuple[Role, ...]
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class PersonSuspended(Event):
    """They cannot do anything until it is lifted; their sessions and API keys have ended."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class SuspensionLifted(Event):
    """They can sign in again; sessions and keys do not come back."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    """They do not work here any more; it is final."""

    aggregate: ClassVar[str] = "person"

    person: PersonId
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    """A session began, or its holder proved again who they are."""

    aggregate: ClassVar[str] = "sign-in"

    person: PersonId
    session: SessionId
    method: Method


@dataclass(frozen=True, slots=True)
class SessionsEnded(Event):
    """So many sessions of a person ended at once, because of `why`."""

    aggregate: ClassVar[str] = "sign-in"

    person: PersonId
    count: int
    why: SessionEnd


@dataclass(frozen=True, slots=True)
class CredentialChanged(Event):
    """Means of proof changed.

    `password`, `totp`, `recovery-codes`, `passkey-added`, `passkey-removed`, `all`; `single-sign-on-added` commits to
    the provider's name and its subject, and ends all that there were before; `single-sign-on-removed`.
    """

    aggregate: ClassVar[str] = "sign-in"

    person: PersonId
    what: str


@dataclass(frozen=True, slots=True)
class LinkMade(Event):
    """A one-time link was made: for a person, or `first`, which is nobody's yet."""

    aggregate: ClassVar[str] = "link"

    link: str
    kind: LinkKind
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class ApiKeyIssued(Event):
    """A machine may do these things until then."""

    aggregate: ClassVar[str] = "api-key"

    key: KeyId
    scopes: tuple[str, ...]
    by: PersonId
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRevoked(Event):
    """It opens nothing any more; `by_hand`, `issuer_suspended`, `issuer_left`."""

    aggregate: ClassVar[str] = "api-key"

    key: KeyId
    why: str
    at: datetime


EVENTS = (
    PersonInvited,
    PersonJoined,
    RolesGranted,
    PersonSuspended,
    SuspensionLifted,
    PersonLeft,
    SignedIn,
    SessionsEnded,
    CredentialChanged,
    LinkMade,
    ApiKeyIssued,
    ApiKeyRevoked,
)
