"""What the queue shows.

Owns: reading, for pages and the API.
Promises: never a thumbnail, never media; a sealed case is not listed.
Never does: change anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from beffroi.content import store as content
from beffroi.content.model import Item, Posted
from beffroi.ground.kernel.ids import PersonId, ReportId
from beffroi.ground.storage import Vault

from . import rules, store
from .model import Case, CaseKind, CaseState, Half, Notice, half_points

_EXCERPT_CHARS = 80
SHIFT = timedelta(hours=12)
"""Exposure is counted over a shift."""


class Turn(StrEnum):
    """Whose turn it is, as the reader sees it."""

    FREE = "free"
    YOU = "you"
    SOMEBODY = "somebody"
    NEEDS_SECOND = "needs_second"
    NOT_FOR_YOU = "not_for_you"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in the queue. `lease_left_s` while somebody holds it."""

    case: Case
    excerpt: str
    has_media: bool
    language: str | None
    turn: Turn
    holder: PersonId | None
    lease_left_s: int
    confidence: int
    severity: int
    copies: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as one person sees it."""

    rows: tuple[QueueRow, ...]
    waiting: int
    points_seen: int
    points_budget: int


def queue(conn: Connection, vault: Vault, person: PersonId, now: datetime, *, budget: int, limit: int = 100) -> Queue:
    """Open cases by priority; those handed to this person first, those they skipped last."""
    cases = store.queue(conn, limit=limit, states=(CaseState.OPEN, CaseState.AWAITS_SECOND))
    mine = [c for c in cases if c.for_person in {None, person}]
    mine.sort(key=lambda c: (c.for_person != person, person in c.skipped_by, -c.priority, c.opened_at))
    rows = tuple(row(conn, vault, case, person, now) for case in mine)
    return Queue(rows, store.count_open(conn), store.points_since(conn, person, now - SHIFT), budget)


def row(conn: Connection, vault: Vault, case: Case, person: PersonId, now: datetime) -> QueueRow:
    """One case as one person sees it in a list."""
    item, posted = lead(conn, vault, case)
    held = rules.holder(case, now)
    left = int((case.lease_until - now).total_seconds()) if held is not None and case.lease_until is not None else 0
    return QueueRow(
        case=case,
        excerpt=_excerpt(posted),
        has_media=bool(item and item.media_count),
        language=item.language if item else None,
        turn=turn(case, person, now),
        holder=held,
        lease_left_s=left,
        confidence=half_points(case.parts, Half.CONFIDENCE),
        severity=half_points(case.parts, Half.SEVERITY),
        copies=len({i.item for i in case.items}),
    )


def turn(case: Case, person: PersonId, now: datetime) -> Turn:
    """Whose turn it is."""
    held = rules.holder(case, now)
    if held == person:
        return Turn.YOU
    if held is not None:
        return Turn.SOMEBODY
    if case.state is CaseState.AWAITS_SECOND:
        return Turn.NOT_FOR_YOU if case.proposed_by == person else Turn.NEEDS_SECOND
    return Turn.FREE


def lead(conn: Connection, vault: Vault, case: Case) -> tuple[Item | None, Posted | None]:
    """The newest item of a case and its newest readable revision."""
    if not case.items:
        return None, None
    item = content.ITEMS.load(conn, case.items[-1].item)
    return item, content.posted(conn, vault, item.id, item.revision)


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """A notice with its words, or without them once they are gone."""

    notice: Notice
    url: str | None
    explanation: str | None
    name: str | None


def notices(conn: Connection, vault: Vault, ids: tuple[ReportId, ...]) -> tuple[NoticeRead, ...]:
    """The notices of a case, for its moderator; never the notifier's e-mail."""
    found = []
    for notice_id in ids:
        words = store.read_notice(conn, vault, notice_id) or {}
        notice = store.NOTICES.load(conn, notice_id)
        found.append(NoticeRead(notice, words.get("url"), words.get("explanation"), words.get("name")))
    return tuple(found)


def notice_status(conn: Connection, token: str) -> Notice | None:
    """What a notifier's own page shows."""
    return store.notice_by_token(conn, token)


def _excerpt(posted: Posted | None) -> str:
    text = " ".join(posted.text.split()) if posted is not None else ""
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS].rstrip() + " …"


__all__ = ["CaseKind", "NoticeRead", "Queue", "QueueRow", "Turn", "lead", "notice_status", "notices", "queue", "row"]
