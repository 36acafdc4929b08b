"""Commands of `cases`: open, claim, skip, note, hand over, seal, open media; receive and answer notices.

Owns: the order of load, rule, save.
Promises: everything in the caller's transaction.
Never does: decide, or look at a picture.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from beffroi.content import store as content
from beffroi.content.model import Item
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import (
    AccountId,
    CaseId,
    DecisionId,
    ItemId,
    PersonId,
    ReportId,
    SubjectId,
    fresh,
    reference,
    secret_token,
    spoken_code,
)
from beffroi.ground.kernel.limits import (
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    NOTICE_CHARS_MAX,
    REASON_CHARS_MAX,
    URL_CHARS_MAX,
)
from beffroi.ground.storage import Tx
from beffroi.matching import store as matching
from beffroi.matching import views as matching_views
from beffroi.matching.events import MatchesFound, MatchSummary
from beffroi.matching.model import Entry, Opinion

from . import priority, rules, store
from .model import (
    Case,
    CaseItem,
    CaseKind,
    CaseOpened,
    CaseState,
    MediaOpened,
    NoteAdded,
    Notice,
    NoticeAnswered,
    NoticeReceived,
    Part,
)

_SHIFT = timedelta(hours=12)
"""Exposure is counted over a shift."""
_SAME_CONTENT_TYPES = frozenset({"pdq", "sha256", "md5"})
"""Matching these means being a copy; a shared phrase or link does not make two posts one case."""


def open_for_item(
    tx: Tx, item: Item, matches: tuple[priority.Match, ...], cluster: str | None, notices: tuple[ReportId, ...] = ()
) -> Case:
    """Open a case for an item, or join the one that is open for it or for its near-identical copies."""
    this = CaseItem(item.id, item.revision)
    case = store.open_of_item(tx.conn, item.id)
    if case is None and cluster is not None:
        case = store.open_of_cluster(tx.conn, cluster)
    earlier = confirmed_of_account(tx, item.account)
    if case is None:
        parts = priority.parts(matches, notices=len(notices), earlier=earlier, copies=1)
        return _open(tx, CaseKind.ITEM, (this,), None, cluster, parts, notices)
    items = {i.item for i in case.items} | {item.id}
    told = (*case.notices, *(n for n in notices if n not in case.notices))
    parts = priority.parts(matches, notices=len(told), earlier=earlier, copies=len(items))
    if not matches:
        parts = _with_notices(case.parts, parts)
    events = rules.join(case, (this,), parts, notices)
    if this not in case.items:
        store.put_items(tx, case.id, (this,))
    return store.CASES.change(tx, case, events) if events else case


def open_for_matches(tx: Tx, found: MatchesFound) -> Case:
    """Matches that may act were found on a revision; near-identical copies share the case of their entry."""
    item = content.ITEMS.load(tx.conn, found.item)
    entries = matching.entries(tx.conn, {m.entry for m in found.acting})
    matches = tuple(_weighed(tx, match, entries[match.entry]) for match in found.acting)
    pictures = [m for m in found.acting if m.type in _SAME_CONTENT_TYPES]
    cluster = min(pictures, key=lambda m: (m.distance, m.entry)).entry if pictures else None
    return open_for_item(tx, item, matches, cluster)


def _weighed(tx: Tx, match: MatchSummary, entry: Entry) -> priority.Match:
    bank = matching.BANKS.load(tx.conn, match.bank)
    record = matching_views.bank_record(tx.conn, match.bank)
    return priority.Match(
        type=match.type,
        bank=bank.name,
        entry=match.entry,
        distance=match.distance,
        radius=bank.terms.radius_bits,
        labels=entry.given.labels,
        confirmed_here=match.confirmed_here,
        disputed=entry.opinion is Opinion.DISPUTED,
        precision_pct=None if record.precision is None else int(record.interval[0] * 100),
    )


def open_for_account(tx: Tx, account: AccountId) -> Case:
    """A person wants to decide about an account; one open case per account."""
    for case in store.of_account(tx.conn, account):
        if case.state in rules.OPEN:
            return case
    parts = priority.parts((), notices=0, earlier=confirmed_of_account(tx, account), copies=1)
    return _open(tx, CaseKind.ACCOUNT, (), account, None, parts, ())


def claim(tx: Tx, case_id: CaseId, person: PersonId, lease: timedelta) -> Case:
    """Take a case for `lease`."""
    case = store.CASES.load(tx.conn, case_id)
    return store.CASES.change(tx, case, rules.claim(case, person, tx.now, lease))


def give_back(tx: Tx, case_id: CaseId, person: PersonId) -> Case:
    """Free it for others."""
    case = store.CASES.load(tx.conn, case_id)
    return store.CASES.change(tx, case, rules.release(case, person, "given_back", tx.now))


def skip(tx: Tx, case_id: CaseId, person: PersonId, reason: str, lease: timedelta) -> Case:
    """Not by this person; the reason becomes a note. Claims it first if it is free."""
    case = store.CASES.load(tx.conn, case_id)
    if rules.holder(case, tx.now) != person:
        case = store.CASES.change(tx, case, rules.claim(case, person, tx.now, lease))
    if reason.strip():
        add_note(tx, case_id, person, reason)
    return store.CASES.change(tx, case, rules.release(case, person, "skipped", tx.now))


def hand_over(tx: Tx, case_id: CaseId, person: PersonId, to: PersonId | None, reason: str) -> Case:
    """To somebody else, or to whoever is next."""
    case = store.CASES.load(tx.conn, case_id)
    if reason.strip():
        add_note(tx, case_id, person, reason)
    return store.CASES.change(tx, case, rules.hand_over(case, person, to, tx.now))


def add_note(tx: Tx, case_id: CaseId, person: PersonId, words: str) -> None:
    """Leave a note for colleagues.

    Raises:
        Invalid: empty or too long.
        Conflict: the person it speaks of was erased.

    """
    if not 1 <= len(words.strip()) <= REASON_CHARS_MAX:
        raise Invalid("bad-note", f"a note has 1 to {REASON_CHARS_MAX} characters", where="note")
    case = store.CASES.load(tx.conn, case_id)
    subject = subject_of(tx, case)
    if tx.vault.is_destroyed(subject):
        raise Conflict("erased", "the person this case is about was erased; nothing more is written about them")
    tx.record(NoteAdded(case_id, person), {subject: words.strip().encode()})
    store.put_note(tx, fresh("not", tx.now), case_id, person, subject, words.strip())


def seal(tx: Tx, case_id: CaseId, person: PersonId) -> Case:
    """Suspected child abuse: out of every view at once."""
    case = store.CASES.load(tx.conn, case_id)
    return store.CASES.change(tx, case, rules.seal(case, person, tx.now))


def open_media(tx: Tx, case_id: CaseId, item: ItemId, person: PersonId, points: int) -> int:
    """Media of an item was opened: an event, and points against the person's own budget.

    Returns the points of the shift so far. Never refuses for the budget: it pages, it does not block.

    Raises:
        Conflict: the item is not of this case, or the case is sealed.

    """
    case = store.CASES.load(tx.conn, case_id)
    if case.state is CaseState.SEALED:
        raise Conflict("sealed", "this case is sealed")
    if all(i.item != item for i in case.items):
        raise Conflict("not-of-this-case", "this item does not belong to the case")
    tx.record(MediaOpened(case_id, item, person, points))
    row = {"id": fresh("exp", tx.now), "person": person, "case": case_id, "item": item}
    tx.add(store.exposure, row | {"points": points, "at": tx.now})
    return store.points_since(tx.conn, person, tx.now - _SHIFT)


def proposed(tx: Tx, case_id: CaseId, decision: DecisionId, person: PersonId) -> None:
    """A decision was proposed and needs a second person."""
    case = store.CASES.load(tx.conn, case_id)
    store.CASES.change(tx, case, rules.ask_second(case, decision, person))


def decided(tx: Tx, case_id: CaseId, decision: DecisionId, *, confirmed: bool) -> None:
    """A decision stands: the case is closed; `confirmed` when something is restricted."""
    case = store.CASES.load(tx.conn, case_id)
    events = rules.close(case, decision, tx.now, confirmed=confirmed)
    if events:
        store.CASES.change(tx, case, events)


def reopen(tx: Tx, case_id: CaseId, why: str) -> None:
    """The decision was undone or declined."""
    case = store.CASES.load(tx.conn, case_id)
    events = rules.reopen(case, why)
    if events:
        store.CASES.change(tx, case, events)


def overturned(tx: Tx, case_id: CaseId, decision: DecisionId) -> None:
    """The decision was found wrong later."""
    case = store.CASES.load(tx.conn, case_id)
    events = rules.overturn(case, decision)
    if events:
        store.CASES.change(tx, case, events)


def withdraw_of_item(tx: Tx, item: ItemId, why: str) -> None:
    """The item is gone; a case about nothing else has lost its object, and who gave notice is told so."""
    case = store.open_of_item(tx.conn, item)
    if case is None:
        return
    others = [i.item for i in case.items if i.item != item]
    live = [i for i in others if content.ITEMS.load(tx.conn, i).state == "live"]
    if not live:
        store.CASES.change(tx, case, rules.withdraw(case, why, tx.now))


def end_leases(tx: Tx, limit: int) -> int:
    """Cases whose holder's lease is over are free again."""
    overdue = store.overdue_leases(tx.conn, tx.now, limit)
    for case in overdue:
        store.CASES.change(tx, case, rules.end_lease(case, tx.now))
    return len(overdue)


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """What a notifier handed in (DSA Art 16(2)): (a) explanation, (b) address, (c) name and e-mail, (d) good faith.

    `is_report`: it came by the platform's own report button, which asks for no e-mail and no statement of good faith.
    """

    url: str
    explanation: str
    name: str
    email: str
    good_faith: bool
    is_report: bool = False


