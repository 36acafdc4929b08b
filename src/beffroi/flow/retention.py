"""How long things are kept: what needs a row, across all capabilities, and what becomes of it when nothing does.

    words, files     while a case is open; while a decision can be contested; while somebody holds them
    platform ids     while words, signals or a restriction of the item or account are there
    an account       while any of that is; then it is erased, and known again as somebody new if it comes back
    a warning        while it is open, then a year
    notes, links     while the decision can be contested
    an order's words while it binds; then while it can be contested
    a notifier       until the answer, then while it can be contested
    staff            while they work here, then while what they decided last can be contested

Owns: `NEEDS`, one question for every table whose rows are asked about; removing the blobs that went with rows.
Promises: a question reads a few rows by index and answers with an instant; a hold beats everything until its end
(TCO Art 6(2)); an account is erased only when nothing of it is left.
Never does: shorten what the law gives: a right to object has the latest reading (`notices.views.challenge_until`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from beffroi.actions import store as actions
from beffroi.cases import rules as case_rules
from beffroi.cases import store as cases
from beffroi.cases.model import Case, CaseState
from beffroi.content import store as content
from beffroi.decisions import store as decisions
from beffroi.decisions.model import Decision, DecisionState
from beffroi.ground.kernel.ids import (
    AccountId,
    CaseId,
    DecisionId,
    ItemId,
    OrderId,
    PersonId,
    ReportId,
    StatementId,
    SubjectId,
    ThreatId,
)
from beffroi.ground.kernel.limits import (
    BLOBS_DROPPED_MAX,
    LATE_ACT_DAYS,
    LOOK_AGAIN_D,
    LOOK_RARELY_D,
    WARNING_KEPT_DAYS,
)
from beffroi.ground.records import Keeping, erase, sweeping
from beffroi.ground.records.holds import held_until
from beffroi.ground.records.sweeping import LetGo, Need, Row
from beffroi.ground.storage import Tx
from beffroi.ground.storage.doomed import doomed, gone
from beffroi.ground.storage.tx import NODE
from beffroi.notices import store as notices
from beffroi.notices.views import challenge_until
from beffroi.orders import store as orders
from beffroi.parties import charter
from beffroi.staff import store as staff
from beffroi.threats import store as threats
from beffroi.threats.model import Threat

from .house import House
from .records import KEEPINGS

_SOON = timedelta(days=LOOK_AGAIN_D)
_RARELY = timedelta(days=LOOK_RARELY_D)


# Until when


def _latest(*instants: datetime | None) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)


def _contested_until(conn: Connection, told_at: datetime) -> datetime:
    return challenge_until(told_at, int(charter.get(conn, "remedies.complaint_months")))


def _decision(conn: Connection, decision: Decision, now: datetime) -> datetime | None:
    """Until when a decision can be contested, by whoever was told of it."""
    if decision.state in {DecisionState.UNDONE, DecisionState.DECLINED}:
        return None
    if decision.state is DecisionState.PROPOSED:
        return now + _SOON
    told = [s.delivered_at or s.issued_at for s in notices.of_decision(conn, decision.id)]
    if not told and any(r.in_force_at is None and r.live_causes for r in actions.of_decision(conn, decision.id)):
        return now + _SOON  # it is being carried out, or a person must look why it failed
    if not told and decision.restricts:
        told = [decision.decided_at]
    return _latest(*(_contested_until(conn, at) for at in told))


def _case(conn: Connection, case: Case, now: datetime) -> datetime | None:
    """Until when a case is needed: while it is open, and while its outcome can be contested."""
    if case.state in case_rules.OPEN:
        return now + _SOON
    answered = [cases.NOTICES.load(conn, notice).answered_at for notice in case.notices]
    outcomes = (_decision(conn, decision, now) for decision in decisions.of_case(conn, case.id))
    sealed = case.closed_at if case.state is CaseState.SEALED else None  # the operator's own procedure
    told = (at for at in (*answered, sealed) if at is not None)
    return _latest(*outcomes, *(_contested_until(conn, at) for at in told))


def _threat(threat: Threat, now: datetime) -> datetime | None:
    """Until when the letters of a warning are kept."""
    return now + _SOON if threat.closed_at is None else threat.closed_at + timedelta(days=WARNING_KEPT_DAYS)


def _item(conn: Connection, item: ItemId, now: datetime) -> datetime | None:
    of_cases = (_case(conn, case, now) for case in cases.of_item(conn, item))
    return _latest(*of_cases, *(_decision(conn, one, now) for one in decisions.of_item(conn, item)))


def _account(conn: Connection, account: AccountId, now: datetime) -> datetime | None:
    """Until when somebody must know who it was, whatever its posts are kept for."""
    subject = content.subject_of(account)
    speaks = decisions.has_notes(conn, subject) or cases.has_notes(conn, subject) or notices.has_links(conn, account)
    speaks = speaks or threats.has_letters(conn, subject)
    return _latest(
        held_until(conn, subject, now),
        *(_case(conn, case, now) for case in cases.of_account(conn, account)),
        now + _SOON if speaks or content.has_posted(conn, account=account) else None,
        now + _RARELY if actions.is_restricted(conn, account=account) else None,
    )


# One question for each table whose rows are asked about


def _posted_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    return _latest(held_until(conn, row["account"], now), _item(conn, ItemId(row["item"]), now))


def _item_locator_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    item = ItemId(row["item"])
    return _latest(
        held_until(conn, content.ITEMS.load(conn, item).account, now),
        content.signals_end(conn, item),
        now + _SOON if content.has_posted(conn, item=item) or cases.open_of_item(conn, item) is not None else None,
        now + _RARELY if actions.is_restricted(conn, item=item) else None,
    )


def _account_locator_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    account = AccountId(row["account"])
    quiet_since = content.quiet_since(conn, account)
    return _latest(
        None if quiet_since is None else quiet_since + content.longest_age(conn),
        now + _SOON if content.has_located_items(conn, account) else None,
        _account(conn, account, now),
    )


def _case_note_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    case = cases.CASES.load(conn, CaseId(row["case"]))
    return _latest(held_until(conn, row["subject"], now), _case(conn, case, now))


def _decision_note_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    decision = decisions.DECISIONS.load(conn, DecisionId(row["decision"]))
    return _latest(held_until(conn, row["subject"], now), _decision(conn, decision, now))


def _notice_words_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    answered_at = cases.NOTICES.load(conn, ReportId(row["notice"])).answered_at
    own = now + _SOON if answered_at is None else _contested_until(conn, answered_at)
    return _latest(held_until(conn, row["subject"], now), own)


def _threat_words_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    threat = threats.THREATS.load(conn, ThreatId(row["threat"]))
    return _latest(held_until(conn, row["subject"], now), _threat(threat, now))


def _let_go_of_words(tx: Tx, row: Row) -> None:
    """A letter about nobody's account has a key of its own, which goes with it."""
    if row["subject"] == row["threat"]:
        erase(tx, SubjectId(row["subject"]), "retention", KEEPINGS)
    else:
        threats.let_go(tx, ThreatId(row["threat"]))


