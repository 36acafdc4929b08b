"""The tables of `cases`.

Owns: case, case_item, case_note, notice, notice_words, exposure.
Promises: what notifiers and moderators wrote is sealed: a notice under the notifier's own key, a note
under the key of the account it speaks of.
Never does: be written by anybody else.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, func, select

from beffroi.ground.kernel.ids import CaseId, ItemId, PersonId, ReportId, SubjectId
from beffroi.ground.kernel.limits import EXPOSURE_DAYS, LOOK_AGAIN_D
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table

from . import rules
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
    SecondAsked,
)

case_table = table(
    "case",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ref", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("account", Text),
    Column("cluster", Text),
    Column("priority", Integer, nullable=False),
    Column("claimed_by", Text),
    Column("lease_until", Instant),
    Column("opened_at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_case_queue", "state", "priority", "opened_at"),
    Index("ix_case_cluster", "cluster", "state"),
    Index("ix_case_account", "account", "state"),
    Index("ix_case_lease", "state", "lease_until"),
)
case_item = table(
    "case_item",
    Column("item", Text, primary_key=True),
    Column("case", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
)
case_note = table(
    "case_note",
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
    Index("ix_case_note_case", "case", "at"),
)
notice_table = table(
    "notice",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", Text, nullable=False, unique=True),
    Column("item", Text),
    Column("received_at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_notice_item", "item"),
)
notice_words = table(
    "notice_words",
    Column("notice", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("digest", Octets, nullable=False, unique=True),
    Column("look_at", Instant, index=True),
)
exposure = table(
    "exposure",
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Index("ix_exposure_person", "person", "at"),
)

_CASE = TypeAdapter(Case)
_NOTICE = TypeAdapter(Notice)
_COLUMNS = (
    "id", "ref", "kind", "state", "account", "cluster", "priority", "claimed_by", "lease_until", "opened_at",
)  # fmt: skip

CASES: Rows[Case] = Rows(
    case_table,
    "case",
    (
        CaseOpened,
        CaseJoined,
        CaseClaimed,
        CaseReleased,
        CaseHandedOver,
        SecondAsked,
        CaseDecided,
        CaseReopened,
        CaseOverturned,
        CaseWithdrawn,
        CaseSealed,
    ),
    rules.apply,
    lambda case: {name: getattr(case, name) for name in _COLUMNS} | {"body": _CASE.dump_python(case, mode="json")},
    lambda row: _CASE.validate_python(row["body"]),
)
NOTICES: Rows[Notice] = Rows(
    notice_table,
    "notice",
    (NoticeReceived, NoticeAnswered),
    rules.apply_notice,
    lambda n: (
        {"id": n.id, "reference": n.reference, "item": n.item, "received_at": n.received_at}
        | {"body": _NOTICE.dump_python(n, mode="json")}
    ),
    lambda row: _NOTICE.validate_python(row["body"]),
)


def put_items(tx: Tx, case: CaseId, items: tuple[CaseItem, ...]) -> None:
    """Which items (and revisions) belong to the case."""
    tx.add(case_item, [{"item": i.item, "case": case, "revision": i.revision} for i in items])


def by_ref(conn: Connection, ref: str) -> Case | None:
    """The case that people call this."""
    found = CASES.find(conn, select(case_table).where(case_table.c.ref == ref))
    return found[0] if found else None


def open_of_item(conn: Connection, item: ItemId) -> Case | None:
    """The open case of an item, whatever its revision."""
    query = select(case_table).join(case_item, case_item.c.case == case_table.c.id)
    of_item = (case_item.c.item == item) & case_table.c.state.in_(sorted(rules.OPEN))
    found = CASES.find(conn, query.where(of_item).order_by(case_table.c.id).limit(1))
    return found[0] if found else None


def open_of_cluster(conn: Connection, cluster: str) -> Case | None:
    """The open case of near-identical items that match this entry."""
    of_cluster = (case_table.c.cluster == cluster) & (case_table.c.state == CaseState.OPEN)
    found = CASES.find(conn, select(case_table).where(of_cluster).order_by(case_table.c.id).limit(1))
    return found[0] if found else None


def of_item(conn: Connection, item: ItemId) -> list[Case]:
    """All cases of an item, newest first."""
    query = select(case_table).join(case_item, case_item.c.case == case_table.c.id)
    return CASES.find(conn, query.where(case_item.c.item == item).order_by(case_table.c.id.desc()).distinct())


def of_account(conn: Connection, account: str) -> list[Case]:
    """All cases about an account itself, newest first."""
    return CASES.find(conn, select(case_table).where(case_table.c.account == account).order_by(case_table.c.id.desc()))


def queue(conn: Connection, *, limit: int, states: tuple[CaseState, ...] = (CaseState.OPEN,)) -> list[Case]:
    """Open cases by priority, oldest first among equals."""
    c = case_table.c
    query = select(case_table).where(c.state.in_([state.value for state in states]))
    return CASES.find(conn, query.order_by(c.priority.desc(), c.opened_at, c.id).limit(limit))


def count_open(conn: Connection) -> int:
    """How many cases wait."""
    query = select(func.count()).select_from(case_table).where(case_table.c.state.in_(sorted(rules.OPEN)))
    return int(conn.execute(query).scalar_one())


def overdue_leases(conn: Connection, now: datetime, limit: int) -> list[Case]:
    """Open cases whose holder's lease is over."""
    c = case_table.c
    over = c.state.in_(sorted(rules.OPEN)) & c.claimed_by.is_not(None) & (c.lease_until <= now)
    return CASES.find(conn, select(case_table).where(over).limit(limit))


