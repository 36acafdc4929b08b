"""Banks, entries, matches.

Owns: the frozen types of `matching`; its events stand in `events.py`.
Promises: a match says why, and what it may do: act, or only be observed, or nothing.
Never does: input or output; hold posted text. A match holds places in the text, never its words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId, PersonId


class LegalCategory(StrEnum):
    """The law a bank serves. One only: another is a charter change, not a setting (DESIGN §5.12)."""

    TERRORIST_CONTENT = "terrorist_content"  # Regulation (EU) 2021/784, Art 2(7)


class BankSource(StrEnum):
    """Where the entries come from. What a public body or an order brings counts as government contact."""

    OWN = "own"
    PARTNER = "partner"  # `Bank.source_name` says which
    EXCHANGE = "exchange"
    PUBLIC_BODY = "public_body"
    ORDER = "order"


class Stage(StrEnum):
    """Who acts next is in the comment."""

    OBSERVE = "observe"  # a policy lead: sees the replay, promotes or disables
    ACTIVE = "active"  # nobody; its matches open cases
    PAUSED = "paused"  # a policy lead: the brake stopped it, its matches are only observed
    DISABLED = "disabled"  # nobody; it matches nothing


class Opinion(StrEnum):
    """What the bank's owner says of a value (ThreatExchange's four, without the seed of an investigation)."""

    POSITIVE = "positive"  # this is what the bank is for
    NEGATIVE = "negative"  # this is not: it silences what is no closer
    DISPUTED = "disputed"  # they disagree: it never acts, and lowers confidence


class ContentGround(StrEnum):
    """TCO Art 2(7); used as labels of entries beside free ones."""

    INCITES = "tco-2-7-a"
    SOLICITS_OFFENCE = "tco-2-7-b"
    SOLICITS_PARTICIPATION = "tco-2-7-c"
    INSTRUCTS = "tco-2-7-d"
    THREATENS = "tco-2-7-e"


class Standing(StrEnum):
    """What a match may do, the strongest reason against it first."""

    SILENCED = "silenced"  # a negative entry lies at least as close
    DISPUTED = "disputed"  # the entry is disputed
    OBSERVED = "observed"  # the bank observes or is paused
    ACTING = "acting"  # it opens a case and may meet a standing rule


class Verdict(StrEnum):
    """What a person's decision said of a match."""

    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class BankTerms:
    """What a bank is and how it compares: all that its owner may set.

    `radius_bits` 0 to 47 and `quality_min` 0 to 100 concern PDQ. `hourly_cap`: the brake, in items an hour.
    """

    name: str
    purpose: str
    source: BankSource = BankSource.OWN
    source_name: str = ""
    terms_of_use: str = ""
    radius_bits: int = 31
    quality_min: int = 50
    hourly_cap: int = 100
    legal_category: LegalCategory = LegalCategory.TERRORIST_CONTENT


@dataclass(frozen=True, slots=True)
class Bank:
    """A list of known signals with an owner who answers for it."""

    id: BankId
    version: int
    terms: BankTerms
    owner: PersonId
    stage: Stage
    created_at: datetime
    resumed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.terms.name


@dataclass(frozen=True, slots=True)
class EntryGiven:
    """An entry as somebody hands it over; `type` and `value` are canonical once `rules` has seen them.

    `strain`: how hard the media is to look at, 0 to 5; with `description` it is what a closed picture shows.
    Notes and descriptions speak of the content, never of people.
    """

    type: str
    value: str
    opinion: Opinion = Opinion.POSITIVE
    labels: tuple[str, ...] = ()
    note: str = ""
    description: str = ""
    strain: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One known signal in one bank.

    `number` is its place in the order of all entries of the node and never changes; `seq` is the bank sequence
    of its last change. `confirmed_here`: a person of this node has looked at what it stands for.
    """

    id: EntryId
    version: int
    number: int
    seq: int
    bank: BankId
    given: EntryGiven
    confirmed_here: bool
    enabled: bool
    added_by: PersonId
    added_at: datetime

    @property
    def type(self) -> str:
        """The signal type."""
        return self.given.type

    @property
    def value(self) -> str:
        """The canonical value."""
        return self.given.value

    @property
    def opinion(self) -> Opinion:
        """What the bank says of it."""
        return self.given.opinion


@dataclass(frozen=True, slots=True)
class Found:
    """What search found: an entry near a signal of an item.

    `source`: "text" or "media:0". `distance` in bits for PDQ, else 0. `spans`: stretches of the original text, in
    characters. `silenced_by` is the negative entry behind the standing SILENCED.
    """

    entry: EntryId
    bank: BankId
    type: str
    source: str
    distance: int
    standing: Standing
    confirmed_here: bool
    spans: tuple[tuple[int, int], ...] = ()
    silenced_by: EntryId | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, as it is kept with the item's revision."""

    id: MatchId
    item: ItemId
    revision: int
    entry: EntryId
    bank: BankId
    type: str
    source: str
    distance: int
    standing: Standing
    confirmed_here: bool
    spans: tuple[tuple[int, int], ...]
    silenced_by: EntryId | None
    verdict: Verdict | None
    verdict_at: datetime | None
    at: datetime

    @property
    def observed(self) -> bool:
        """Whether it may not act."""
        return self.standing is not Standing.ACTING