@dataclass(frozen=True, slots=True)
class Promised:
    """What a notifier is told before their notice is in the record: its id, its reference, the token of their page."""

    id: ReportId
    reference: str
    token: str = field(repr=False)


def promise_notice(now: datetime) -> Promised:
    """What a notice that comes in now will be called."""
    return Promised(ReportId(fresh("ntc", now)), spoken_code(), secret_token())


def receive_notice(
    tx: Tx, given: NoticeGiven, item: Item | None, promised: Promised | None = None
) -> tuple[Notice, str]:
    """Take in a notice; returns it and the token of the notifier's page. A case opens or joins.

    Raises:
        Invalid: an element of Art 16(2) is missing or too long.

    """
    check_notice(given)
    promised = promised or promise_notice(tx.now)
    notice_id, subject = promised.id, SubjectId(fresh("sub", tx.now))
    event = NoticeReceived(notice_id, promised.reference, item.id if item else None, tx.now)
    words = {"url": given.url, "explanation": given.explanation, "name": given.name, "email": given.email}
    notice = store.NOTICES.change(tx, None, [event], {subject: given.explanation.encode()})
    store.put_notice_words(tx, notice_id, subject, words, promised.token)
    if item is not None:
        content.keep(tx, item.id, item.revision, "notice", {})
        open_for_item(tx, item, (), None, (notice_id,))
    else:
        parts = priority.parts((), notices=1, earlier=0, copies=1)
        _open(tx, CaseKind.NOTICE, (), None, None, parts, (notice_id,))
    return notice, promised.token


