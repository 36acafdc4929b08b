"""Means of proof in the database: credentials, recovery codes, passkeys, ceremonies, tries.

Owns: these rows.
Promises: whatever may succeed only once (a code, a challenge, a count) is one statement that says whether it did.
Never does: check a password, a code or a signature.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from beffroi.ground.kernel.ids import PersonId, fresh
from beffroi.ground.storage import Tx, Vault

from .. import tables
from ..model import Credentials, Way
from ..store import person_by_lookup, subject_of
from .passkeys import Asserted, Passkey, Registered
from .throttle import Tallies, Tally


@dataclass(frozen=True, slots=True)
class Known:
    """What signing in by password is checked against, opened."""

    person: PersonId
    password_hash: str = field(repr=False)
    password_set_at: datetime
    totp_secret: bytes | None = field(repr=False)
    totp_counter: int
    recovery: frozenset[bytes] = field(repr=False)
    demo: bool


def put_credentials(tx: Tx, person: PersonId, given: Credentials) -> None:
    """Store new means of proof over all that there were."""
    remove_credentials(tx, person)
    subject = subject_of(person)
    totp = None if given.totp_secret is None else tx.vault.seal(subject, given.totp_secret, "totp")
    row: dict[str, Any] = {"person": person, "totp": totp, "totp_counter": given.totp_counter}
    row |= {"password": _sealed_password(tx, person, given.password_hash), "password_set_at": tx.now}
    tx.add(tables.credential_table, row | {"totp_set_at": None if totp is None else tx.now})
    put_recovery(tx, person, given.recovery)


def remove_credentials(tx: Tx, person: PersonId) -> None:
    """Forget password, TOTP secret, recovery codes, passkeys, and whom the identity provider means."""
    means = (tables.credential_table, tables.recovery_table, tables.passkey_table, tables.binding_table)
    for doomed in means:
        tx.conn.execute(delete(doomed).where(doomed.c.person == person))


def known_by_lookup(conn: Connection, vault: Vault, lookup: str) -> Known | None:
    """What is needed to check a password sign-in; None for an unknown address or one without a password."""
    person = person_by_lookup(conn, lookup)
    return None if person is None else known(conn, vault, person)


def known(conn: Connection, vault: Vault, person: PersonId) -> Known | None:
    """The same of a person whose id is known."""
    c, people = tables.credential_table.c, tables.person_table.c
    query = select(tables.credential_table, people.demo).join(tables.person_table, people.id == c.person)
    row = conn.execute(query.where(c.person == person)).mappings().first()
    if row is None:
        return None
    subject = subject_of(person)
    password = vault.open(subject, row["password"], "password hash")
    if password is None:
        return None
    totp = None if row["totp"] is None else vault.open(subject, row["totp"], "totp")
    codes = frozenset(recovery_of(conn, person))
    return Known(person, password.decode(), row["password_set_at"], totp, row["totp_counter"], codes, row["demo"])


def set_password(tx: Tx, person: PersonId, password_hash: str, *, set_at: datetime) -> None:
    """Another hash; `set_at` stays what it was when only the parameters changed."""
    values = {"password": _sealed_password(tx, person, password_hash), "password_set_at": set_at}
    tx.conn.execute(_of_person(person).values(values))


def set_totp(tx: Tx, person: PersonId, secret: bytes, counter: int) -> None:
    """Another telephone."""
    sealed = tx.vault.seal(subject_of(person), secret, "totp")
    values = {"totp": sealed, "totp_counter": counter, "totp_set_at": tx.now}
    tx.conn.execute(_of_person(person).values(values))


def totp_set_at(conn: Connection, person: PersonId) -> datetime | None:
    """Since when they use this telephone."""
    query = select(tables.credential_table.c.totp_set_at).where(tables.credential_table.c.person == person)
    return conn.execute(query).scalar()


def use_totp_counter(tx: Tx, person: PersonId, counter: int) -> bool:
    """Spend a code; false if it, or a later one, was spent before."""
    unspent = _of_person(person).where(tables.credential_table.c.totp_counter < counter)
    return tx.conn.execute(unspent.values(totp_counter=counter)).rowcount == 1


def is_password_of(conn: Connection, person: PersonId, set_at: datetime) -> bool:
    """Whether the password is still the one set then."""
    query = select(tables.credential_table.c.password_set_at).where(tables.credential_table.c.person == person)
    return conn.execute(query).scalar() == set_at


def put_recovery(tx: Tx, person: PersonId, digests: Iterable[bytes]) -> None:
    """These recovery codes, and no others."""
    tx.conn.execute(delete(tables.recovery_table).where(tables.recovery_table.c.person == person))
    tx.add(tables.recovery_table, [{"digest": digest, "person": person} for digest in digests])


def recovery_of(conn: Connection, person: PersonId) -> list[bytes]:
    """The digests of their unspent codes."""
    query = select(tables.recovery_table.c.digest).where(tables.recovery_table.c.person == person)
    return list(conn.execute(query).scalars())


def spend_recovery(tx: Tx, person: PersonId, digest: bytes) -> bool:
    """Spend a code; false if it was spent before."""
    c = tables.recovery_table.c
    return tx.conn.execute(delete(tables.recovery_table).where(c.digest == digest, c.person == person)).rowcount == 1


def put_passkey(tx: Tx, person: PersonId, made: Registered, label: str) -> str:
    """Store a passkey; returns its id."""
    passkey = fresh("psk", tx.now)
    sealed = tx.vault.seal(subject_of(person), label.encode(), "passkey label")
    row = {"id": passkey, "credential": made.credential, "person": person, "public_key": made.public_key}
    tx.add(tables.passkey_table, row | {"sign_count": made.sign_count, "label": sealed, "added_at": tx.now})
    return passkey


def passkey(conn: Connection, credential: bytes) -> Passkey | None:
    """The passkey of a credential."""
    row = conn.execute(select(tables.passkey_table).where(tables.passkey_table.c.credential == credential)).mappings()
    found = row.first()
    if found is None:
        return None
    return Passkey(found["credential"], PersonId(found["person"]), found["public_key"], found["sign_count"])


def passkeys_of(conn: Connection, vault: Vault, person: PersonId) -> list[tuple[str, bytes, str, datetime]]:
    """Id, credential, label, added at; oldest first."""
    query = select(tables.passkey_table).where(tables.passkey_table.c.person == person)
    rows = conn.execute(query.order_by(tables.passkey_table.c.id)).mappings().all()
    labels = (vault.open(subject_of(person), row["label"], "passkey label") or b"" for row in rows)
    return [
        (row["id"], row["credential"], label.decode(), row["added_at"]) for row, label in zip(rows, labels, strict=True)
    ]


def remove_passkey(tx: Tx, person: PersonId, passkey_id: str) -> bool:
    """Forget one; false if it is not theirs."""
    c = tables.passkey_table.c
    return tx.conn.execute(delete(tables.passkey_table).where(c.id == passkey_id, c.person == person)).rowcount == 1


def count_up(tx: Tx, person: PersonId, made: Asserted, was: int) -> bool:
    """Store a passkey's new count; false if it was used, or removed, meanwhile."""
    c = tables.passkey_table.c
    unchanged = (c.credential == made.credential) & (c.person == person) & (c.sign_count == was)
    changed = update(tables.passkey_table).where(unchanged).values(sign_count=made.sign_count)
    return tx.conn.execute(changed).rowcount == 1


