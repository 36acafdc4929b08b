"""Published policies: which version said what, machine-readable (DSA Art 14(1)).

Owns: publication and look-up of clauses.
Promises: a version, once published, never changes; a decision cites its version for ever.
Never does: restrict anything outside the node's legal categories (DESIGN §5.12).
"""

from typing import Any

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId, PolicyId, fresh
from beffroi.ground.storage import Tx
from beffroi.ground.storage.events import history

from . import rules, store
from .model import Clause, Ground, GroundKind, Policy, PolicyPublished


def publish(tx: Tx, policy: PolicyId | None, name: str, clauses: tuple[Clause, ...], person: PersonId | None) -> Policy:
    """A new policy, or a new version of one.

    Raises:
        Invalid: no clause, two clauses of one number, or a clause without English text.

    """
    numbers = [clause.number for clause in clauses]
    if not clauses or len(set(numbers)) != len(numbers):
        raise Invalid("bad-clauses", "a policy has clauses, each with its own number", where="clauses")
    for clause in clauses:
        if not clause.text.get("en", "").strip() or not clause.title.get("en", "").strip():
            raise Invalid("no-text", f"clause {clause.number} needs an English title and text", where="clauses")
    before = store.POLICIES.load(tx.conn, policy) if policy is not None else None
    number = before.number + 1 if before is not None else 1
    policy_id = before.id if before is not None else PolicyId(fresh("pol", tx.now))
    event = PolicyPublished(policy_id, name, number, clauses, tx.now, person)
    return store.POLICIES.change(tx, before, [event])


def version(conn: Connection, policy: PolicyId, number: int) -> Policy:
    """The policy as it stood at publication `number`, from the record.

    Raises:
        NotFound: it never had this version.

    """
    for stored in history(conn, "policy", policy):
        event: Any = PolicyPublished.from_facts(stored.facts)
        if event.number == number:
            return rules.apply_policy(None, event)
    raise NotFound("no-such-policy-version", "this policy never had this version")


def clause_of(conn: Connection, ground: Ground) -> Clause:
    """The clause a ground cites, in the words of its version.

    Raises:
        NotFound: there is no such clause.

    """
    if ground.kind is not GroundKind.TERMS or ground.policy is None:
        raise NotFound("no-such-clause", "this ground cites a law, not a clause")
    for clause in version(conn, ground.policy, ground.policy_number).clauses:
        if clause.number == ground.clause:
            return clause
    raise NotFound("no-such-clause", f"there is no clause {ground.clause}")