def answer_notices(tx: Tx, case_id: CaseId, decision: DecisionId | None, outcome: str) -> None:
    """Everybody who gave notice can read what was decided (DSA Art 16(5))."""
    case = store.CASES.load(tx.conn, case_id)
    for notice_id in case.notices:
        notice = store.NOTICES.load(tx.conn, notice_id)
        store.NOTICES.change(tx, notice, [NoticeAnswered(notice_id, decision, outcome, tx.now)])


def subject_of(tx: Tx, case: Case) -> SubjectId:
    """Whose data a case is about: the account, or the case itself where nobody was located."""
    if case.account is not None:
        return content.subject_of(case.account)
    if case.items:
        return content.subject_of(content.ITEMS.load(tx.conn, case.items[0].item).account)
    return SubjectId(case.id)


def confirmed_of_account(tx: Tx, account: AccountId) -> int:
    """How many of the account's newest items ended in a restriction that still stands."""
    items = content.items_of_account(tx.conn, account)
    return sum(any(case.confirmed for case in store.of_item(tx.conn, item.id)) for item in items)


def _open(
    tx: Tx,
    kind: CaseKind,
    items: tuple[CaseItem, ...],
    account: AccountId | None,
    cluster: str | None,
    parts: tuple[Part, ...],
    notices: tuple[ReportId, ...],
) -> Case:
    case_id = CaseId(fresh("cas", tx.now))
    event = CaseOpened(case_id, _reference(tx), kind, items, account, cluster, parts, notices, tx.now)
    case = store.CASES.change(tx, None, [event])
    store.put_items(tx, case_id, items)
    return case


def _reference(tx: Tx) -> str:
    return reference(tx.now, lambda ref: store.by_ref(tx.conn, ref) is not None)


def _with_notices(old: tuple[Part, ...], new: tuple[Part, ...]) -> tuple[Part, ...]:
    """A notice joins a case that a match opened: keep the match's lines, renew the notices' line."""
    kept = tuple(part for part in old if part.code != "notices")
    return (*(part for part in new if part.code == "notices"), *kept)


def check_notice(given: NoticeGiven) -> None:
    """Whether a notice is complete.

    Raises:
        Invalid: an element of Art 16(2) is missing or too long.

    """
    for where, value, chars_max in (
        ("url", given.url, URL_CHARS_MAX),
        ("explanation", given.explanation, NOTICE_CHARS_MAX),
        ("name", given.name, NAME_CHARS_MAX),
        ("email", given.email, EMAIL_CHARS_MAX),
    ):
        if not value.strip() and not (given.is_report and where == "email"):
            raise Invalid("missing", f"a notice needs {where} (DSA Art 16(2))", where=where)
        if len(value) > chars_max:
            raise Invalid("too-long", f"{where} has more than {chars_max} characters", where=where)
    if not given.good_faith and not given.is_report:
        raise Invalid(
            "no-good-faith", "confirm that the notice is made in good faith (Art 16(2)(d))", where="good_faith"
        )
