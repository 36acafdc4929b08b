"""The tables of `decisions`.

Owns: decision, decision_note (sealed sentences), rule, policy.
Promises: the moderator's sentence about a person is sealed under that person's key.
Never does: be written by anybody else.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, select

from beffroi.ground.kernel.ids import CaseId, DecisionId, ItemId, PersonId, SubjectId
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table
from beffroi.ground.storage.events import history

from . import rules
from .model import (
    Act,
    Decision,
    DecisionDeclined,
    DecisionMade,
    DecisionProposed,
    DecisionReversed,
    DecisionUndone,
    HoldEnded,
    LegalGroundEnded,
    Policy,
    PolicyPublished,
    RuleApproved,
    RuleEnded,
    RulePaused,
    RuleProposed,
    RuleState,
    StandingRule,
)

decision_table = table(
    "decision",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("case", Text),
    Column("state", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("account", Text),
    Column("rule", Text),
    Column("decided_by", Text),
    Column("decided_at", Instant, nullable=False),
    Column("until", Instant),
    Column("body", Json, nullable=False),
    Index("ix_decision_case", "case"),
    Index("ix_decision_rule", "rule", "decided_at"),
    Index("ix_decision_until", "act", "state", "until"),
)
decision_item = table(
    "decision_item",
    Column("item", Text, primary_key=True),
    Column("decision", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
)
decision_note = table(
    "decision_note",
    Column("decision", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)
rule_table = table(
    "rule",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("bank", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_rule_state", "state", "expires_at"),
)
policy_table = table(
    "policy",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
)

_DECISION = TypeAdapter(Decision)
_RULE = TypeAdapter(StandingRule)
_POLICY = TypeAdapter(Policy)


def _columns(names: tuple[str, ...], thing: Any, adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The named columns for queries, the whole as JSON in `body`."""
    return {name: getattr(thing, name) for name in names} | {"body": adapter.dump_python(thing, mode="json")}


_DECISION_COLUMNS = ("id", "case", "state", "act", "account", "rule", "decided_by", "decided_at", "until")

DECISIONS: Rows[Decision] = Rows(
    decision_table,
    "decision",
    (DecisionProposed, DecisionMade, DecisionDeclined, DecisionUndone, DecisionReversed, HoldEnded, LegalGroundEnded),
    rules.apply_decision,
    lambda decision: _columns(_DECISION_COLUMNS, decision, _DECISION),
    lambda row: _DECISION.validate_python(row["body"]),
)
RULES: Rows[StandingRule] = Rows(
    rule_table,
    "rule",
    (RuleProposed, RuleApproved, RulePaused, RuleEnded),
    rules.apply_rule,
    lambda rule: _columns(("id", "bank", "state", "expires_at"), rule, _RULE),
    lambda row: _RULE.validate_python(row["body"]),
)
POLICIES: Rows[Policy] = Rows(
    policy_table,
    "policy",
    (PolicyPublished,),
    rules.apply_policy,
    lambda policy: _columns(("id",), policy, _POLICY),
    lambda row: _POLICY.validate_python(row["body"]),
)


def put_items(tx: Tx, decision: Decision) -> None:
    """Which items (and revisions) the decision binds to."""
    tx.add(decision_item, [{"item": i.item, "decision": decision.id, "revision": i.revision} for i in decision.items])


def put_note(tx: Tx, decision: DecisionId, purpose: str, subject: SubjectId, words: str) -> None:
    """Seal what the decider wrote (`exemption`, `reversal`, `facts`) under the person it speaks of."""
    sealed = tx.vault.seal(subject, words.encode(), f"decision {purpose}")
    row = {"decision": decision, "purpose": purpose, "subject": subject, "sealed": sealed}
    tx.add(decision_note, row | {"look_at": tx.now + timedelta(days=LOOK_AGAIN_D)})


def notes(conn: Connection, vault: Vault, decision: DecisionId) -> dict[str, str]:
    """The readable notes by purpose; what was erased is missing."""
    query = select(decision_note).where(decision_note.c.decision == decision)
    found = {}
    for row in conn.execute(query).mappings():
        plain = vault.open(row["subject"], row["sealed"], f"decision {row['purpose']}")
        if plain is not None:
            found[row["purpose"]] = plain.decode()
    return found


