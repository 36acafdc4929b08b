"""What the platform is answered: `allow`, `hold`, `reject` or `unknown`, with reasons and rule.

Owns: reading a verdict off what stands in the database, so that asking twice gives the same answer.
Promises: a verdict other than `allow` or `unknown` has a decision or an approved rule behind it and a
statement the person can read.
Never does: change anything.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from beffroi.actions import store as actions_store
from beffroi.actions.model import Kind, Restriction, RestrictionState
from beffroi.cases import store as cases_store
from beffroi.content.model import Item
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Decision
from beffroi.ground.kernel.ids import ItemId
from beffroi.ground.storage import Vault
from beffroi.matching import store as matching_store
from beffroi.matching.model import Match, Standing
from beffroi.notices import store as notices_store
from beffroi.notices.model import StatementKind


class Word(StrEnum):
    """The four answers."""

    ALLOW = "allow"
    HOLD = "hold"
    REJECT = "reject"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a `code` and what belongs to it."""

    code: str
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one revision. `rule` is (id, name); `token` opens the statement's page."""

    word: Word
    item: ItemId | None
    revision: int
    reasons: tuple[Reason, ...] = ()
    rule: tuple[str, str] | None = None
    until: datetime | None = None
    token: str | None = None
    case: str | None = None


_IN_THE_WAY = frozenset({RestrictionState.PLANNED, RestrictionState.IN_FORCE, RestrictionState.FAILED})
_WORDS = {
    Kind.REJECT_UPLOAD: Word.REJECT,
    Kind.REMOVE: Word.REJECT,
    Kind.DISABLE: Word.REJECT,
    Kind.HOLD: Word.HOLD,
}


def outside_scope(revision: int) -> Verdict:
    """Not public: neither screened nor stored (TCO Art 2(3), DESIGN §5.11)."""
    return Verdict(Word.ALLOW, None, revision, (Reason("not-public"),))


def too_late(revision: int) -> Verdict:
    """No answer inside the deadline; one follows by webhook."""
    return Verdict(Word.UNKNOWN, None, revision, (Reason("deadline"),))


def verdict(conn: Connection, vault: Vault, item: Item, revision: int, undecodable: tuple[Reason, ...] = ()) -> Verdict:
    """The answer about `revision` as things stand in `conn`; `undecodable` files make it at least `unknown`."""
    matches = [m for m in matching_store.matches_of(conn, item.id, revision) if m.standing is Standing.ACTING]
    reasons = tuple(_reason(conn, match) for match in matches) + undecodable
    case = cases_store.open_of_item(conn, item.id) if matches else None
    ref = case.ref if case is not None else None
    for restriction in actions_store.of_item(conn, item.id):
        if restriction.revision == revision and _is_in_the_way(restriction):
            return _restricted(conn, vault, item, restriction, reasons, ref)
    word = Word.UNKNOWN if undecodable else Word.ALLOW
    return Verdict(word, item.id, revision, reasons, case=ref)


def _is_in_the_way(restriction: Restriction) -> bool:
    stands = restriction.state in _IN_THE_WAY and bool(restriction.live_causes)  # a failed put-back has no cause left
    return stands and restriction.kind in _WORDS


def _restricted(
    conn: Connection, vault: Vault, item: Item, restriction: Restriction, reasons: tuple[Reason, ...], ref: str | None
) -> Verdict:
    decision = decisions_store.DECISIONS.load(conn, restriction.live_causes[0].decision)
    return Verdict(
        _WORDS[restriction.kind],
        item.id,
        restriction.revision,
        reasons,
        rule=_rule(conn, decision),
        until=restriction.until,
        token=_token(conn, vault, decision, item),
        case=ref,
    )


def _rule(conn: Connection, decision: Decision) -> tuple[str, str] | None:
    if decision.rule is None:
        return None
    return decision.rule, decisions_store.RULES.load(conn, decision.rule).name


def _token(conn: Connection, vault: Vault, decision: Decision, item: Item) -> str | None:
    for statement in notices_store.of_decision(conn, decision.id):
        if statement.item == item.id and statement.kind is StatementKind.RESTRICTED:
            return notices_store.token_of(conn, vault, statement.id)
    return None


def _reason(conn: Connection, match: Match) -> Reason:
    bank = matching_store.BANKS.load(conn, match.bank)
    code = "near-copy" if match.type == "pdq" else "listed"
    return Reason(code, {"bank": bank.name, "type": match.type, "distance": match.distance, "entry": match.entry})
