"""What the case page, the decision page and the histories show: what was posted, found, decided and done.

Owns: reading across content, matching, cases, decisions and actions.
Promises: text, provenance and match facts; media only as a closed description (DESIGN §5.13).
Never does: change anything, or open media.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from beffroi.cases import store as cases_store
from beffroi.cases import views as cases_views
from beffroi.cases.model import Case
from beffroi.cases.views import NoticeRead, QueueRow
from beffroi.content import store as content
from beffroi.content.model import Item, Posted
from beffroi.decisions import policies
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Clause, Decision, GroundKind, Policy, StandingRule
from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import AccountId, CaseId, DecisionId, ItemId, PersonId
from beffroi.ground.kernel.limits import EVENTS_SHOWN_MAX
from beffroi.ground.ledger import store as ledger
from beffroi.ground.storage import Vault
from beffroi.ground.storage.events import StoredEvent, event_table
from beffroi.ground.storage.events import read as read_events
from beffroi.matching import store as matching_store
from beffroi.matching import views as matching_views
from beffroi.matching.explain import Explanation
from beffroi.matching.model import Entry, Match

from . import store
from .model import Restriction


@dataclass(frozen=True, slots=True)
class ItemRead:
    """One item with what it says; `posted` is None once its words are gone."""

    item: Item
    posted: Posted | None
    matches: tuple[Explanation, ...]
    restrictions: tuple[Restriction, ...]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Stretches of the text to mark, merged and in order."""
        return tuple(sorted({span for match in self.matches for span in match.spans}))


@dataclass(frozen=True, slots=True)
class DecisionRead:
    """A decision with its clause, its sealed sentences and what it led to."""

    decision: Decision
    clause: Clause | None
    rule: StandingRule | None
    notes: dict[str, str]
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class AccountRead:
    """An account: what it says of itself, what it posted, what was decided."""

    account: AccountId
    platform_id: str | None
    first_seen_at: datetime
    profile: dict[str, Any]
    items: tuple[Item, ...]
    decisions: tuple[DecisionRead, ...]
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything on the case page, in the order in which it is read."""

    row: QueueRow
    items: tuple[ItemRead, ...]
    notices: tuple[NoticeRead, ...]
    account: AccountRead | None
    decisions: tuple[DecisionRead, ...]
    notes: tuple[tuple[PersonId, datetime, str], ...]
    policies: tuple[Policy, ...]

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.row.case

    @property
    def lead(self) -> ItemRead | None:
        """The newest item: the one that is shown first."""
        return self.items[-1] if self.items else None


def case_page(conn: Connection, vault: Vault, case_id: CaseId, person: PersonId, now: datetime) -> CasePage:
    """One case.

    Raises:
        NotFound: there is none, or it is sealed.

    """
    case = cases_store.CASES.load(conn, case_id)
    if case.state == "sealed":
        raise NotFound("no-such-case", "there is no case with this id")
    ids = tuple(dict.fromkeys(i.item for i in case.items))
    items = tuple(item_read(conn, vault, item) for item in ids)
    account_id = case.account or (items[-1].item.account if items else None)
    return CasePage(
        row=cases_views.row(conn, vault, case, person, now),
        items=items,
        notices=cases_views.notices(conn, vault, case.notices),
        account=account_read(conn, vault, account_id) if account_id else None,
        decisions=tuple(decision_read(conn, vault, d) for d in decisions_store.of_case(conn, case_id)),
        notes=tuple(cases_store.notes(conn, vault, case_id)),
        policies=tuple(decisions_store.all_policies(conn)),
    )


def item_read(conn: Connection, vault: Vault, item_id: ItemId, revision: int | None = None) -> ItemRead:
    """One item at its newest revision, or at `revision`.

    Raises:
        NotFound: there is none.

    """
    item = content.ITEMS.load(conn, item_id)
    wanted = revision or item.revision
    return ItemRead(
        item=item,
        posted=content.posted(conn, vault, item_id, wanted),
        matches=matching_views.matches(conn, item_id, wanted),
        restrictions=tuple(store.of_item(conn, item_id)),
    )


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """All that happened to an item. `revisions` are newest first; `events` newest first, with their place in the log.

    The place is None while an event waits for its leaf.
    """

    read: ItemRead
    revisions: tuple[ItemRead, ...]
    cases: tuple[Case, ...]
    decisions: tuple[DecisionRead, ...]
    events: tuple[tuple[StoredEvent, int | None], ...]


def item_history(conn: Connection, vault: Vault, item_id: ItemId) -> ItemHistory:
    """An item with its cases and decisions, newest first; sealed cases make it unknown.

    Raises:
        NotFound: there is none, or one of its cases is sealed.

    """
    cases = cases_store.of_item(conn, item_id)
    if _is_sealed(conn, item_id):
        raise NotFound("no-such-item", "there is no item with this id")
    decisions = tuple(decision_read(conn, vault, d) for d in decisions_store.of_item(conn, item_id))
    read = item_read(conn, vault, item_id)
    about = [item_id, *(case.id for case in cases), *(each.decision.id for each in decisions)]
    return ItemHistory(
        read=read,
        revisions=tuple(item_read(conn, vault, item_id, number) for number in range(read.item.revision, 0, -1)),
        cases=tuple(cases),
        decisions=decisions,
        events=_events(conn, [*about, *(restriction.id for restriction in read.restrictions)]),
    )


def _events(conn: Connection, ids: Sequence[str]) -> tuple[tuple[StoredEvent, int | None], ...]:
    """The newest events about any of these rows, with their places in the log."""
    c = event_table.c
    about = select(event_table).where(c.aggregate_id.in_(ids)).order_by(c.seq.desc()).limit(EVENTS_SHOWN_MAX)
    return tuple((event, ledger.position_of(conn, event.id)) for event in list(read_events(conn, about)))


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in a list: what it calls itself, and the newest of the decisions about it or its posts."""

    account: AccountId
    name: str
    decision: Decision
    restrictions: tuple[Restriction, ...]