def put_binding(tx: Tx, person: PersonId, lookup: str, told: bytes) -> None:
    """From now on whoever the provider means by `lookup` is this person; `told` says whom it means, in its words."""
    sealed = tx.vault.seal(subject_of(person), told, "binding")
    tx.add(tables.binding_table, {"person": person, "lookup": lookup, "sealed": sealed, "bound_at": tx.now})


def person_by_binding(conn: Connection, lookup: str) -> PersonId | None:
    """Whom the provider means."""
    c = tables.binding_table.c
    found = conn.execute(select(c.person).where(c.lookup == lookup)).scalar()
    return None if found is None else PersonId(found)


def bound_since(conn: Connection, person: PersonId) -> datetime | None:
    """Since when the identity provider vouches for them; None: it does not."""
    c = tables.binding_table.c
    return conn.execute(select(c.bound_at).where(c.person == person)).scalar()


def remove_binding(tx: Tx, person: PersonId) -> bool:
    """The provider vouches for them no longer; false if it did not."""
    return tx.conn.execute(delete(tables.binding_table).where(tables.binding_table.c.person == person)).rowcount == 1


def ways(conn: Connection) -> dict[PersonId, list[Way]]:
    """By what each person can sign in."""
    found: dict[PersonId, list[Way]] = {}
    tables_of = {
        Way.PASSWORD: tables.credential_table,
        Way.PASSKEY: tables.passkey_table,
        Way.SINGLE_SIGN_ON: tables.binding_table,
    }
    for way, table in tables_of.items():
        for person in conn.execute(select(table.c.person).distinct()).scalars():
            found.setdefault(PersonId(person), []).append(way)
    return found


