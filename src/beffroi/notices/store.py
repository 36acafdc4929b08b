"""The tables of `notices`.

Owns: statement, statement_link.
Promises: a link is found by the digest of its token; the token itself is sealed under the account, so that
it can be handed to the platform again.
Never does: be written by anybody else.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, select

from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import AccountId, DecisionId, StatementId, SubjectId, secret_token
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Event, Instant, Json, Octets, Rows, Tx, Vault, table

from .model import Statement, StatementDelivered, StatementIssued, StatementState, StatementUndelivered

statement_table = table(
    "statement",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("decision", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_statement_decision", "decision"),
    Index("ix_statement_account", "account"),
)
statement_link = table(
    "statement_link",
    Column("statement", Text, primary_key=True),
    Column("digest", Octets, nullable=False, unique=True),
    Column("account", Text, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)

_STATEMENT = TypeAdapter(Statement)


def apply(statement: Statement | None, event: Event) -> Statement:
    """The statement after `event`."""
    if isinstance(event, StatementIssued):
        return Statement(
            id=event.statement,
            version=0,
            kind=event.kind,
            code=event.code,
            decision=event.decision,
            restriction=event.restriction,
            item=event.item,
            revision=event.revision,
            account=event.account,
            language=event.language,
            state=StatementState.ISSUED,
            issued_at=event.at,
            delivered_at=None,
        )
    if statement is not None and isinstance(event, StatementDelivered):
        return replace(statement, state=StatementState.DELIVERED, delivered_at=event.at)
    if statement is not None and isinstance(event, StatementUndelivered):
        return replace(statement, state=StatementState.UNDELIVERED)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a statement")


STATEMENTS: Rows[Statement] = Rows(
    statement_table,
    "statement",
    (StatementIssued, StatementDelivered, StatementUndelivered),
    apply,
    lambda s: {
        "id": s.id,
        "code": s.code,
        "decision": s.decision,
        "account": s.account,
        "body": _STATEMENT.dump_python(s, mode="json"),
    },
    lambda row: _STATEMENT.validate_python(row["body"]),
)


def make_link(tx: Tx, statement: StatementId, account: AccountId) -> str:
    """A fresh unguessable token (256 bits) for the statement's page."""
    token = secret_token()
    look_at = tx.now + timedelta(days=LOOK_AGAIN_D)
    row = {"statement": statement, "digest": _digest(token), "account": account, "look_at": look_at}
    tx.add(statement_link, row | {"sealed": tx.vault.seal(SubjectId(account), token.encode(), statement)})
    return token


def token_of(conn: Connection, vault: Vault, statement: StatementId) -> str | None:
    """The link's token, to hand to the platform; None once the account was erased."""
    row = conn.execute(select(statement_link).where(statement_link.c.statement == statement)).mappings().first()
    plain = None if row is None else vault.open(SubjectId(row["account"]), row["sealed"], statement)
    return None if plain is None else plain.decode()


def by_token(conn: Connection, token: str) -> Statement | None:
    """The statement behind a link, or None."""
    query = select(statement_table).join(statement_link, statement_link.c.statement == statement_table.c.id)
    found = STATEMENTS.find(conn, query.where(statement_link.c.digest == _digest(token)))
    return found[0] if found else None


def of_decision(conn: Connection, decision: DecisionId) -> list[Statement]:
    """All statements about a decision, oldest first."""
    query = select(statement_table).where(statement_table.c.decision == decision)
    return STATEMENTS.find(conn, query.order_by(statement_table.c.id))


def has_links(conn: Connection, account: AccountId) -> bool:
    """Whether the account can still read why something was done."""
    c = statement_link.c
    return conn.execute(select(c.statement).where(c.account == account).limit(1)).first() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _clear(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(statement_link).where(statement_link.c.account == subject))


RECORDS = (
    Keeping(
        statement_table,
        "what people were told, when (DSA Art 17)",
        Retention("as long as the node's record; holds no personal data"),
    ),
    Keeping(
        statement_link,
        "so that only the person concerned finds the page",
        Retention("until the remedies have ended, or the account is erased", asked=True),
        sealed=("sealed",),
        cleared=("digest",),
        clear=_clear,
    ),
)
