"""Commands of `notices`: issue, deliver.

Owns: when somebody is told.
Promises: one statement per decision, item and kind, however often the outcome is reported; telling follows
the outcome.
Never does: write the words; `views.statement` builds them from the decision when they are read.
"""

from beffroi.content import store as content
from beffroi.ground.kernel.ids import AccountId, DecisionId, ItemId, RestrictionId, StatementId, fresh, spoken_code
from beffroi.ground.storage import Effect, Tx

from . import store
from .model import (
    Statement,
    StatementDelivered,
    StatementIssued,
    StatementKind,
    StatementState,
    StatementUndelivered,
)

EFFECT = "inform"
"""The kind of effect by which workers hand a statement to the platform."""
_DEFAULT_LANGUAGE = "en"


def issue(
    tx: Tx,
    kind: StatementKind,
    decision: DecisionId,
    restriction: RestrictionId | None,
    item: ItemId | None,
    revision: int,
    account: AccountId | None,
) -> Statement | None:
    """Issue a statement unless there is one of this kind already; None if it concerns nobody, or somebody erased."""
    posted = None if item is None else content.ITEMS.load(tx.conn, item)
    told = account or (posted.account if posted is not None else None)
    if told is None or tx.vault.is_destroyed(content.subject_of(told)):
        return None
    for earlier in store.of_decision(tx.conn, decision):
        if (earlier.kind, earlier.item, earlier.account) == (kind, item, told):
            return earlier
    language = (posted.language if posted is not None else None) or _DEFAULT_LANGUAGE
    statement_id = StatementId(fresh("stm", tx.now))
    event = StatementIssued(
        statement_id, kind, spoken_code(), decision, restriction, item, revision, told, language, tx.now
    )
    statement = store.STATEMENTS.change(tx, None, [event])
    store.make_link(tx, statement_id, told)
    tx.intend(Effect(EFFECT, f"{statement_id}", {"statement": statement_id}, lane="law"))
    return statement


def delivered(tx: Tx, statement_id: StatementId) -> Statement:
    """The platform said it told the user."""
    statement = store.STATEMENTS.load(tx.conn, statement_id)
    if statement.state is StatementState.DELIVERED:
        return statement
    return store.STATEMENTS.change(tx, statement, [StatementDelivered(statement_id, tx.now)])


def undelivered(tx: Tx, statement_id: StatementId, reason: str) -> Statement:
    """The platform could not tell the user; the page stands all the same."""
    statement = store.STATEMENTS.load(tx.conn, statement_id)
    return store.STATEMENTS.change(tx, statement, [StatementUndelivered(statement_id, reason[:200])])