# ── ceremonies and tries ──────────────────────────────────────────────────────────────────────────


def put_ceremony(tx: Tx, digest: bytes, purpose: str, challenge: bytes, ends_at: datetime, person: str | None) -> None:
    """Remember a challenge until somebody answers it."""
    row = {"digest": digest, "purpose": purpose, "person": person, "challenge": challenge, "expires_at": ends_at}
    tx.add(tables.ceremony_table, row)


def take_ceremony(tx: Tx, digest: bytes, purpose: str, person: str | None) -> bytes | None:
    """The challenge, which is gone then; None if it was taken, or too late, or somebody else's."""
    c = tables.ceremony_table.c
    theirs = c.person.is_(None) if person is None else c.person == person
    chosen = (c.digest == digest) & (c.purpose == purpose) & theirs & (c.expires_at > tx.now)
    found: bytes | None = tx.conn.execute(select(c.challenge).where(chosen)).scalar()
    taken = tx.conn.execute(delete(tables.ceremony_table).where(chosen)).rowcount == 1
    return found if taken else None


def tallies(tx: Tx, places: Iterable[str]) -> Tallies:
    """The tries counted at these places, locked until the end of the transaction."""
    insert = sqlite_insert if tx.conn.dialect.name == "sqlite" else postgresql_insert
    ordered = sorted(places)
    blank = [{"place": place, "tries": 0, "last_at": tx.now} for place in ordered]
    tx.conn.execute(insert(tables.try_table).on_conflict_do_nothing(), blank)
    c = tables.try_table.c
    query = select(tables.try_table).where(c.place.in_(ordered)).order_by(c.place).with_for_update()
    rows = tx.conn.execute(query).mappings()
    return {row["place"]: Tally(row["tries"], row["last_at"], row["due_at"], row["known_until"]) for row in rows}


def put_tallies(tx: Tx, counts: Tallies) -> None:
    """Store the new counts."""
    for place, tally in counts.items():
        values = {"tries": tally.tries, "last_at": tally.last_at or tx.now, "due_at": tally.due_at}
        changed = update(tables.try_table).where(tables.try_table.c.place == place)
        tx.conn.execute(changed.values(values | {"known_until": tally.known_until}))


def _of_person(person: PersonId) -> Update:
    return update(tables.credential_table).where(tables.credential_table.c.person == person)


def _sealed_password(tx: Tx, person: PersonId, password_hash: str) -> bytes:
    return tx.vault.seal(subject_of(person), password_hash.encode(), "password hash")
