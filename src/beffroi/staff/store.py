"""People, links, sessions and API keys in the database.

Owns: people, their identities, one-time links, sessions and API keys, as rows; means of proof are in `proof.store`.
Promises: a link is used by one statement that says whether it was the one.
Never does: decide.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, Update, delete, select, update

from beffroi.ground.kernel.ids import KeyId, PersonId, SessionId, SubjectId
from beffroi.ground.kernel.limits import LOOK_AGAIN_D
from beffroi.ground.storage import Rows, Tx, Vault, events

from . import rules, tables
from .model import (
    ApiKey,
    ApiKeyIssued,
    ApiKeyRevoked,
    Identity,
    LinkKind,
    Method,
    Person,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    PersonSuspended,
    Role,
    RolesGranted,
    SuspensionLifted,
)

_PERSON = TypeAdapter(Person)
_KEY = TypeAdapter(ApiKey)


def _person_row(person: Person) -> dict[str, Any]:
    body = _PERSON.dump_python(person, mode="json")
    body["roles"] = sorted(body["roles"])
    columns = {"id": person.id, "pseudonym": person.pseudonym, "state": person.state, "demo": person.demo}
    return columns | {"administrator": person.is_administrator, "body": body}


PEOPLE: Rows[Person] = Rows(
    tables.person_table,
    "person",
    (PersonInvited, PersonJoined, RolesGranted, PersonSuspended, SuspensionLifted, PersonLeft),
    rules.apply_person,
    _person_row,
    lambda row: _PERSON.validate_python(row["body"]),
)
KEYS: Rows[ApiKey] = Rows(
    tables.key_table,
    "api-key",
    (ApiKeyIssued, ApiKeyRevoked),
    rules.apply_key,
    lambda key: (
        {"id": key.id, "issued_by": key.issued_by, "issued_at": key.issued_at}
        | {"body": _KEY.dump_python(key, mode="json")}
    ),
    lambda row: _KEY.validate_python(row["body"]),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that still holds. `person` is None for the first one."""

    kind: LinkKind
    person: PersonId | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A row of `session`; its token is nowhere."""

    id: SessionId
    person: PersonId
    method: Method
    opened_at: datetime
    seen_at: datetime
    proved_at: datetime
    ends_at: datetime


def subject_of(person: PersonId) -> SubjectId:
    """A person is one subject: their key seals all that is kept of them."""
    return SubjectId(person)


# ── people ────────────────────────────────────────────────────────────────────────────────────────


def everybody(conn: Connection) -> list[Person]:
    """All people, those who left too, in the order of their invitation."""
    return PEOPLE.find(conn, select(tables.person_table).order_by(tables.person_table.c.id))


def administrators(conn: Connection, *, demo: bool, lock: bool = False) -> int:
    """How many active administrators there are. `lock`: they stay so until the end of the transaction.

    On PostgreSQL that locks their rows, so that two transactions cannot each remove "the other one"; on SQLite there
    is one writer.
    """
    c = tables.person_table.c
    query = select(c.id).where(c.administrator == int(True), c.demo == int(demo)).order_by(c.id)
    return len(conn.execute(query.with_for_update() if lock else query).all())


def is_pseudonym_taken(conn: Connection, pseudonym: str) -> bool:
    """Whether somebody is called that already."""
    c = tables.person_table.c
    return conn.execute(select(c.id).where(c.pseudonym == pseudonym)).first() is not None


def person_by_lookup(conn: Connection, lookup: str) -> PersonId | None:
    """Whose e-mail address it is."""
    query = select(tables.identity_table.c.person).where(tables.identity_table.c.lookup == lookup)
    found = conn.execute(query).scalar()
    return None if found is None else PersonId(found)


def put_identity(tx: Tx, person: PersonId, identity: Identity) -> bytes:
    """Seal and store who somebody is; returns the plain bytes for a commitment."""
    plain = json.dumps({"name": identity.name, "email": identity.email}, ensure_ascii=False).encode()
    sealed = tx.vault.seal(subject_of(person), plain, "identity")
    tx.conn.execute(delete(tables.identity_table).where(tables.identity_table.c.person == person))
    tx.add(tables.identity_table, {"person": person, "lookup": identity.lookup, "sealed": sealed})
    return plain


def release_email(tx: Tx, person: PersonId) -> None:
    """They left: somebody may be invited under their address, and their name is kept as long as it is needed."""
    c = tables.identity_table.c
    look_at = tx.now + timedelta(days=LOOK_AGAIN_D)
    tx.conn.execute(update(tables.identity_table).where(c.person == person).values(lookup=person, look_at=look_at))


def left_at(conn: Connection, person: PersonId) -> datetime | None:
    """When they left; None while they work here."""
    return next((e.at for e in events.history(conn, "person", person) if e.type == PersonLeft.type()), None)


def identities(conn: Connection, vault: Vault, people: Iterable[PersonId] | None = None) -> dict[PersonId, Identity]:
    """Who they are; those who were erased are missing."""
    query = select(tables.identity_table)
    if people is not None:
        query = query.where(tables.identity_table.c.person.in_(list(people)))
    found = {}
    for row in conn.execute(query).mappings():
        plain = vault.open(SubjectId(row["person"]), row["sealed"], "identity")
        if plain is not None:
            found[PersonId(row["person"])] = Identity(**json.loads(plain), lookup=row["lookup"])
    return found


# ── links ─────────────────────────────────────────────────────────────────────────────────────────

FIRST = "first"


def put_link(tx: Tx, link: Link, digest: bytes, expires_at: datetime) -> None:
    """Store a link over the one that there may have been for the same person."""
    row = {"id": link.person or FIRST, "kind": link.kind, "digest": digest, "roles": list(link.roles)}
    tx.conn.execute(delete(tables.link_table).where(tables.link_table.c.id == row["id"]))
    tx.add(tables.link_table, row | {"made_at": tx.now, "expires_at": expires_at, "used_at": None})


def link(conn: Connection, digest: bytes, now: datetime) -> Link | None:
    """A link that still holds."""
    c = tables.link_table.c
    holds = (c.digest == digest) & c.used_at.is_(None) & (c.expires_at > now)
    row = conn.execute(select(tables.link_table).where(holds)).mappings().first()
    if row is None:
        return None
    person = None if row["id"] == FIRST else PersonId(row["id"])
    return Link(LinkKind(row["kind"]), person, tuple(Role(role) for role in row["roles"]))


def use_link(tx: Tx, digest: bytes) -> bool:
    """Use it up; false if it was used, or its time was over."""
    c = tables.link_table.c
    holds = (c.digest == digest) & c.used_at.is_(None) & (c.expires_at > tx.now)
    return tx.conn.execute(update(tables.link_table).where(holds).values(used_at=tx.now)).rowcount == 1


def remove_links(tx: Tx, person: PersonId) -> None:
    """Whatever link they have does not hold any more."""
    tx.conn.execute(delete(tables.link_table).where(tables.link_table.c.id == person))


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────


def put_session(tx: Tx, session: Session, digest: bytes, agent: str) -> None:
    """Store a new session; `agent` is what the browser says of itself."""
    sealed = tx.vault.seal(subject_of(session.person), agent.encode("utf-8", "replace"), "agent")
    row = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    tx.add(tables.session_table, row | {"digest": digest, "agent": sealed})


def session_by_digest(conn: Connection, digest: bytes) -> Session | None:
    """The session of a token."""
    row = conn.execute(select(tables.session_table).where(tables.session_table.c.digest == digest)).mappings().first()
    return None if row is None else _session(row)


def session(conn: Connection, session_id: SessionId) -> Session:
    """A session that is there."""
    row = conn.execute(select(tables.session_table).where(tables.session_table.c.id == session_id)).mappings().one()
    return _session(row)


def hold_session(tx: Tx, session_id: SessionId) -> bool:
    """Whether it is there; it stays so until this transaction is over."""
    c = tables.session_table.c
    query = select(c.id).where(c.id == session_id).with_for_update(read=True)
    return tx.conn.execute(query).first() is not None


def sessions_of(conn: Connection, vault: Vault, person: PersonId) -> list[tuple[Session, str]]:
    """Sessions of a person with what their browsers say of themselves, newest first."""
    query = select(tables.session_table).where(tables.session_table.c.person == person)
    rows = conn.execute(query.order_by(tables.session_table.c.id.desc())).mappings().all()
    agents = (vault.open(subject_of(person), row["agent"], "agent") or b"" for row in rows)
    return [(_session(row), agent.decode()) for row, agent in zip(rows, agents, strict=True)]


def see_session(tx: Tx, session: SessionId) -> None:
    """It was used just now."""
    tx.conn.execute(_session_at(session).values(seen_at=tx.now))


def renew_session(tx: Tx, session: SessionId, person: PersonId, digest: bytes) -> bool:
    """Its holder proved again who they are, and gets another token; false if it ended meanwhile or is not theirs."""
    values = {"digest": digest, "proved_at": tx.now, "seen_at": tx.now}
    theirs = _session_at(session).where(tables.session_table.c.person == person)
    return tx.conn.execute(theirs.values(values)).rowcount == 1


def end_sessions(tx: Tx, person: PersonId, *, only: SessionId | None = None, but: SessionId | None = None) -> int:
    """End all sessions of a person, or `only` one of them, or all `but` one; returns how many."""
    c = tables.session_table.c
    chosen = c.person == person
    if only is not None:
        chosen &= c.id == only
    if but is not None:
        chosen &= c.id != but
    return tx.conn.execute(delete(tables.session_table).where(chosen)).rowcount


def _session_at(session: SessionId) -> Update:
    return update(tables.session_table).where(tables.session_table.c.id == session)


def _session(row: RowMapping) -> Session:
    told = {name: row[name] for name in Session.__dataclass_fields__}
    return Session(**told | {"method": Method(row["method"])})


# ── API keys ──────────────────────────────────────────────────────────────────────────────────────


def put_key_secret(tx: Tx, key: KeyId, digest: bytes, label: str) -> None:
    """Store the digest of a new key's secret, and what the key is called."""
    tx.add(tables.key_secret_table, {"key": key, "digest": digest, "label": label, "used_on": None})


def key_secret(conn: Connection, key: KeyId) -> tuple[bytes, datetime | None] | None:
    """Digest of the secret, and the day of its last use."""
    c = tables.key_secret_table.c
    row = conn.execute(select(c.digest, c.used_on).where(c.key == key)).first()
    return None if row is None else (row[0], row[1])


def note_key_use(tx: Tx, key: KeyId, day: datetime) -> None:
    """It was used on this day (its first instant)."""
    tx.conn.execute(update(tables.key_secret_table).where(tables.key_secret_table.c.key == key).values(used_on=day))


def keys_issued_by(conn: Connection, person: PersonId) -> list[ApiKey]:
    """The keys a person issued."""
    return KEYS.find(conn, select(tables.key_table).where(tables.key_table.c.issued_by == person))


def keys(conn: Connection) -> list[tuple[ApiKey, str, datetime | None]]:
    """All keys with label and day of last use, newest first."""
    c = tables.key_secret_table.c
    query = select(tables.key_table, c.label, c.used_on).join(tables.key_secret_table, c.key == tables.key_table.c.id)
    rows = conn.execute(query.order_by(tables.key_table.c.id.desc())).mappings()
    return [(KEYS.from_row(row), row["label"], row["used_on"]) for row in rows]
