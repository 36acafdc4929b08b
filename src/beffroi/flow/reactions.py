"""What one capability's event means to the others: one table, read top to bottom.

Owns: `REACTIONS` and `settle`, which runs them at the end of every unit of work, in the same transaction.
Promises: every event type stands here (a test reads them all); reactions run in the order written; a
reaction's own events get their reactions in turn; no event leads back to its own kind (a test).
Never does: slow work. A reaction changes rows and intends effects, nothing else.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from beffroi.actions import model as actions_model
from beffroi.actions import service as actions
from beffroi.actions import store as actions_store
from beffroi.actions.model import CauseKind, Kind, RestrictionState
from beffroi.cases import model as cases_model
from beffroi.cases import service as cases
from beffroi.content import model as content
from beffroi.content import store as content_store
from beffroi.decisions import model as decisions_model
from beffroi.decisions import service as decisions
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, DecisionState
from beffroi.ground.kernel.errors import ensure
from beffroi.ground.kernel.ids import AccountId
from beffroi.ground.ledger import events as ledger
from beffroi.ground.records import Erased, ErasureAsked, HoldPlaced, HoldReleased
from beffroi.ground.records.spooled import SpooledActEntered, SpooledActUnreadable
from beffroi.ground.storage import Event, Tx
from beffroi.matching import events as matching_events
from beffroi.matching import recording as matching
from beffroi.matching import service as banks
from beffroi.matching.model import Verdict
from beffroi.notices import model as notices_model
from beffroi.notices import service as notices
from beffroi.notices.model import StatementKind
from beffroi.orders import events as order_events
from beffroi.orders import service as orders
from beffroi.orders import store as orders_store
from beffroi.orders.model import ItemState
from beffroi.parties import charter
from beffroi.parties import model as parties
from beffroi.staff import model as staff
from beffroi.threats import model as threats

Reaction = Callable[[Tx, Any], None]

_STEPS_MAX = 10_000


def settle(tx: Tx) -> None:
    """Run the reactions to everything recorded in `tx`, and to what they record."""
    for _ in range(_STEPS_MAX):
        if not tx.recorded:
            return
        event = tx.recorded.popleft()
        for reaction in REACTIONS[type(event)]:
            reaction(tx, event)
    ensure(False, "reactions-run-on", "one unit of work led to more than 10,000 events")  # noqa: FBT003


def _open_case(tx: Tx, event: matching_events.MatchesFound) -> None:
    if event.acting:
        cases.open_for_matches(tx, event)


def _withdraw_case(tx: Tx, event: content.ItemDeletedByAuthor) -> None:
    cases.withdraw_of_item(tx, event.item, "deleted_by_author")


def _close_case(tx: Tx, event: decisions_model.DecisionMade) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    if decision.case is not None:
        cases.decided(tx, decision.case, decision.id, confirmed=decision.restricts)


def _plan_action(tx: Tx, event: decisions_model.DecisionMade) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    actions.plan(tx, decision, timedelta(seconds=charter.get(tx.conn, "undo_hold_s")))


def _note_verdict(tx: Tx, event: decisions_model.DecisionMade) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    if decision.decided_by is None or decision.case is None:
        return  # what a rule or an order does says nothing about whether a bank was right
    verdict = Verdict.CONFIRMED if decision.restricts else Verdict.OVERTURNED
    for item in decision.items:
        matching.note_verdict(tx, item.item, item.revision, verdict)


def _end_holds(tx: Tx, event: decisions_model.DecisionMade) -> None:
    """A person let it pass.

    What restricts takes over from the hold once it is carried out: undoing it, or a platform that refuses it, must not
    publish the item.
    """
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    if not decision.restricts:
        _end_holds_of(tx, decision)


def _take_over(tx: Tx, event: actions_model.ActionCarriedOut) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    for cause in restriction.live_causes:
        _end_holds_of(tx, decisions_store.DECISIONS.load(tx.conn, cause.decision))


def _end_holds_of(tx: Tx, decision: decisions_model.Decision) -> None:
    if decision.decided_by is not None:
        for item in decision.items:
            decisions.end_holds_of(tx, item.item)


def _take_back(tx: Tx, event: decisions_model.DecisionUndone) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    actions.end_causes(tx, decision, "undone")


def _reopen_case(tx: Tx, event: decisions_model.DecisionUndone | decisions_model.DecisionDeclined) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    if decision.case is not None:
        cases.reopen(tx, decision.case, event.type())


def _end_causes(
    tx: Tx, event: decisions_model.DecisionReversed | decisions_model.HoldEnded | decisions_model.LegalGroundEnded
) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    actions.end_causes(tx, decision, event.type())


def _overturn(tx: Tx, event: decisions_model.DecisionReversed) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    if decision.case is not None:
        cases.overturned(tx, decision.case, decision.id)
    for item in decision.items:
        matching.note_verdict(tx, item.item, item.revision, Verdict.OVERTURNED)
        # A negative entry, so that the same picture is not brought to somebody again (DESIGN §7).
        banks.silence(tx, content_store.signals_of(tx.conn, item.item, item.revision), event.by)


def _tell(tx: Tx, event: actions_model.ActionCarriedOut) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    for cause in restriction.live_causes:
        _issue(tx, StatementKind.RESTRICTED, restriction, cause)


def _tell_joined(tx: Tx, event: actions_model.CauseAdded) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    if restriction.state is RestrictionState.IN_FORCE:
        _issue(tx, StatementKind.RESTRICTED, restriction, event.cause)


def _tell_put_back(tx: Tx, event: actions_model.RestrictionLifted) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    if restriction.in_force_at is None:
        return  # reversed before the platform was known to have done it: nobody was told that it is gone
    others = actions_store.of_item(tx.conn, restriction.item) if restriction.item is not None else []
    live = {other.kind for other in others if other.id != restriction.id and other.live_causes}
    for cause in restriction.causes:
        decision = decisions_store.DECISIONS.load(tx.conn, cause.decision)
        # What something else still hides is not back; and a hold that gave way to a label was not put back either.
        is_back = not live & actions_model.HIDES and not (decision.act is Act.HOLD and live)
        if decision.state is DecisionState.REVERSED and is_back:
            _issue(tx, StatementKind.PUT_BACK, restriction, cause)


def _issue(tx: Tx, kind: StatementKind, restriction: actions_model.Restriction, cause: actions_model.Cause) -> None:
    """The one way to the poster: every page, message and link begins here, and so does withholding (DESIGN §5.6)."""
    if cause.kind is CauseKind.ORDER and restriction.item and orders_store.withheld(tx.conn, restriction.item):
        return
    item, revision, account = restriction.item, restriction.revision, restriction.account
    notices.issue(tx, kind, cause.decision, restriction.id, item, revision, account)


def _order_done(tx: Tx, event: actions_model.ActionCarriedOut) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    state = ItemState.REMOVED if restriction.kind is Kind.REMOVE else ItemState.DISABLED
    for cause in restriction.live_causes:
        if cause.kind is CauseKind.ORDER and restriction.item is not None:
            orders.item_done(tx, cause.decision, restriction.item, state, event.at)


def _order_joined(tx: Tx, event: actions_model.CauseAdded) -> None:
    """It was so before, for another cause: Annex II tells since when, and ticks no measure that was not taken."""
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    in_force = restriction.in_force_at if restriction.state is RestrictionState.IN_FORCE else None
    if event.cause.kind is CauseKind.ORDER and restriction.item is not None and in_force is not None:
        orders.item_done(tx, event.cause.decision, restriction.item, ItemState.ALREADY_UNAVAILABLE, in_force)


def _order_failed(tx: Tx, event: actions_model.ActionFailed) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    for cause in restriction.live_causes:
        if cause.kind is CauseKind.ORDER and restriction.item is not None:
            orders.item_failed(tx, cause.decision, restriction.item)


def _order_put_back(tx: Tx, event: actions_model.RestrictionLifted | actions_model.RestrictionWithdrawn) -> None:
    restriction = actions_store.RESTRICTIONS.load(tx.conn, event.restriction)
    for cause in restriction.causes:
        if cause.kind is CauseKind.ORDER and restriction.item is not None:
            orders.item_reinstated(tx, cause.decision, restriction.item)


def _end_ordered(tx: Tx, event: order_events.OrderEnded) -> None:
    carried_out = {item.decision for item in orders_store.items(tx.conn, event.order) if item.decision is not None}
    for decision in sorted(carried_out):
        decisions.end_by_order(tx, decision, event.validity.value)


def _tell_withheld(tx: Tx, event: order_events.SecrecyEnded) -> None:
    """Whoever was kept in the dark is told now, also of what was put back meanwhile (TCO Art 11(1))."""
    carried_out = {item.decision for item in orders_store.items(tx.conn, event.order) if item.decision is not None}
    for decision_id in sorted(carried_out):
        decision = decisions_store.DECISIONS.load(tx.conn, decision_id)
        for restriction in actions_store.of_decision(tx.conn, decision_id):
            _tell_late(tx, decision, restriction)


def _tell_late(tx: Tx, decision: decisions_model.Decision, restriction: actions_model.Restriction) -> None:
    cause = next(cause for cause in restriction.causes if cause.decision == decision.id)
    if restriction.in_force_at is None:
        return  # nothing was done that could be told
    _issue(tx, StatementKind.RESTRICTED, restriction, cause)
    if restriction.state is RestrictionState.LIFTED and decision.state is DecisionState.REVERSED:
        _issue(tx, StatementKind.PUT_BACK, restriction, cause)


def _answer_notices(tx: Tx, event: cases_model.CaseDecided) -> None:
    decision = decisions_store.DECISIONS.load(tx.conn, event.decision)
    cases.answer_notices(tx, event.case, event.decision, decision.act.value)


def _answer_withdrawn(tx: Tx, event: cases_model.CaseWithdrawn) -> None:
    cases.answer_notices(tx, event.case, None, event.why)


def _keep_what_is_held(tx: Tx, event: HoldPlaced) -> None:
    """What would have gone by its age stays too."""
    content_store.keep_all_of(tx, AccountId(event.subject), "hold")


def _forget_backfills(tx: Tx, event: staff.ApiKeyRevoked) -> None:
    content_store.drop_backfills(tx, event.key)


REACTIONS: dict[type[Event], tuple[Reaction, ...]] = {
    # content
    content.AccountSeen: (),
    content.AccountChanged: (),
    content.ItemTaken: (),
    content.ItemEdited: (),
    content.ItemDeletedByAuthor: (_withdraw_case,),
    content.MediaKept: (),
    # matching
    matching_events.BankCreated: (),
    matching_events.BankChanged: (),
    matching_events.BankPromoted: (),
    matching_events.BankSetBack: (),
    matching_events.BankPaused: (),
    matching_events.BankResumed: (),
    matching_events.BankDisabled: (),
    matching_events.EntriesImported: (),
    matching_events.EntryAdded: (),
    matching_events.EntryChanged: (),
    matching_events.EntryDescribed: (),
    matching_events.MatchesFound: (_open_case,),
    matching_events.VerdictNoted: (),
    # cases
    cases_model.CaseOpened: (),
    cases_model.CaseJoined: (),
    cases_model.CaseClaimed: (),
    cases_model.CaseReleased: (),
    cases_model.CaseHandedOver: (),
    cases_model.SecondAsked: (),
    cases_model.CaseDecided: (_answer_notices,),
    cases_model.CaseReopened: (),
    cases_model.CaseOverturned: (),
    cases_model.CaseWithdrawn: (_answer_withdrawn,),
    cases_model.CaseSealed: (),
    cases_model.NoteAdded: (),
    cases_model.MediaOpened: (),
    cases_model.NoticeReceived: (),
    cases_model.NoticeAnswered: (),
    # decisions
    decisions_model.DecisionProposed: (),
    decisions_model.DecisionMade: (_close_case, _plan_action, _note_verdict, _end_holds),
    decisions_model.DecisionDeclined: (_reopen_case,),
    decisions_model.DecisionUndone: (_take_back, _reopen_case),
    decisions_model.DecisionReversed: (_end_causes, _overturn),
    decisions_model.HoldEnded: (_end_causes,),
    decisions_model.LegalGroundEnded: (_end_causes,),
    decisions_model.PolicyPublished: (),
    decisions_model.RuleProposed: (),
    decisions_model.RuleApproved: (),
    decisions_model.RulePaused: (),
    decisions_model.RuleEnded: (),
    # actions
    actions_model.RestrictionPlanned: (),
    actions_model.CauseAdded: (_order_joined, _tell_joined),
    actions_model.CauseEnded: (),
    actions_model.RestrictionWithdrawn: (_order_put_back,),
    actions_model.ActionCarriedOut: (_order_done, _tell, _take_over),
    actions_model.ActionFailed: (_order_failed,),
    actions_model.RestrictionLifted: (_order_put_back, _tell_put_back),
    # notices
    notices_model.StatementIssued: (),
    notices_model.StatementDelivered: (),
    notices_model.StatementUndelivered: (),
    # orders
    order_events.OrderEnded: (_end_ordered,),
    order_events.SecrecyEnded: (_tell_withheld,),
    # ground
    Erased: (),
    SpooledActEntered: (),
    SpooledActUnreadable: (),
    ErasureAsked: (),
    HoldPlaced: (_keep_what_is_held,),
    HoldReleased: (),
}
"""Event → reactions. Those of `parties`, `staff`, `threats` and the log, and most of `orders`, concern nobody else."""
REACTIONS |= {kind: REACTIONS.get(kind, ()) for kind in (*order_events.ORDER_EVENTS, *order_events.ITEM_EVENTS)}
REACTIONS |= dict.fromkeys((*parties.EVENTS, *staff.EVENTS, *ledger.EVENTS), ())
REACTIONS |= dict.fromkeys((*threats.THREAT_EVENTS, *threats.RECIPIENT_EVENTS), ())
REACTIONS[staff.ApiKeyRevoked] = (_forget_backfills,)
