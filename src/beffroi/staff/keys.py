"""API keys: what machines show instead of a session.

Owns: issuing, checking, revoking.
Promises: `bfk_` + id + 256 random bits; only the SHA-256 of the secret is stored, compared in constant time; a key
holds at most `permissions.SCOPES`, and ends by itself.
Never does: give back a secret a second time.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.ids import KeyId, PersonId, fresh
from beffroi.ground.kernel.limits import API_KEY_LABEL_CHARS_MAX
from beffroi.ground.storage import Tx

from . import rules, store
from .model import ApiKey
from .permissions import Permission, Principal, of_key
from .proof import tokens

_NOBODYS = bytes(32)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key; `written` is what the machine is given, shown once."""

    key: ApiKey
    written: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which key asks. `note_due`: have `note_use` called, some time today."""

    principal: Principal
    note_due: bool


def issue(tx: Tx, label: str, scopes: Collection[Permission], by: PersonId, days: int) -> Issued:
    """A key for the machine called `label`, for `days` days.

    Raises:
        NotAllowed: `by` is no administrator.
        Invalid: no label, no scope, one that no key can have, or too long a life.

    """
    if not label.strip() or len(label) > API_KEY_LABEL_CHARS_MAX:
        raise Invalid("no-label", f"name the machine, in at most {API_KEY_LABEL_CHARS_MAX} characters", where="label")
    key_id, secret = KeyId(fresh("key", tx.now)), tokens.fresh()
    person = store.PEOPLE.load(tx.conn, by)
    key = store.KEYS.change(tx, None, rules.issue(key_id, scopes, person, tx.now, tx.now + timedelta(days=days)))
    store.put_key_secret(tx, key.id, tokens.digest(secret), label.strip())
    return Issued(key, tokens.written_key(key.id, secret))


def check(conn: Connection, written: str, now: datetime) -> Shown:
    """Whose key it is.

    Raises:
        Unauthenticated: not a key of ours, revoked, or past its end; one answer for all.

    """
    read = tokens.read_key(written)
    if read is None:
        raise _refused()
    key_id, digest = read
    kept = store.key_secret(conn, key_id)
    matches = hmac.compare_digest(digest, _NOBODYS if kept is None else kept[0])
    key = store.KEYS.get(conn, key_id)
    if not matches or kept is None or key is None or not key.is_live(now):
        raise _refused()
    return Shown(of_key(key.id, (Permission(scope) for scope in key.scopes)), kept[1] != _day(now))


def note_use(tx: Tx, key: KeyId) -> None:
    """It was used today; no more than the day is kept."""
    store.note_key_use(tx, key, _day(tx.now))


def revoke(tx: Tx, key_id: KeyId, why: str = "by_hand") -> ApiKey:
    """It opens nothing any more.

    Raises:
        NotFound: there is no such key.

    """
    key = store.KEYS.load(tx.conn, key_id)
    events = rules.revoke(key, why, tx.now)
    return store.KEYS.change(tx, key, events) if events else key


def revoke_all_of(tx: Tx, person: PersonId, why: str) -> None:
    """Revoke the keys that a person issued."""
    for key in store.keys_issued_by(tx.conn, person):
        revoke(tx, key.id, why)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _refused() -> Unauthenticated:
    return Unauthenticated("api-key-refused", "this API key is unknown, revoked or past its end")