def put_note(tx: Tx, note: str, case: CaseId, by: PersonId, subject: SubjectId, words: str) -> None:
    """Seal a moderator's note under the account it speaks of."""
    row: dict[str, Any] = {"id": note, "case": case, "by": by, "at": tx.now, "subject": subject}
    row |= {"sealed": tx.vault.seal(subject, words.encode(), "case note"), "look_at": _first_look(tx)}
    tx.add(case_note, row)


def notes(conn: Connection, vault: Vault, case: CaseId) -> list[tuple[PersonId, datetime, str]]:
    """Readable notes of a case, oldest first."""
    found = []
    for row in conn.execute(select(case_note).where(case_note.c.case == case).order_by(case_note.c.at)).mappings():
        plain = vault.open(row["subject"], row["sealed"], "case note")
        if plain is not None:
            found.append((PersonId(row["by"]), row["at"], plain.decode()))
    return found


def put_notice_words(tx: Tx, notice: ReportId, subject: SubjectId, words: dict[str, Any], token: str) -> None:
    """Seal what a notifier wrote; `token` is that of their own page."""
    sealed = tx.vault.seal(subject, json.dumps(words, ensure_ascii=False).encode(), "notice")
    digest = hashlib.sha256(token.encode()).digest()
    row = {"notice": notice, "subject": subject, "sealed": sealed, "digest": digest, "look_at": _first_look(tx)}
    tx.add(notice_words, row)


def read_notice(conn: Connection, vault: Vault, notice: ReportId) -> dict[str, Any] | None:
    """What the notifier wrote; None once erased."""
    row = conn.execute(select(notice_words).where(notice_words.c.notice == notice)).mappings().first()
    plain = None if row is None else vault.open(row["subject"], row["sealed"], "notice")
    return None if plain is None else json.loads(plain)


def notice_by_token(conn: Connection, token: str) -> Notice | None:
    """The notice behind a notifier's link."""
    query = select(notice_table).join(notice_words, notice_words.c.notice == notice_table.c.id)
    digest = hashlib.sha256(token.encode()).digest()
    found = NOTICES.find(conn, query.where(notice_words.c.digest == digest))
    return found[0] if found else None


def opened_since(conn: Connection, case: CaseId, person: PersonId, since: datetime) -> frozenset[ItemId]:
    """Items of a case whose media this person opened since an instant."""
    c = exposure.c
    query = select(c.item).where(c.case == case, c.person == person, c.at > since)
    return frozenset(ItemId(item) for item in conn.execute(query).scalars())


def has_notes(conn: Connection, subject: SubjectId) -> bool:
    """Whether a note speaks of this subject."""
    return conn.execute(select(case_note.c.id).where(case_note.c.subject == subject).limit(1)).first() is not None


def notice_of_subject(conn: Connection, subject: SubjectId) -> Notice | None:
    """The notice whose words are sealed under this subject's key."""
    query = select(notice_table).join(notice_words, notice_words.c.notice == notice_table.c.id)
    found = NOTICES.find(conn, query.where(notice_words.c.subject == subject))
    return found[0] if found else None


def notifier_by_reference(conn: Connection, reference: str) -> SubjectId | None:
    """Whose notice is called this; None once they were erased."""
    query = select(notice_words.c.subject).join(notice_table, notice_words.c.notice == notice_table.c.id)
    found = conn.execute(query.where(notice_table.c.reference == reference)).scalar()
    return None if found is None else SubjectId(found)


def notifiers(conn: Connection) -> set[SubjectId]:
    """The subjects of all notices whose words are kept."""
    return {SubjectId(subject) for subject in conn.execute(select(notice_words.c.subject)).scalars()}


def points_since(conn: Connection, person: PersonId, since: datetime) -> int:
    """Exposure points of a person since an instant."""
    c = exposure.c
    query = select(func.coalesce(func.sum(c.points), 0)).where(c.person == person, c.at >= since)
    return int(conn.execute(query).scalar_one())


def _first_look(tx: Tx) -> datetime:
    return tx.now + timedelta(days=LOOK_AGAIN_D)


def _clear_notes(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(case_note).where(case_note.c.subject == subject))


def _clear_words(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(notice_words).where(notice_words.c.subject == subject))


def _clear_exposure(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(exposure).where(exposure.c.person == subject))


_FACTS = Retention("as long as the node's record; holds no personal data of users")
RECORDS = (
    Keeping(case_table, "what waited for whom (DESIGN §5)", _FACTS),
    Keeping(case_item, "which items a case is about", _FACTS),
    Keeping(
        case_note,
        "what moderators told one another",
        Retention("until the remedies against the decision have ended", asked=True),
        sealed=("sealed",),
        clear=_clear_notes,
    ),
    Keeping(notice_table, "notices and their answers (DSA Art 16)", _FACTS),
    Keeping(
        notice_words,
        "what a notifier wrote, name and e-mail (DSA Art 16(2))",
        Retention("until the notifier's own remedies against the answer have ended", asked=True),
        sealed=("sealed",),
        cleared=("digest",),
        clear=_clear_words,
    ),
    Keeping(
        exposure,
        "what reviewers were exposed to; seen by themselves only",
        Retention(f"{EXPOSURE_DAYS} days", over=lambda _c, now: exposure.c.at <= now - timedelta(days=EXPOSURE_DAYS)),
        cleared=("person",),
        clear=_clear_exposure,
    ),
)
