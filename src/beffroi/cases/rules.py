"""The life of a case. Pure.

Owns: opening, joining, claiming, deciding, sealing.
Promises: one holder at a time; a lease that ended holds nobody; the proposer of a decision cannot be its
second person; a sealed case is out of reach.
Never does: compute priority (see `priority`).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, NotAllowed
from beffroi.ground.kernel.ids import DecisionId, PersonId, ReportId
from beffroi.ground.storage import Event

from .model import (
    Case,
    CaseClaimed,
    CaseDecided,
    CaseHandedOver,
    CaseItem,
    CaseJoined,
    CaseOpened,
    CaseOverturned,
    CaseReleased,
    CaseReopened,
    CaseSealed,
    CaseState,
    CaseWithdrawn,
    Notice,
    NoticeAnswered,
    NoticeReceived,
    Part,
    SecondAsked,
)

OPEN = frozenset({CaseState.OPEN, CaseState.AWAITS_SECOND})


def holder(case: Case, now: datetime) -> PersonId | None:
    """Who holds it now; a lease that ended holds nobody."""
    return case.claimed_by if case.lease_until is not None and case.lease_until > now else None


def join(
    case: Case, items: tuple[CaseItem, ...], parts: tuple[Part, ...], notices: tuple[ReportId, ...]
) -> list[Event]:
    """Add what is new; nothing if all of it is here."""
    new_items = tuple(i for i in items if i not in case.items)
    new_notices = tuple(n for n in notices if n not in case.notices)
    if not new_items and not new_notices and parts == case.parts:
        return []
    return [CaseJoined(case.id, new_items, parts, new_notices)]


def claim(case: Case, person: PersonId, now: datetime, lease: timedelta) -> list[Event]:
    """Take it, or prolong the own claim.

    Raises:
        Conflict: somebody else holds it, or it is not open.
        NotAllowed: it waits for a second person and this is the first one.

    """
    _open(case)
    held = holder(case, now)
    if held is not None and held != person:
        raise Conflict("claimed", "somebody else is looking at this case", until=str(case.lease_until))
    if case.state is CaseState.AWAITS_SECOND and case.proposed_by == person:
        raise NotAllowed("not-for-you", "you proposed this decision; somebody else must look")
    return [CaseClaimed(case.id, person, now + lease)]


def release(case: Case, person: PersonId, why: str, now: datetime) -> list[Event]:
    """Give it back, or skip it."""
    _held_by(case, person, now)
    return [CaseReleased(case.id, why, person)]


def end_lease(case: Case, now: datetime) -> list[Event]:
    """The lease is over."""
    over = case.claimed_by is not None and holder(case, now) is None and case.state in OPEN
    return [CaseReleased(case.id, "lease_ended", case.claimed_by)] if over else []


def hand_over(case: Case, person: PersonId, to: PersonId | None, now: datetime) -> list[Event]:
    """To a named person, or to whoever is next."""
    _held_by(case, person, now)
    if to == person:
        raise Conflict("to-yourself", "a case is handed over to somebody else")
    return [CaseHandedOver(case.id, person, to)]


def may_decide(case: Case, person: PersonId, now: datetime) -> None:
    """Only who holds it decides, and only once.

    Raises:
        Conflict: not open, not held, or held by somebody else; or a decision was proposed already.

    """
    _held_by(case, person, now)
    if case.state is CaseState.AWAITS_SECOND:
        raise Conflict("awaits-second", "a decision is proposed; confirm it or decline it first")


def may_second(case: Case, decision: DecisionId) -> None:
    """Only what the case waits for is confirmed or declined.

    Raises:
        Conflict: the case is closed, withdrawn or sealed by now, or waits for nothing or for another decision.

    """
    _open(case)
    if case.state is not CaseState.AWAITS_SECOND or case.decision != decision:
        raise Conflict("nothing-waits", "this case does not wait for a second person on this decision")


def ask_second(case: Case, decision: DecisionId, person: PersonId) -> list[Event]:
    """A proposed decision waits for a second person."""
    _open(case)
    return [SecondAsked(case.id, decision, person)]


def close(case: Case, decision: DecisionId, now: datetime, *, confirmed: bool) -> list[Event]:
    """A decision stands."""
    return [CaseDecided(case.id, decision, confirmed, now)] if case.state in OPEN else []


def reopen(case: Case, why: str) -> list[Event]:
    """The decision was undone or declined."""
    return [CaseReopened(case.id, why)] if case.state in {CaseState.DECIDED, CaseState.AWAITS_SECOND} else []


def overturn(case: Case, decision: DecisionId) -> list[Event]:
    """The decision was found wrong."""
    stood = case.state is CaseState.DECIDED and case.decision == decision and case.confirmed
    return [CaseOverturned(case.id, decision)] if stood else []


def withdraw(case: Case, why: str, now: datetime) -> list[Event]:
    """Nothing is left to decide."""
    return [CaseWithdrawn(case.id, why, now)] if case.state in OPEN else []


def seal(case: Case, person: PersonId, now: datetime) -> list[Event]:
    """Suspected child abuse (DESIGN §5.13)."""
    _open(case)
    return [CaseSealed(case.id, person, now)]


def apply(case: Case | None, event: Event) -> Case:
    """The case after `event`."""
    if isinstance(event, CaseOpened):
        return _opened(event)
    if case is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the case")
    match event:
        case CaseJoined():
            items = (*case.items, *event.items)
            return replace(case, items=items, parts=event.parts, notices=(*case.notices, *event.notices))
        case CaseClaimed():
            return replace(case, claimed_by=event.person, lease_until=event.until)
        case CaseReleased():
            skipped = (event.person,) if event.why == "skipped" and event.person is not None else ()
            return _free(case, for_person=None, skipped_by=(*case.skipped_by, *skipped))
        case CaseHandedOver():
            return _free(case, for_person=event.to)
        case SecondAsked():
            asked = _free(case, state=CaseState.AWAITS_SECOND, for_person=None)
            return replace(asked, proposed_by=event.proposed_by, decision=event.decision)
        case _:
            return _closed(case, event)


def _closed(case: Case, event: Event) -> Case:
    """The events that end a case, or open it again."""
    match event:
        case CaseDecided():
            closed = _free(case, state=CaseState.DECIDED, decision=event.decision, closed_at=event.at)
            return replace(closed, confirmed=event.confirmed)
        case CaseReopened():
            opened = _free(case, state=CaseState.OPEN, decision=None, closed_at=None, proposed_by=None)
            return replace(opened, confirmed=False)
        case CaseOverturned():
            return replace(case, confirmed=False)
        case CaseWithdrawn():
            return _free(case, state=CaseState.WITHDRAWN, closed_at=event.at)
        case CaseSealed():
            return _free(case, state=CaseState.SEALED, closed_at=event.at)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a case")


def apply_notice(notice: Notice | None, event: Event) -> Notice:
    """The notice after `event`."""
    match event:
        case NoticeReceived():
            return Notice(event.notice, 0, event.reference, event.item, event.at, None, None, None)
        case NoticeAnswered() if notice is not None:
            return replace(notice, outcome=event.outcome, decision=event.decision, answered_at=event.at)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit a notice")


def _free(case: Case, **changes: object) -> Case:
    return replace(case, claimed_by=None, lease_until=None, **changes)  # type: ignore[arg-type]


def _open(case: Case) -> None:
    if case.state not in OPEN:
        raise Conflict("case-closed", f"this case is {case.state.value.replace('_', ' ')}", state=case.state.value)


def _held_by(case: Case, person: PersonId, now: datetime) -> None:
    _open(case)
    if holder(case, now) != person:
        raise Conflict("not-claimed", "claim the case first; your claim may have run out")


def _opened(event: CaseOpened) -> Case:
    return Case(
        id=event.case,
        version=0,
        ref=event.ref,
        kind=event.kind,
        state=CaseState.OPEN,
        items=event.items,
        account=event.account,
        cluster=event.cluster,
        parts=event.parts,
        notices=event.notices,
        claimed_by=None,
        lease_until=None,
        for_person=None,
        skipped_by=(),
        proposed_by=None,
        decision=None,
        confirmed=False,
        opened_at=event.at,
        closed_at=None,
    )
