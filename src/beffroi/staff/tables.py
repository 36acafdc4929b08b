"""The tables of `staff`, and what is kept in them of whom.

Owns: person, person_identity, person_credential, recovery_code, passkey, person_binding, one_time_link, ceremony,
session, sign_in_try, api_key, api_key_secret; their retention.
Promises: names and e-mail addresses, password hashes and TOTP secrets are sealed under the person's key; tokens are
stored as hashes; addresses of machines only as keyed hashes.
Never does: be written by anybody but `store`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, Index, Integer, Table, Text, delete, or_

from beffroi.ground.kernel.limits import TRY_FORGET_H
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Flag, Instant, Json, Octets, Tx, table

person_table = table(
    "person",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("pseudonym", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("demo", Flag, nullable=False),
    Column("administrator", Flag, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_person_administrator", "administrator", "demo"),
)
identity_table = table(
    "person_identity",
    Column("person", Text, primary_key=True),
    Column("lookup", Text, nullable=False, unique=True),
    Column("sealed", Octets, nullable=False),
    Column("look_at", Instant, index=True),
)
credential_table = table(
    "person_credential",
    Column("person", Text, primary_key=True),
    Column("password", Octets, nullable=False),
    Column("password_set_at", Instant, nullable=False),
    Column("totp", Octets),
    Column("totp_counter", Integer, nullable=False),
    Column("totp_set_at", Instant),
)
recovery_table = table(
    "recovery_code",
    Column("digest", Octets, primary_key=True),
    Column("person", Text, nullable=False),
    Index("ix_recovery_code_person", "person"),
)
passkey_table = table(
    "passkey",
    Column("id", Text, primary_key=True),
    Column("credential", Octets, nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("public_key", Octets, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("label", Octets, nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("ix_passkey_person", "person"),
)
binding_table = table(
    "person_binding",
    Column("person", Text, primary_key=True),
    Column("lookup", Text, nullable=False, unique=True),
    Column("sealed", Octets, nullable=False),
    Column("bound_at", Instant, nullable=False),
)
link_table = table(
    "one_time_link",
    Column("id", Text, primary_key=True),  # `first`, or the person: nobody has two
    Column("kind", Text, nullable=False),
    Column("digest", Octets, nullable=False, unique=True),
    Column("roles", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
ceremony_table = table(
    "ceremony",
    Column("digest", Octets, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("person", Text),
    Column("challenge", Octets, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_ceremony_expires_at", "expires_at"),
)
session_table = table(
    "session",
    Column("id", Text, primary_key=True),
    Column("digest", Octets, nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("agent", Octets, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("proved_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_session_person", "person"),
    Index("ix_session_ends_at", "ends_at"),
)
try_table = table(
    "sign_in_try",
    Column("place", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("known_until", Instant),
    Index("ix_sign_in_try_last_at", "last_at"),
)
key_table = table(
    "api_key",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_api_key_issued_by", "issued_by"),
)
key_secret_table = table(
    "api_key_secret",
    Column("key", Text, primary_key=True),
    Column("digest", Octets, nullable=False),
    Column("label", Text, nullable=False),
    Column("used_on", Instant),
)


def _used_or_old(_conn: Connection, now: datetime) -> ColumnElement[bool]:
    return or_(link_table.c.used_at.is_not(None), link_table.c.expires_at <= now)


def _forgotten(_conn: Connection, now: datetime) -> ColumnElement[bool]:
    """Tries that are forgotten, at places that are not known either."""
    c = try_table.c
    unknown = or_(c.known_until.is_(None), c.known_until <= now)
    return (c.last_at <= now - timedelta(hours=TRY_FORGET_H)) & unknown


def _clear_of(doomed: Table, column: str = "person") -> Callable[[Tx, str], None]:
    """What goes beside the sealed columns when a person is erased."""

    def clear(tx: Tx, subject: str) -> None:
        tx.conn.execute(delete(doomed).where(doomed.c[column] == subject))

    return clear


_FACTS = Retention("as long as the node's record; people are ids and pseudonyms here")
_ACCESS = Retention("while they work here", owner="staff.leave")

RECORDS = (
    Keeping(person_table, "who may do what, and who did what", _FACTS),
    Keeping(
        identity_table,
        "to recognise people who sign in, and to call them by name",
        Retention("while they work here, then until the acts they did are beyond dispute", asked=True),
        sealed=("sealed",),
        cleared=("lookup",),
        clear=_clear_of(identity_table),
    ),
    Keeping(
        credential_table,
        "to check who signs in",
        _ACCESS,
        sealed=("password", "totp"),
        clear=_clear_of(credential_table),
    ),
    Keeping(
        recovery_table,
        "to let people in who lost their telephone",
        _ACCESS,
        cleared=("digest",),
        clear=_clear_of(recovery_table),
    ),
    Keeping(
        passkey_table,
        "to check who signs in",
        _ACCESS,
        sealed=("label",),
        cleared=("credential", "public_key", "sign_count"),
        clear=_clear_of(passkey_table),
    ),
    Keeping(
        link_table,
        "to let people join",
        Retention("until used, at most a day", over=_used_or_old),
        cleared=("digest",),
        clear=_clear_of(link_table, "id"),
    ),
    Keeping(
        ceremony_table,
        "to check passkeys and single sign-on",
        Retention("ten minutes", over=lambda _conn, now: ceremony_table.c.expires_at <= now),
    ),
    Keeping(
        binding_table,
        "to know whom the identity provider means",
        _ACCESS,
        sealed=("sealed",),
        cleared=("lookup",),
        clear=_clear_of(binding_table),
    ),
    Keeping(
        session_table,
        "to know who asks",
        Retention("at most a day", over=lambda _conn, now: session_table.c.ends_at <= now),
        sealed=("agent",),
        cleared=("digest",),
        clear=_clear_of(session_table),
    ),
    Keeping(
        try_table,
        "to slow down guessing",
        Retention("two hours after the last try; 30 days where somebody signed in", over=_forgotten),
        cleared=("place",),
    ),
    Keeping(key_table, "what machines may do", _FACTS),
    Keeping(
        key_secret_table, "to check the keys of machines", Retention("as long as the record of the key; names machines")
    ),
)
