"""The table of `actions`.

Owns: restriction.
Promises: facts only; nothing here is personal.
Never does: be written by anybody else.
"""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, select

from beffroi.ground.kernel.ids import AccountId, DecisionId, ItemId
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Rows, table

from . import rules
from .model import (
    ActionCarriedOut,
    ActionFailed,
    CauseAdded,
    CauseEnded,
    Kind,
    Restriction,
    RestrictionLifted,
    RestrictionPlanned,
    RestrictionState,
    RestrictionWithdrawn,
)

restriction_table = table(
    "restriction",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item", Text),
    Column("account", Text),
    Column("state", Text, nullable=False),
    Column("until", Instant),
    Column("body", Json, nullable=False),
    Index("ix_restriction_item", "item"),
    Index("ix_restriction_account", "account"),
    Index("ix_restriction_state", "state", "until"),
)
restriction_cause = table(
    "restriction_cause",
    Column("decision", Text, primary_key=True),
    Column("restriction", Text, primary_key=True),
)

_RESTRICTION = TypeAdapter(Restriction)
_COLUMNS = ("id", "kind", "item", "account", "state", "until")

RESTRICTIONS: Rows[Restriction] = Rows(
    restriction_table,
    "restriction",
    (
        RestrictionPlanned,
        CauseAdded,
        CauseEnded,
        RestrictionWithdrawn,
        ActionCarriedOut,
        ActionFailed,
        RestrictionLifted,
    ),
    rules.apply,
    lambda r: {name: getattr(r, name) for name in _COLUMNS} | {"body": _RESTRICTION.dump_python(r, mode="json")},
    lambda row: _RESTRICTION.validate_python(row["body"]),
)


def standing(conn: Connection, kind: Kind, item: ItemId | None, account: AccountId | None) -> list[Restriction]:
    """The restrictions of this kind that a new cause could join, newest first."""
    c = restriction_table.c
    of_object = c.item == item if item is not None else c.account == account
    query = select(restriction_table).where(c.kind == kind, of_object, c.state.in_(sorted(rules.STANDING)))
    return [r for r in RESTRICTIONS.find(conn, query.order_by(c.id.desc())) if r.live_causes]


def of_decision(conn: Connection, decision: DecisionId) -> list[Restriction]:
    """Restrictions this decision is a cause of."""
    query = select(restriction_table).join(restriction_cause, restriction_cause.c.restriction == restriction_table.c.id)
    return RESTRICTIONS.find(conn, query.where(restriction_cause.c.decision == decision))


def of_item(conn: Connection, item: ItemId) -> list[Restriction]:
    """All restrictions of an item, newest first."""
    query = select(restriction_table).where(restriction_table.c.item == item)
    return RESTRICTIONS.find(conn, query.order_by(restriction_table.c.id.desc()))


def of_account(conn: Connection, account: AccountId) -> list[Restriction]:
    """All restrictions of an account itself, newest first."""
    query = select(restriction_table).where(restriction_table.c.account == account)
    return RESTRICTIONS.find(conn, query.order_by(restriction_table.c.id.desc()))


def is_restricted(conn: Connection, *, item: ItemId | None = None, account: AccountId | None = None) -> bool:
    """Whether anything stands on an item, or on an account itself, or is on its way there or back."""
    found = of_item(conn, item) if item is not None else of_account(conn, account) if account is not None else []
    return any(r.live_causes or r.state is RestrictionState.LIFTING for r in found)


def ended_by_time(conn: Connection, now: datetime, limit: int) -> list[Restriction]:
    """Restrictions in force whose own end has come; a hold's end is its decision's (`decisions.end_overdue`)."""
    c = restriction_table.c
    over = (c.state == RestrictionState.IN_FORCE) & (c.until <= now) & (c.kind != Kind.HOLD)
    return RESTRICTIONS.find(conn, select(restriction_table).where(over).order_by(c.until).limit(limit))


_FACTS = Retention("as long as the node's record; holds no personal data")
RECORDS = (
    Keeping(restriction_table, "what was done and undone (DSA Art 17(3)(a))", _FACTS),
    Keeping(restriction_cause, "why it was done", _FACTS),
)