def accounts_decided(conn: Connection, vault: Vault, limit: int) -> tuple[AccountLine, ...]:
    """Accounts of the newest decisions, each once; those without any decision are in no list."""
    newest: dict[AccountId, Decision] = {}
    for one in decisions_store.newest(conn, limit):
        account = one.account or (content.ITEMS.load(conn, one.items[0].item).account if one.items else None)
        if account is not None:
            newest.setdefault(account, one)
    return tuple(_account_line(conn, vault, account, one) for account, one in newest.items())


def _account_line(conn: Connection, vault: Vault, account: AccountId, one: Decision) -> AccountLine:
    profile = content.profile(conn, vault, account) or {}
    return AccountLine(account, str(profile.get("name", "")), one, tuple(store.of_account(conn, account)))


def account_read(conn: Connection, vault: Vault, account_id: AccountId) -> AccountRead:
    """An account with what it posted and what was decided about any of it.

    Raises:
        NotFound: there is none.

    """
    account = content.ACCOUNTS.load(conn, account_id)
    items = tuple(item for item in content.items_of_account(conn, account_id) if not _is_sealed(conn, item.id))
    about = {d.id: d for d in decisions_store.of_account(conn, account_id)}
    for item in items:
        about |= {d.id: d for d in decisions_store.of_item(conn, item.id)}
    newest = sorted(about.values(), key=lambda d: d.decided_at, reverse=True)
    return AccountRead(
        account=account_id,
        platform_id=content.platform_id_of_account(conn, account_id),
        first_seen_at=account.first_seen_at,
        profile=content.profile(conn, vault, account_id) or {},
        items=items,
        decisions=tuple(decision_read(conn, vault, d) for d in newest),
        restrictions=tuple(store.of_account(conn, account_id)),
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """A match of a bank that only observes, with the words in which it was found; None once they are gone."""

    match: Match
    entry: Entry
    posted: Posted | None


def samples(conn: Connection, vault: Vault, matches: Sequence[Match]) -> tuple[Sample, ...]:
    """Matches with what was posted; items of sealed cases are left out."""
    entries = matching_store.entries(conn, {match.entry for match in matches})
    open_ones = [match for match in matches if not _is_sealed(conn, match.item)]
    return tuple(
        Sample(match, entries[match.entry], content.posted(conn, vault, match.item, match.revision))
        for match in open_ones
    )


def _is_sealed(conn: Connection, item: ItemId) -> bool:
    return any(case.state == "sealed" for case in cases_store.of_item(conn, item))


def decision(conn: Connection, vault: Vault, decision_id: DecisionId) -> DecisionRead:
    """One decision.

    Raises:
        NotFound: there is none.

    """
    return decision_read(conn, vault, decisions_store.DECISIONS.load(conn, decision_id))


def decision_read(conn: Connection, vault: Vault, one: Decision) -> DecisionRead:
    """A decision with what belongs to it."""
    clause = None
    if one.ground is not None and one.ground.kind is GroundKind.TERMS:
        clause = policies.clause_of(conn, one.ground)
    return DecisionRead(
        decision=one,
        clause=clause,
        rule=decisions_store.RULES.load(conn, one.rule) if one.rule else None,
        notes=decisions_store.notes(conn, vault, one.id),
        restrictions=tuple(store.of_decision(conn, one.id)),
    )
