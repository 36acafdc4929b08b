"""Policies, decisions, standing rules, and what happened to them.

Owns: the frozen types of `decisions`.
Promises: the moderator's sentences are not in events; they are sealed under the subject they speak of.
Never does: input or output.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beffroi.ground.kernel.ids import AccountId, BankId, CaseId, DecisionId, ItemId, PersonId, PolicyId, RuleId
from beffroi.ground.storage import Event


class Act(StrEnum):
    """What should happen. `NO_ACTION` is as large on the screen as any other (DESIGN §5.2)."""

    NO_ACTION = "no_action"
    REMOVE = "remove"
    DISABLE = "disable"
    RESTRICT_TERRITORIES = "restrict_territories"
    LABEL = "label"
    HOLD = "hold"
    REJECT_UPLOAD = "reject_upload"
    WARN_ACCOUNT = "warn_account"
    SUSPEND_ACCOUNT = "suspend_account"


ACCOUNT_ACTS = frozenset({Act.WARN_ACCOUNT, Act.SUSPEND_ACCOUNT})
RULE_ACTS = frozenset({Act.HOLD, Act.REJECT_UPLOAD, Act.LABEL})
"""What a standing rule may do: one reversible act, never on accounts (DESIGN §5.1)."""
ORDER_ACTS = frozenset({Act.REMOVE, Act.DISABLE, Act.RESTRICT_TERRITORIES})
"""What carries a removal order out (TCO Art 3(3)): never an account (DESIGN §5.5)."""
ORDER_LAW = "Regulation (EU) 2021/784, Art 3"
"""The ground of a decision that carries a removal order out."""


class Exemption(StrEnum):
    """The lawful purposes of TCO Art 1(3); there is no "none applies"."""

    PUBLIC_DEBATE = "public_debate"
    EDUCATION = "education"
    JOURNALISM = "journalism"
    ART = "art"
    RESEARCH = "research"
    COUNTER_TERRORISM = "counter_terrorism"


class GroundKind(StrEnum):
    """DSA Art 17(3)(d) and (e)."""

    TERMS = "terms"
    LAW = "law"


class DecisionState(StrEnum):
    """Who acts next is in the comment."""

    PROPOSED = "proposed"  # a second person
    MADE = "made"  # actions; then nobody
    DECLINED = "declined"  # nobody: the second person said no, the case is open again
    UNDONE = "undone"  # nobody: taken back inside the undo hold, the case is open again
    REVERSED = "reversed"  # nobody: found wrong later, its restriction ends


class Source(StrEnum):
    """How it came to notice (DSA Art 17(3)(b))."""

    OWN_SCREENING = "own_screening"
    NOTICE = "notice"
    OWN_INITIATIVE = "own_initiative"
    ORDER = "order"  # a removal order obliges us (TCO Art 3)


@dataclass(frozen=True, slots=True)
class Ground:
    """A clause of a published policy version, or a provision of law."""

    kind: GroundKind
    policy: PolicyId | None
    policy_number: int
    clause: str


@dataclass(frozen=True, slots=True)
class ItemRevision:
    """What a decision binds to: the revision the decider saw."""

    item: ItemId
    revision: int


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about items (near-identical, of one case) or about one account."""

    id: DecisionId
    version: int
    case: CaseId | None
    state: DecisionState
    act: Act
    items: tuple[ItemRevision, ...]
    account: AccountId | None
    ground: Ground | None
    exemption: Exemption | None
    territories: tuple[str, ...]
    until: datetime | None
    decided_by: PersonId | None
    rule: RuleId | None
    second: PersonId | None
    source: Source
    decided_at: datetime

    @property
    def restricts(self) -> bool:
        """Whether anything is done at all."""
        return self.act is not Act.NO_ACTION


class RuleState(StrEnum):
    """Who acts next is in the comment."""

    PROPOSED = "proposed"  # a policy lead approves
    ACTIVE = "active"  # nobody, until it expires
    PAUSED = "paused"  # a policy lead: it went over its hourly cap
    ENDED = "ended"  # nobody


@dataclass(frozen=True, slots=True)
class StandingRule:
    """What may happen to an upload before a person has looked (DESIGN §5.1): one bank, one reversible act.

    Only entries confirmed on this node, only public items, within `radius_bits`; never accounts. A hold
    ends by itself after `hold_h_max` hours; every rule expires and is capped per hour.
    """

    id: RuleId
    version: int
    name: str
    bank: BankId
    act: Act
    radius_bits: int
    ground: Ground
    state: RuleState
    proposed_by: PersonId
    approved_by: PersonId | None
    starts_at: datetime
    expires_at: datetime
    hourly_cap: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a policy; texts by language code."""

    number: str
    title: dict[str, str]
    text: dict[str, str]
    legal_category: str
    severity: int
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A published set of clauses; each publication is a new `number`."""

    id: PolicyId
    version: int
    name: str
    number: int
    clauses: tuple[Clause, ...]
    published_at: datetime
    published_by: PersonId | None


@dataclass(frozen=True, slots=True)
class PolicyPublished(Event):
    """A version of a policy was published."""

    aggregate: ClassVar[str] = "policy"

    policy: PolicyId
    name: str
    number: int
    clauses: tuple[Clause, ...]
    at: datetime
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class DecisionProposed(Event):
    """A decision that needs a second person was proposed."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    case: CaseId | None
    act: Act
    items: tuple[ItemRevision, ...]
    account: AccountId | None
    ground: Ground | None
    exemption: Exemption | None
    territories: tuple[str, ...]
    until: datetime | None
    decided_by: PersonId | None
    rule: RuleId | None
    source: Source
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionMade(Event):
    """A decision stands: made by one person, confirmed by a second, or by a standing rule."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    second: PersonId | None = None


@dataclass(frozen=True, slots=True)
class DecisionDeclined(Event):
    """The second person did not agree."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    second: PersonId


@dataclass(frozen=True, slots=True)
class DecisionUndone(Event):
    """Taken back inside the undo hold, before anything was carried out."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId


@dataclass(frozen=True, slots=True)
class DecisionReversed(Event):
    """Found wrong: whatever it caused ends."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    by: PersonId


@dataclass(frozen=True, slots=True)
class LegalGroundEnded(Event):
    """The order behind it binds no longer; whatever it caused ends. Nobody was wrong."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    why: str


@dataclass(frozen=True, slots=True)
class HoldEnded(Event):
    """A hold by rule ran out, or a person decided on the item; the hold's cause ends."""

    aggregate: ClassVar[str] = "decision"

    decision: DecisionId
    why: str


@dataclass(frozen=True, slots=True)
class RuleProposed(Event):
    """Somebody proposed a standing rule."""

    aggregate: ClassVar[str] = "rule"

    rule: RuleId
    name: str
    bank: BankId
    act: Act
    radius_bits: int
    ground: Ground
    proposed_by: PersonId
    starts_at: datetime
    expires_at: datetime
    hourly_cap: int


@dataclass(frozen=True, slots=True)
class RuleApproved(Event):
    """A named person takes responsibility for it."""

    aggregate: ClassVar[str] = "rule"

    rule: RuleId
    by: PersonId


@dataclass(frozen=True, slots=True)
class RulePaused(Event):
    """It went over its cap (`count` in the hour), or somebody paused it."""

    aggregate: ClassVar[str] = "rule"

    rule: RuleId
    count: int


@dataclass(frozen=True, slots=True)
class RuleEnded(Event):
    """It was ended, or it expired."""

    aggregate: ClassVar[str] = "rule"

    rule: RuleId
    why: str