def has_notes(conn: Connection, subject: SubjectId) -> bool:
    """Whether a sentence behind a decision speaks of this subject."""
    c = decision_note.c
    return conn.execute(select(c.decision).where(c.subject == subject).limit(1)).first() is not None


def of_case(conn: Connection, case: CaseId) -> list[Decision]:
    """All decisions of a case, oldest first."""
    query = select(decision_table).where(decision_table.c.case == case)
    return DECISIONS.find(conn, query.order_by(decision_table.c.decided_at, decision_table.c.id))


def of_item(conn: Connection, item: ItemId) -> list[Decision]:
    """All decisions about an item, newest first."""
    query = select(decision_table).join(decision_item, decision_item.c.decision == decision_table.c.id)
    return DECISIONS.find(conn, query.where(decision_item.c.item == item).order_by(decision_table.c.decided_at.desc()))


def of_account(conn: Connection, account: str) -> list[Decision]:
    """All decisions about an account itself, newest first."""
    query = select(decision_table).where(decision_table.c.account == account)
    return DECISIONS.find(conn, query.order_by(decision_table.c.decided_at.desc()))


def newest(conn: Connection, limit: int) -> list[Decision]:
    """The last decisions about anything, newest first."""
    return DECISIONS.find(conn, select(decision_table).order_by(decision_table.c.id.desc()).limit(limit))


def standing_holds(conn: Connection, item: ItemId) -> list[Decision]:
    """Holds by rule that still stand on an item."""
    return [d for d in of_item(conn, item) if d.act is Act.HOLD and d.state == "made"]


def overdue_holds(conn: Connection, now: datetime, limit: int) -> list[Decision]:
    """Holds whose time is over."""
    c = decision_table.c
    over = (c.act == Act.HOLD) & (c.state == "made") & (c.until <= now)
    return DECISIONS.find(conn, select(decision_table).where(over).order_by(c.until).limit(limit))


def is_overdue(conn: Connection, now: datetime) -> bool:
    """Whether a hold is over its time or a rule has expired."""
    c = rule_table.c
    expired = select(c.id).where(c.state == RuleState.ACTIVE, c.expires_at <= now).limit(1)
    return bool(overdue_holds(conn, now, 1)) or conn.execute(expired).first() is not None


def active_rules(conn: Connection) -> list[StandingRule]:
    """Rules a person approved and nobody ended."""
    return RULES.find(conn, select(rule_table).where(rule_table.c.state == RuleState.ACTIVE))


def all_rules(conn: Connection) -> list[StandingRule]:
    """Every rule, newest first."""
    return RULES.find(conn, select(rule_table).order_by(rule_table.c.id.desc()))


def firings_since(conn: Connection, rule: str, since: datetime) -> int:
    """How often a rule acted since an instant."""
    c = decision_table.c
    return len(conn.execute(select(c.id).where(c.rule == rule, c.decided_at > since)).all())


def all_policies(conn: Connection) -> list[Policy]:
    """The newest version of every policy."""
    return POLICIES.find(conn, select(policy_table).order_by(policy_table.c.id))


def _clear_notes(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(decision_note).where(decision_note.c.subject == subject))


_FACTS = Retention("as long as the node's record; holds no personal data")
RECORDS = (
    Keeping(decision_table, "who decided what, under which rule (DSA Art 17)", _FACTS),
    Keeping(decision_item, "which revision a decision binds to", _FACTS),
    Keeping(
        decision_note,
        "the assessment behind a decision (TCO Art 1(3))",
        Retention("until the remedies against the decision have ended", asked=True),
        sealed=("sealed",),
        clear=_clear_notes,
    ),
    Keeping(rule_table, "who answers for what happens before a person has looked", _FACTS),
    Keeping(policy_table, "the published terms (DSA Art 14)", _FACTS),
)


def reversed_by(conn: Connection, decision: DecisionId) -> PersonId | None:
    """Who reversed it; None if it stands, or ended otherwise."""
    told = [event for event in history(conn, "decision", decision) if event.type == DecisionReversed.type()]
    return PersonId(told[-1].facts["by"]) if told else None
