"""A person decides, a second one confirms, somebody takes it back: one transaction each.

Owns: the commands of moderators on cases and decisions.
Promises: nothing is decided that was not claimed; an undo that comes too late is refused and says what to do.
Never does: check permissions; the doors do, before they call.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from beffroi.actions import store as actions_store
from beffroi.actions.model import RestrictionState
from beffroi.cases import rules as cases_rules
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case, CaseState
from beffroi.content import store as content_store
from beffroi.content.model import ItemState
from beffroi.decisions import rules as decisions_rules
from beffroi.decisions import service as decisions
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import ACCOUNT_ACTS, Decision, DecisionState
from beffroi.decisions.rules import Decide
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import AccountId, CaseId, DecisionId, PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.ground.storage.spool import Spooled
from beffroi.parties import charter
from beffroi.staff import store as staff
from beffroi.staff.model import PersonState
from beffroi.staff.permissions import Permission, of_person

from .carry import Carried, carry
from .house import House
from .reactions import settle


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, and how long it can be taken back with one key (seconds; 0: not any more)."""

    decision: Decision
    undo_s: int


def decide(house: House, actor: Actor, person: PersonId, command: Decide) -> Decided:
    """Decide a claimed case; near-identical items of the case are decided together.

    Raises:
        Conflict: not claimed, decided by somebody else meanwhile, an item edited, deleted or joined.
        Invalid: what the decision lacks.

    """

    def work(tx: Tx) -> Decided:
        if command.case is not None:
            cases_rules.may_decide(cases_store.CASES.load(tx.conn, command.case, lock=True), person, tx.now)
        four_eyes = bool(charter.get(tx.conn, "four_eyes.account_suspension"))
        decision = decisions.decide(tx, _whole(tx, command), person, four_eyes=four_eyes)
        if decision.state is DecisionState.PROPOSED and command.case is not None:
            cases.proposed(tx, command.case, decision.id, person)
        return Decided(decision, charter.get(tx.conn, "undo_hold_s") if decision.restricts else 0)

    return house.write("law", actor, work)


def hand_over(house: House, actor: Actor, person: PersonId, case: CaseId, to: PersonId | None, reason: str) -> None:
    """Hand a case on to a colleague, or to whoever is next.

    Raises:
        Conflict: they do not hold it, or the colleague could not take it up.

    """

    def work(tx: Tx) -> None:
        if to is not None and not _can_take_up(tx, cases_store.CASES.load(tx.conn, case), to):
            raise Conflict("not-for-them", "this person cannot take up the case; choose somebody else")
        cases.hand_over(tx, case, person, to, reason)

    house.write("law", actor, work)


def second(house: House, actor: Actor, person: PersonId, decision: DecisionId, *, agrees: bool) -> Decision:
    """The second pair of eyes says yes or no.

    Raises:
        Conflict: the case does not wait for this any more, or an item was edited or deleted.
        NotAllowed: it is their own proposal.

    """

    def work(tx: Tx) -> Decision:
        case = decisions_store.DECISIONS.load(tx.conn, decision).case
        if case is not None:
            cases_rules.may_second(cases_store.CASES.load(tx.conn, case), decision)
        return decisions.confirm(tx, decision, person) if agrees else decisions.decline(tx, decision, person)

    return house.write("law", actor, work)


def undo(house: House, actor: Actor, person: PersonId, decision: DecisionId) -> Decision:
    """Take it back before it is carried out; the case is open again.

    Raises:
        Conflict: it was carried out already; reverse it instead, with a reason.

    """

    def work(tx: Tx) -> Decision:
        undone = decisions.undo(tx, decision, person)
        settle(tx)
        for restriction in actions_store.of_decision(tx.conn, decision):
            if restriction.state is RestrictionState.LIFTING:
                raise Conflict("too-late-to-undo", "this was carried out already; reverse it, with a reason")
        return undone

    return house.write("law", actor, work)


def reverse(house: House, actor: Actor, person: PersonId, decision: DecisionId, reason: str) -> bool:
    """It was wrong: what it caused ends, the person is told. Returns whether it is in the record already.

    What is to be public again does not wait for the database (DESIGN §5.10): if it cannot be written, the reversal goes
    onto the spool, and is entered and carried out as soon as it can.

    Raises:
        Invalid: no reason.
        Conflict: the decision does not stand.

    """
    decisions.check_reason(reason)
    body = {"decision": decision, "person": person, "reason": reason}
    return carry(house, actor, REINSTATEMENT, body)


def _enter_reversal(tx: Tx, act: Spooled) -> None:
    decisions.reverse(tx, DecisionId(act.body["decision"]), PersonId(act.body["person"]), act.body["reason"])


def _may_reverse(conn: Connection, act: Spooled) -> None:
    decisions_rules.reverse(decisions_store.DECISIONS.load(conn, act.body["decision"]), PersonId(act.body["person"]))


def _is_reversed(conn: Connection, act: Spooled) -> bool:
    return decisions_store.reversed_by(conn, DecisionId(act.body["decision"])) == PersonId(act.body["person"])


REINSTATEMENT = Carried("reinstatement", _enter_reversal, _may_reverse, _is_reversed)


def about_account(house: House, actor: Actor, case: CaseId, person: PersonId) -> CaseId:
    """Open a case about the account behind a case: a separate decision (DESIGN §5.5)."""

    def work(tx: Tx) -> CaseId:
        behind = cases_store.CASES.load(tx.conn, case)
        if not behind.items:
            raise Conflict("no-account", "this case is about no located account")
        account = content_store.ITEMS.load(tx.conn, behind.items[0].item).account
        return _of_account(tx, account)

    return house.write("law", actor, work)


def about_known_account(house: House, actor: Actor, account: AccountId) -> CaseId:
    """Open a case about an account that a person looked up; the open one, if there is one.

    Raises:
        NotFound: there is no such account.

    """

    def work(tx: Tx) -> CaseId:
        return _of_account(tx, account)

    return house.write("law", actor, work)


def _of_account(tx: Tx, account: AccountId) -> CaseId:
    """The one open case about an account; two who want one at the same moment get the same."""
    content_store.ACCOUNTS.load(tx.conn, account, lock=True)
    return cases.open_for_account(tx, account).id


def _can_take_up(tx: Tx, case: Case, to: PersonId) -> bool:
    """Whether `to` works here and may claim the case; one that awaits a second person needs one who may be that."""
    colleague = staff.PEOPLE.get(tx.conn, to)
    if colleague is None or colleague.state is not PersonState.ACTIVE:
        return False
    awaits = case.state is CaseState.AWAITS_SECOND
    needed = {Permission.CASES_CLAIM, Permission.CASES_SECOND if awaits else Permission.CASES_DECIDE}
    return needed <= of_person(to, colleague.roles).permissions and not (awaits and case.proposed_by == to)


def _whole(tx: Tx, command: Decide) -> Decide:
    """The command, if it speaks of every item of its case; what their authors deleted is left out beside others.

    Raises:
        Conflict: a near-identical item joined the case after it was read.

    """
    if command.case is None or command.act in ACCOUNT_ACTS:
        return command
    case = cases_store.CASES.load(tx.conn, command.case)
    items = {i.item: content_store.ITEMS.load(tx.conn, i.item) for i in case.items}
    live = {item.id for item in items.values() if item.state is ItemState.LIVE}
    if live - {i.item for i in command.items}:
        raise Conflict("case-grew", "another item joined this case; look again")
    return replace(command, items=tuple(i for i in command.items if i.item in live)) if live else command
