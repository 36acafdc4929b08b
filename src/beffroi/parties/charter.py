"""The charter: settings that concern everybody whose post passes through, not only the operator.

Owns: reading and changing charter settings (DESIGN §4, settings).
Promises: a change has a version, a person, a reason and an event in the ledger, and stands on the public page with
everything that stood before it; what was never changed has its default.
Never does: allow a value that the registry (`settings`) does not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from beffroi.ground.kernel.ids import PersonId, SubjectId
from beffroi.ground.storage import Tx

from . import rules, store
from .model import CharterSetting, Value
from .settings import SETTINGS, Setting, setting

PUBLIC_WORDS = SubjectId("charter")
"""Under whose salt the ledger commits to the reasons: nobody's, because they are published."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A setting as it stands now. Who, why and when are None while it has its default."""

    setting: Setting
    value: Value
    version: int
    person: PersonId | None
    reason: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one setting."""

    setting: str
    version: int
    value: Value
    person: PersonId
    reason: str
    at: datetime


def get(conn: Connection, name: str) -> Any:
    """The present value of `name`, of the type of its default.

    Raises:
        NotFound: there is no such setting.

    """
    known = setting(name)
    changed = store.CHARTER.get(conn, name)
    return known.default if changed is None else changed.value


def set(tx: Tx, name: str, value: Value, person: PersonId, reason: str) -> CharterSetting:  # noqa: A001  charter.set
    """Give `name` another value.

    Raises:
        NotFound: there is no such setting.
        Invalid: it cannot have this value, or `reason` is empty.
        Conflict: it has this value already, or somebody was faster.

    """
    before = store.CHARTER.get(tx.conn, name)
    known = setting(name)
    was = known.default if before is None else before.value
    event = rules.change(known, was, value, person, reason, tx.now)
    after = store.CHARTER.change(tx, before, [event], {PUBLIC_WORDS: reason.encode()})
    store.put_reason(tx, after, reason)
    return after


def all(conn: Connection) -> tuple[Stated, ...]:  # noqa: A001  charter.all
    """Every setting as it stands, in the order of the registry; for the transparency page."""
    newest: dict[str, Change] = {}
    for change in history(conn):
        newest.setdefault(change.setting, change)
    return tuple(_stated(known, newest.get(known.name)) for known in SETTINGS.values())


def history(conn: Connection, name: str | None = None) -> tuple[Change, ...]:
    """Every change of one setting, or of all, newest first."""
    return tuple(Change(**row | {"value": _value(row["value"])}) for row in store.reasons(conn, name))


def _stated(known: Setting, change: Change | None) -> Stated:
    if change is None:
        return Stated(known, known.default, 0, None, None, None)
    return Stated(known, change.value, change.version, change.person, change.reason, change.at)


def _value(stored: Any) -> Value:
    value: Value = tuple(stored) if isinstance(stored, list) else stored
    return value
