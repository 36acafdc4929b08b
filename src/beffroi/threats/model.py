"""Warnings, their letters and recipients, and what happened to them.

Owns: the frozen types of `threats`.
Promises: what a moderator wrote, what was posted and who posted it stand in sealed letters, never in an event.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, CaseId, PersonId, RecipientId, ThreatId
from beffroi.ground.storage import Event


class Function(StrEnum):
    """What a recipient is in the register."""

    INVESTIGATE = "investigate"  # criminal police or prosecutors of a State (TCO 14(5), DSA 18(1))
    CONTACT_POINT = "contact_point"  # of the State of establishment (TCO 12(2)), where no State is known
    EUROPOL = "europol"  # beside the contact point (TCO 14(5)), or instead of it (DSA 18(2))


class Basis(StrEnum):
    """The law under which it is told."""

    TCO_14_5 = "tco_14_5"
    DSA_18 = "dsa_18"
    US_2702 = "us_2702_b8_c4"


class How(StrEnum):
    """How the platform came to know."""

    NOTICE = "notice"
    OWN_REVIEW = "own_review"
    MATCH = "hash_match"


class Danger(StrEnum):
    """What is threatened."""

    LIFE = "life"
    SERIOUS_INJURY = "serious_injury"
    SAFETY = "safety"


class Window(StrEnum):
    """When."""

    HOURS = "hours"
    DAYS = "days"
    HAPPENED = "happened"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What the words show; of these the level is made."""

    INTENT = "intent"
    CAPABILITY = "capability"
    TARGET = "target"
    PLACE = "place"


class Level(StrEnum):
    """How specific it is, in the four levels of the Terrorist Content Analytics Platform."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH_UNSPECIFIC = "high_unspecific"
    HIGH_SPECIFIC = "high_specific"


class Link(StrEnum):
    """What ties a State to it (DSA 18(2))."""

    OFFENCE = "offence"
    SUSPECT = "suspect"
    VICTIM = "victim"


class Part(StrEnum):
    """A line that may leave; what is not ticked stays."""

    POST = "post"  # words, link, time with zone
    FILES = "files"  # kind, size and SHA-256 of each file, never the file
    ACCOUNT = "account"  # name and number
    PROFILE = "profile"  # what the account says of itself, its address
    CONNECTION = "connection"  # as the platform's own tools show it; typed by the moderator


class LetterKind(StrEnum):
    """What a letter says."""

    WARNING = "warning"
    SUPPLEMENT = "supplement"
    RETRACTION = "retraction"


class Way(StrEnum):
    """How a letter reaches a recipient."""

    SEALED = "sealed"  # e-mail, encrypted to the certificate that is pinned
    NOTE = "note"  # e-mail that says nothing but to call; the letter itself is printed
    PAPER = "paper"  # no e-mail: printed, read out on the telephone


class DispatchState(StrEnum):
    """Who acts next is in the comment; that it was received is told apart from that it was sent."""

    WAITING = "waiting"  # a worker
    SENT = "sent"  # nobody
    FAILED = "failed"  # a person: by telephone and on paper
    BY_HAND = "by_hand"  # a person: by telephone and on paper


class Receipt(StrEnum):
    """Who said that it was received."""

    TELEPHONE = "telephone"
    MAIL = "mail"
    IN_PERSON = "in_person"
    LINK = "link"  # the recipient themselves, on the page behind the link of their letter


class ThreatState(StrEnum):
    """Who acts next is in the comment."""

    DRAFT = "draft"  # who opened it: sign, or drop
    UNCONFIRMED = "unconfirmed"  # whoever is on duty: call until somebody there says they have it
    CONFIRMED = "confirmed"  # nobody: the authority acts; note what came of it
    DROPPED = "dropped"  # nobody: nothing was sent
    CLOSED = "closed"  # nobody: it is known what came of it


class Outcome(StrEnum):
    """What came of it, as the authority says."""

    ACTED = "acted"
    NO_DANGER = "no_danger"
    KNOWN_ALREADY = "known_already"
    NOT_TOLD = "not_told"


@dataclass(frozen=True, slots=True)
class StateConcerned:
    """A State with what ties it; `stated`: the post itself says so, else it is inferred."""

    country: str
    """ISO 3166-1 alpha-2."""
    link: Link
    stated: bool


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One letter on its way to one recipient."""

    recipient: RecipientId
    way: Way
    state: DispatchState
    called_at: datetime | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One signed letter; `number` counts from 1 within its warning. Its words are sealed elsewhere."""

    number: int
    kind: LetterKind
    signed_by: PersonId
    signed_at: datetime
    size_bytes: int
    dispatches: tuple[Dispatch, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a person found: the part of a warning that is no personal data."""

    danger: Danger
    window: Window
    marks: tuple[Mark, ...]
    states: tuple[StateConcerned, ...]
    sent: tuple[Part, ...]
    held_back: tuple[Part, ...]
    """Lines there were and that stayed: what was left out is as much a part of the record as what left."""