def _statement_link_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    statement = notices.STATEMENTS.load(conn, StatementId(row["statement"]))
    told_at = statement.delivered_at or statement.issued_at
    return _latest(held_until(conn, row["account"], now), _contested_until(conn, told_at))


def _order_words_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    """While the order binds; then while what was done by it, or its end, can be contested."""
    order = orders.ORDERS.load(conn, OrderId(row["order"]))
    if order.binds and order.ended_at is None:
        return _latest(held_until(conn, row["order"], now), now + _SOON)
    ended = _contested_until(conn, order.ended_at or order.received_at)
    return _latest(held_until(conn, row["order"], now), ended)


def _identity_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    left_at = staff.left_at(conn, PersonId(row["person"]))
    if left_at is None:
        return now + _RARELY
    last_told_at = left_at + timedelta(days=LATE_ACT_DAYS)
    return _latest(held_until(conn, row["person"], now), _contested_until(conn, last_told_at))


def subject_needed(conn: Connection, subject: SubjectId, now: datetime) -> datetime | None:
    """Until when a subject that asks to be erased must be kept all the same; None: it can go now.

    That a restriction stands keeps nobody who asks to go once the remedies against it have ended.
    """
    held = held_until(conn, subject, now)
    if subject.startswith("acc_"):
        account = AccountId(subject)
        return _latest(
            held,
            *(_case(conn, case, now) for case in cases.of_account(conn, account)),
            *(_decision(conn, one, now) for one in decisions.of_account(conn, account)),
            *(_item(conn, item, now) for item in content.items_with_words(conn, account)),
            *(now + _SOON for threat in threats.of_subject(conn, subject) if threat.closed_at is None),
        )
    notice = cases.notice_of_subject(conn, subject)
    unanswered = notice is not None and notice.answered_at is None
    return _latest(held, now + _SOON if unanswered else None)


def _wish_needed(conn: Connection, row: Row, now: datetime) -> datetime | None:
    return subject_needed(conn, SubjectId(row["subject"]), now)


def _erase(column: str, reason: str) -> LetGo:
    return lambda tx, row: erase(tx, SubjectId(row[column]), reason, KEEPINGS)


NEEDS: dict[str, tuple[Need, LetGo | None]] = {
    "account_locator": (_account_locator_needed, _erase("account", "retention")),
    "case_note": (_case_note_needed, None),
    "decision_note": (_decision_note_needed, None),
    "erasure_wish": (_wish_needed, _erase("subject", "request")),
    "item_locator": (_item_locator_needed, None),
    "item_posted": (_posted_needed, None),
    "notice_words": (_notice_words_needed, _erase("subject", "retention")),
    "order_words": (_order_words_needed, _erase("order", "retention")),
    "person_identity": (_identity_needed, _erase("person", "retention")),
    "statement_link": (_statement_link_needed, None),
    "threat_letter": (_threat_words_needed, _let_go_of_words),
    "threat_link": (_threat_words_needed, _let_go_of_words),
}
"""Table → until when a row is needed, and what is done then (None: the row is deleted, with what goes with it)."""


# What the sweep does


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of row that time ends: whether there are any, and letting a few of them go."""

    is_any: Callable[[Connection, datetime], bool]
    let_go: Callable[[Tx, int], int]


def dues(keepings: Iterable[Keeping] = KEEPINGS) -> list[Due]:
    """Every declared end, each a step of the sweep."""
    found = []
    for keeping in keepings:
        if keeping.retention.over is not None:
            found.append(Due(partial(sweeping.is_any_over, keeping), partial(sweeping.end, keeping)))
        if keeping.retention.asked:
            need, let_go = NEEDS[keeping.table.name]
            found.append(Due(partial(sweeping.is_any_due, keeping), partial(sweeping.ask, keeping, need, let_go)))
    return found


def drop_blobs(house: House) -> int:
    """Remove from the disk the blobs that no row points to any more; returns how many."""
    with house.read() as conn:
        blobs = doomed(conn, BLOBS_DROPPED_MAX)
    for blob in blobs:
        house.blobs.drop(blob)
    return house.write("bulk", NODE, lambda tx: gone(tx, blobs)) if blobs else 0
