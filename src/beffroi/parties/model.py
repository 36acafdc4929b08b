"""The organisation behind a node, its charter, the authorities it knows, and what happened to them.

Owns: the frozen types of `parties`.
Promises: what an organisation must publish of itself (TCO Art 15(1) and (2), DSA Arts 11 and 12) is a fact; its legal
representative, who may be a human being, is not in any event.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AuthorityId, OrganisationId, PersonId, SubjectId
from beffroi.ground.storage import Event

Value = bool | int | str | tuple[str, ...]
"""What a charter setting can be."""


class NodeKind(StrEnum):
    """What this node is."""

    PLATFORM = "platform"
    AUTHORITY = "authority"
    OVERSEER = "overseer"


class Size(StrEnum):
    """Commission Recommendation 2003/361/EC, and DSA Art 33 for the last."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    VERY_LARGE = "very_large"


class Service(StrEnum):
    """DSA Art 3(g)(iii) and (i): remedies differ."""

    HOSTING = "hosting"
    ONLINE_PLATFORM = "online_platform"


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """Where an organisation is reached: addresses of a function, not of a human being."""

    email: str
    postal: str = ""
    phone: str = ""
    hours: str = ""
    """In words; an address for removal orders is read at all hours all the same."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an organisation says of itself. `size` and `service` are for platforms, and only for them."""

    name: str
    kind: NodeKind
    country: str
    """ISO 3166-1 alpha-2, of the main establishment."""
    languages: tuple[str, ...]
    """BCP 47 tags in which the contact point can be written to (TCO Art 15(2), DSA Art 11(3))."""
    contact: ContactPoint
    complaints: ContactPoint | None = None
    """Where users complain; None: at `contact`."""
    size: Size | None = None
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Representative:
    """The legal representative in the Union (TCO Art 17, DSA Art 13)."""

    name: str
    email: str
    phone: str = ""
    postal: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The one that runs this node."""

    id: OrganisationId
    version: int
    particulars: Particulars
    representative: SubjectId | None
    established_at: datetime
    amended_at: datetime


@dataclass(frozen=True, slots=True)
class OrganisationEstablished(Event):
    """The node knows whose it is."""

    aggregate: ClassVar[str] = "organisation"

    organisation: OrganisationId
    particulars: Particulars
    representative: SubjectId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrganisationAmended(Event):
    """It says something else of itself; the whole of it, so that what stood when is one event."""

    aggregate: ClassVar[str] = "organisation"

    organisation: OrganisationId
    particulars: Particulars
    representative: SubjectId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CharterSetting:
    """A charter setting that was changed at least once; `id` is its name."""

    id: str
    version: int
    value: Value
    person: PersonId
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CharterChanged(Event):
    """A person changed a charter setting; the reason they gave is public."""

    aggregate: ClassVar[str] = "charter"

    setting: str
    value: Value
    was: Value
    person: PersonId
    at: datetime


class Function(StrEnum):
    """What a public body is competent for; often several of one State, each in another body."""

    ISSUE = "issue"  # removal orders (TCO Art 12(1)(a))
    SCRUTINISE = "scrutinise"  # orders of other States (Art 12(1)(b))
    OVERSEE = "oversee"  # specific measures (Art 12(1)(c))
    PENALISE = "penalise"  # (Art 12(1)(d))
    INVESTIGATE = "investigate"  # who is warned of a threat to life (TCO Art 14(5), DSA Art 18)


class AuthorityState(StrEnum):
    """Who acts next is in the comment."""

    PROPOSED = "proposed"  # a second person, who calls back
    PINNED = "pinned"  # nobody, until the pin expires
    ENDED = "ended"  # nobody


@dataclass(frozen=True, slots=True)
class AuthorityTerms:
    """What the public list says of a body. `contact.phone` is the number that is called back."""

    name: str
    country: str
    """ISO 3166-1 alpha-2."""
    functions: tuple[Function, ...]
    languages: tuple[str, ...]
    contact: ContactPoint
    source: str
    """Where this was read: the address of the official register or gazette."""
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """One body in this node's register. Two persons stand behind a pin: who read the list, and who called back."""

    id: AuthorityId
    version: int
    terms: AuthorityTerms
    state: AuthorityState
    proposed_by: PersonId
    proposed_at: datetime
    verified_by: PersonId | None
    verified_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuthorityProposed(Event):
    """Somebody entered a body as the public list has it."""

    aggregate: ClassVar[str] = "authority"

    authority: AuthorityId
    terms: AuthorityTerms
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class AuthorityPinned(Event):
    """Somebody else called the number of the list and was told that it is so."""

    aggregate: ClassVar[str] = "authority"

    authority: AuthorityId
    by: PersonId
    called: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorityEnded(Event):
    """It is taken off the register, and why."""

    aggregate: ClassVar[str] = "authority"

    authority: AuthorityId
    by: PersonId
    why: str
    at: datetime


EVENTS = (
    OrganisationEstablished,
    OrganisationAmended,
    CharterChanged,
    AuthorityProposed,
    AuthorityPinned,
    AuthorityEnded,
)