@dataclass(frozen=True, slots=True)
class Threat:
    """One warning."""

    id: ThreatId
    version: int
    ref: str
    case: CaseId
    account: AccountId | None
    state: ThreatState
    how: How
    opened_by: PersonId
    opened_at: datetime
    findings: Findings | None
    bases: tuple[Basis, ...]
    letters: tuple[Letter, ...]
    ring_at: datetime | None
    """When somebody is rung (again); None: nobody has to be."""
    rings: int
    seconded_by: PersonId | None
    seconded_at: datetime | None
    agrees: bool | None
    outcome: Outcome | None
    closed_at: datetime | None

    @property
    def warning(self) -> Letter | None:
        """The first letter."""
        return self.letters[0] if self.letters else None

    @property
    def is_retracted(self) -> bool:
        """Whether it was taken back."""
        return any(letter.kind is LetterKind.RETRACTION for letter in self.letters)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of a recipient: addresses of a function, not of a human being."""

    name: str
    function: Function
    country: str
    """Empty for Europol."""
    phone: str
    hours: str = ""
    email: str = ""
    certificate: str = ""
    """PEM, RSA; empty: nothing but a note is mailed."""
    source: str = ""
    """The public list it was taken from."""

    @property
    def dial(self) -> str:
        """The number as a telephone takes it; empty where the list has more than a number."""
        bare = "".join(letter for letter in self.phone if letter not in " ()/-.")
        return bare if bare.removeprefix("+").isdecimal() and bare.isascii() else ""


class RecipientState(StrEnum):
    """Who acts next is in the comment."""

    PINNED = "pinned"  # somebody else: call the number of the public list, then confirm
    CONFIRMED = "confirmed"  # nobody, until it expires
    ENDED = "ended"  # nobody


@dataclass(frozen=True, slots=True)
class Recipient:
    """An entry of the register, with who stands behind it."""

    id: RecipientId
    version: int
    entry: Entry
    state: RecipientState
    pinned_by: PersonId
    pinned_at: datetime
    confirmed_by: PersonId | None
    confirmed_at: datetime | None
    expires_at: datetime


# ── events ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ThreatOpened(Event):
    """A person thinks that somebody must be warned."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    ref: str
    case: CaseId
    account: AccountId | None
    how: How
    by: PersonId
    ring_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreatDropped(Event):
    """Nobody was warned, and a person says why (sealed in a note of the case)."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class WarningSigned(Event):
    """A person signed; it leaves at once."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    by: PersonId
    findings: Findings
    bases: tuple[Basis, ...]
    addressed: tuple[Dispatch, ...]
    size_bytes: int
    ring_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class LetterSigned(Event):
    """More is known, or it was wrong: the same recipients hear of it."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    kind: LetterKind
    by: PersonId
    addressed: tuple[Dispatch, ...]
    size_bytes: int
    ring_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class LetterSent(Event):
    """The recipient's mail server took it; that says nothing about who reads it."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    number: int
    recipient: RecipientId
    at: datetime


@dataclass(frozen=True, slots=True)
class LetterFailed(Event):
    """It could not be mailed; the telephone and the printed sheet remain."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    number: int
    recipient: RecipientId
    reason: str


@dataclass(frozen=True, slots=True)
class RecipientCalled(Event):
    """Somebody rang the recipient; `answered` says whether anybody took the call."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    number: int
    recipient: RecipientId
    by: PersonId
    answered: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptGiven(Event):
    """The recipient has it. `by`: the person of this node who was told so; None: the recipient themselves."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    number: int
    recipient: RecipientId
    receipt: Receipt
    by: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreatRung(Event):
    """It waits for somebody still: the node pages."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    times: int
    ring_at: datetime


@dataclass(frozen=True, slots=True)
class ThreatSeconded(Event):
    """A second person looked at what was sent."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    by: PersonId
    agrees: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreatClosed(Event):
    """It is known what came of it, or that nobody will say."""

    aggregate: ClassVar[str] = "threat"

    threat: ThreatId
    outcome: Outcome
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class RecipientPinned(Event):
    """A person took an entry over from a public list."""

    aggregate: ClassVar[str] = "recipient"

    recipient: RecipientId
    entry: Entry
    by: PersonId
    expires_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class RecipientConfirmed(Event):
    """Another person rang the number of the public list, and it is them."""

    aggregate: ClassVar[str] = "recipient"

    recipient: RecipientId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class RecipientEnded(Event):
    """It is not warned any more."""

    aggregate: ClassVar[str] = "recipient"

    recipient: RecipientId
    by: PersonId
    at: datetime


THREAT_EVENTS = (
    ThreatOpened, ThreatDropped, WarningSigned, LetterSigned, LetterSent, LetterFailed, RecipientCalled, ReceiptGiven,
    ThreatRung, ThreatSeconded, ThreatClosed,
)  # fmt: skip
RECIPIENT_EVENTS = (RecipientPinned, RecipientConfirmed, RecipientEnded)
