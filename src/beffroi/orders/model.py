"""Removal orders and their items.

Owns: the frozen types of `orders`. An order is several regions side by side (authentication, handling, validity,
scrutiny, appeal, secrecy); what people call its state is derived from them (`rules.word`).
Promises: facts only: addresses, reasons and names of officers are sealed apart, never in events.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beffroi.ground.kernel.ids import AuthorityId, DecisionId, ItemId, OrderId, OrderItemId


class Ground(StrEnum):
    """The tick boxes of Annex I, section B (TCO Art 2(7))."""

    INCITES = "incites"
    SOLICITS_OFFENCE = "solicits_offence"
    SOLICITS_PARTICIPATION = "solicits_participation"
    PROVIDES_INSTRUCTION = "provides_instruction"
    CONSTITUTES_THREAT = "constitutes_threat"


class Authentication(StrEnum):
    """Who acts next is in the comment."""

    PROVISIONAL = "provisional"  # a person calls the registered contact back
    AUTHENTIC = "authentic"  # nobody
    FORGED = "forged"  # nobody; the clock is void


class Handling(StrEnum):
    """Who acts next is in the comment."""

    OPEN = "open"  # the platform, inside the hour
    AWAITING_CLARIFICATION = "awaiting_clarification"  # the authority (TCO Art 3(8))
    IMPOSSIBLE = "impossible"  # nobody, until the grounds cease (Art 3(7))
    SETTLED = "settled"  # nobody: something was done about every item
    LAPSED = "lapsed"  # nobody: it was never clarified
    REROUTED = "rerouted"  # nobody: whoever sent it may not order this


class Validity(StrEnum):
    """Whether it binds, and why not."""

    LIVE = "live"
    FINAL = "final"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ANNULLED_BY_SCRUTINY = "annulled_by_scrutiny"
    ANNULLED_BY_COURT = "annulled_by_court"


class Scrutiny(StrEnum):
    """TCO Art 4, as the platform hears of it."""

    NONE = "none"
    ASKED = "asked"
    INTENDED = "intended"  # the authority of the establishment means to find an infringement (Art 4(5))
    NO_INFRINGEMENT = "no_infringement"
    INFRINGEMENT = "infringement"


class Appeal(StrEnum):
    """TCO Art 9, as the platform hears of it."""

    NONE = "none"
    FILED = "filed"
    ENDED = "ended"


class Secrecy(StrEnum):
    """TCO Art 11(3)."""

    NONE = "none"
    ACTIVE = "active"
    EXTENDED = "extended"
    ENDED = "ended"


class ItemState(StrEnum):
    """Who acts next is in the comment."""

    PENDING = "pending"  # the platform's person
    IN_HAND = "in_hand"  # a worker
    DISABLED = "disabled"  # nobody
    REMOVED = "removed"  # nobody
    ALREADY_UNAVAILABLE = "already_unavailable"  # nobody
    NOT_FOUND = "not_found"  # nobody
    OUT_OF_SCOPE = "out_of_scope"  # nobody: never disseminated to the public (TCO Art 2(3))
    REINSTATED = "reinstated"  # nobody


class Measure(StrEnum):
    """What is done about an item. Annex II knows two; disabling everywhere is where it cannot be done by State."""

    REMOVED = "removed"
    DISABLED_IN_MEMBER_STATES = "disabled_in_member_states"
    DISABLED = "disabled"


class Obstacle(StrEnum):
    """The tick boxes of Annex III, section B."""

    FORCE_MAJEURE = "force_majeure_or_de_facto_impossibility"
    MANIFEST_ERRORS = "manifest_errors"
    INSUFFICIENT_INFORMATION = "insufficient_information"


class Annex(StrEnum):
    """The forms by which a platform answers."""

    II = "II"
    III = "III"


@dataclass(frozen=True, slots=True)
class Check:
    """One look at an order as it came: `element` is the provision or the section of Annex I it fails or meets."""

    code: str
    element: str
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One removal order (TCO Art 3). Its items are rows of their own: there may be thousands."""

    id: OrderId
    version: int
    ref: str
    authority: AuthorityId | None
    grounds: tuple[Ground, ...]
    cross_border: bool
    checks: tuple[Check, ...]
    items: int
    issued_at: datetime | None
    received_at: datetime
    entered_at: datetime
    authentication: Authentication
    handling: Handling
    validity: Validity
    scrutiny: Scrutiny
    appeal: Appeal
    secrecy: Secrecy
    secret_until: datetime | None
    hour_from: datetime
    hour_was_from: datetime | None
    """Where the hour would have begun without the last Annex III; both deadlines are shown."""
    obstacles: tuple[Obstacle, ...]
    obstacle_at: datetime | None
    """When an obstacle was last told; from it the answer by Annex III is due."""
    settled_at: datetime | None
    overdue_at: datetime | None
    answers: tuple[tuple[Annex, datetime], ...]
    ended_at: datetime | None

    @property
    def is_secret(self) -> bool:
        """Whether the poster may not be told (TCO Art 11(3))."""
        return self.secrecy in {Secrecy.ACTIVE, Secrecy.EXTENDED}

    @property
    def binds(self) -> bool:
        """Whether it is still in force."""
        return self.validity in {Validity.LIVE, Validity.FINAL} and self.authentication is not Authentication.FORGED


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One address of an order. `item` None: it was not located here."""

    id: OrderItemId
    version: int
    order: OrderId
    number: int
    item: ItemId | None
    revision: int
    state: ItemState
    decision: DecisionId | None
    done_at: datetime | None
