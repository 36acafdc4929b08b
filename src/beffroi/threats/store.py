"""The tables of `threats`.

Owns: threat, threat_letter, threat_link, recipient.
Promises: a letter is sealed under the key of the account it speaks of; the token by which a recipient confirms is
found by its digest and sealed beside it.
Never does: be written by anybody else.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Text, delete, select

from beffroi.ground.kernel.ids import CaseId, RecipientId, SubjectId, ThreatId, secret_token
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Instant, Json, Octets, Rows, Tx, Vault, table

from . import routing, rules
from .letter import ThreatNotification
from .model import RECIPIENT_EVENTS, THREAT_EVENTS, Recipient, RecipientState, Threat, ThreatState

threat_table = table(
    "threat",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ref", Text, nullable=False, unique=True),
    Column("case", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ring_at", Instant, index=True),
    Column("second_due_at", Instant, index=True),
    Column("body", Json, nullable=False),
    Index("ix_threat_case", "case"),
    Index("ix_threat_state", "state", "opened_at"),
)
threat_letter = table(
    "threat_letter",
    Column("threat", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)
threat_link = table(
    "threat_link",
    Column("threat", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("digest", Octets, nullable=False, unique=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)
recipient_table = table(
    "recipient",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
)

_THREAT = TypeAdapter(Threat)
_RECIPIENT = TypeAdapter(Recipient)

THREATS: Rows[Threat] = Rows(
    threat_table,
    "threat",
    THREAT_EVENTS,
    rules.apply,
    lambda t: {
        "id": t.id,
        "ref": t.ref,
        "case": t.case,
        "state": t.state.value,
        "opened_at": t.opened_at,
        "ring_at": t.ring_at,
        "second_due_at": rules.second_due_at(t),
        "body": _THREAT.dump_python(t, mode="json"),
    },
    lambda row: _THREAT.validate_python(row["body"]),
)
RECIPIENTS: Rows[Recipient] = Rows(
    recipient_table,
    "recipient",
    RECIPIENT_EVENTS,
    routing.apply,
    lambda r: {"id": r.id, "state": r.state.value, "body": _RECIPIENT.dump_python(r, mode="json")},
    lambda row: _RECIPIENT.validate_python(row["body"]),
)


@dataclass(frozen=True, slots=True)
class LinkRead:
    """What a recipient's link stands for."""

    threat: ThreatId
    number: int
    recipient: RecipientId


def by_ref(conn: Connection, ref: str) -> Threat | None:
    """The warning that people call this."""
    found = THREATS.find(conn, select(threat_table).where(threat_table.c.ref == ref))
    return found[0] if found else None


def draft_of_case(conn: Connection, case: CaseId) -> Threat | None:
    """The draft that somebody opened from a case."""
    of_case = (threat_table.c.case == case) & (threat_table.c.state == ThreatState.DRAFT)
    found = THREATS.find(conn, select(threat_table).where(of_case).order_by(threat_table.c.id).limit(1))
    return found[0] if found else None


def of_case(conn: Connection, case: CaseId) -> list[Threat]:
    """All warnings of a case, newest first."""
    return THREATS.find(
        conn, select(threat_table).where(threat_table.c.case == case).order_by(threat_table.c.id.desc())
    )


def newest(conn: Connection, limit: int, states: Sequence[ThreatState] = tuple(ThreatState)) -> list[Threat]:
    """The last warnings, newest first."""
    c = threat_table.c
    query = select(threat_table).where(c.state.in_([state.value for state in states]))
    return THREATS.find(conn, query.order_by(c.opened_at.desc(), c.id.desc()).limit(limit))


def due_to_ring(conn: Connection, now: datetime, limit: int) -> list[Threat]:
    """Warnings that wait for somebody, whose time to page has come."""
    c = threat_table.c
    return THREATS.find(conn, select(threat_table).where(c.ring_at <= now).order_by(c.ring_at).limit(limit))


def waiting(conn: Connection) -> list[Threat]:
    """Warnings that somebody must act on now: drafts, and those that are not confirmed."""
    c = threat_table.c
    return THREATS.find(conn, select(threat_table).where(c.ring_at.is_not(None)).order_by(c.ring_at))


def is_unseconded(conn: Connection, now: datetime) -> bool:
    """Whether no second person looked within the day."""
    c = threat_table.c
    return conn.execute(select(c.id).where(c.second_due_at <= now).limit(1)).first() is not None


def register(conn: Connection) -> list[Recipient]:
    """Every entry of the register that has not ended, in the order in which they were pinned."""
    c = recipient_table.c
    return RECIPIENTS.find(conn, select(recipient_table).where(c.state != RecipientState.ENDED).order_by(c.id))


# ── letters and links ─────────────────────────────────────────────────────────────────────────────


def put_letter(tx: Tx, threat: ThreatId, number: int, subject: SubjectId, letter: ThreatNotification) -> None:
    """Seal and store what leaves."""
    sealed = tx.vault.seal(subject, letter.data(), "warning")
    row = {"threat": threat, "number": number, "subject": subject, "sealed": sealed, "look_at": _first_look(tx)}
    tx.add(threat_letter, row)


def letter(conn: Connection, vault: Vault, threat: ThreatId, number: int) -> ThreatNotification | None:
    """A letter as it left; None once its time is over, or the account was erased."""
    of_letter = (threat_letter.c.threat == threat) & (threat_letter.c.number == number)
    row = conn.execute(select(threat_letter).where(of_letter)).mappings().first()
    plain = None if row is None else vault.open(row["subject"], row["sealed"], "warning")
    return None if plain is None else ThreatNotification.model_validate_json(plain)


def has_letters(conn: Connection, subject: SubjectId) -> bool:
    """Whether a letter speaks of this subject."""
    c = threat_letter.c
    return conn.execute(select(c.threat).where(c.subject == subject).limit(1)).first() is not None


def subject_of(conn: Connection, threat: ThreatId) -> SubjectId | None:
    """Under whose key the letters of a warning are sealed."""
    c = threat_letter.c
    found = conn.execute(select(c.subject).where(c.threat == threat).limit(1)).scalar()
    return None if found is None else SubjectId(found)


def of_subject(conn: Connection, subject: SubjectId) -> list[Threat]:
    """The warnings that speak of a subject, as long as their letters are kept."""
    c = threat_letter.c
    about = select(c.threat).where(c.subject == subject)
    return THREATS.find(conn, select(threat_table).where(threat_table.c.id.in_(about)))


def make_link(tx: Tx, threat: ThreatId, number: int, recipient: RecipientId, subject: SubjectId) -> None:
    """A fresh unguessable token (256 bits) by which this recipient confirms this letter."""
    token = secret_token()
    row = {"threat": threat, "number": number, "recipient": recipient, "subject": subject, "digest": _digest(token)}
    sealed = tx.vault.seal(subject, token.encode(), "receipt link")
    tx.add(threat_link, row | {"sealed": sealed, "look_at": _first_look(tx)})


def token_of(conn: Connection, vault: Vault, threat: ThreatId, number: int, recipient: RecipientId) -> str | None:
    """The token, to put into the e-mail; None once it is gone."""
    c = threat_link.c
    of_letter = (c.threat == threat) & (c.number == number) & (c.recipient == recipient)
    row = conn.execute(select(threat_link).where(of_letter)).mappings().first()
    plain = None if row is None else vault.open(row["subject"], row["sealed"], "receipt link")
    return None if plain is None else plain.decode()


def by_token(conn: Connection, token: str) -> LinkRead | None:
    """What a link stands for, or None."""
    row = conn.execute(select(threat_link).where(threat_link.c.digest == _digest(token))).mappings().first()
    return None if row is None else LinkRead(row["threat"], row["number"], row["recipient"])


def let_go(tx: Tx, threat: ThreatId) -> None:
    """The letters of a warning and the links to them: their time is over."""
    tx.conn.execute(delete(threat_letter).where(threat_letter.c.threat == threat))
    tx.conn.execute(delete(threat_link).where(threat_link.c.threat == threat))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _first_look(tx: Tx) -> datetime:
    return tx.now + timedelta(days=LOOK_AGAIN_D)


def _clear_letters(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(threat_letter).where(threat_letter.c.subject == subject))


def _clear_links(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(threat_link).where(threat_link.c.subject == subject))


_FACTS = Retention("as long as the node's record; holds no personal data of users")
_UNTIL = Retention("until a year after the warning was closed (TCO Art 18: a breach of Art 14(5) is fined)", asked=True)
RECORDS = (
    Keeping(threat_table, "who was warned of a threat to life, when, and what came of it (TCO 14(5), DSA 18)", _FACTS),
    Keeping(threat_letter, "what was told of whom, word for word", _UNTIL, sealed=("sealed",), clear=_clear_letters),
    Keeping(
        threat_link,
        "so that only the recipient can confirm a letter",
        _UNTIL,
        sealed=("sealed",),
        cleared=("digest",),
        clear=_clear_links,
    ),
    Keeping(recipient_table, "whom the node warns, and who stands behind that", _FACTS),
)
