"""What happened: the event table, from which the ledger takes its leaves.

Owns: `Event` (the base of every event of every capability), the table `event`, reading events back.
Promises: append-only (a trigger on both databases refuses the rest); the facts of an event hold no
personal data and suffice to rebuild the row it changed (`fold`); personal bytes enter only as a
commitment under the subject's own salt, so that erasing the salt leaves nothing to guess.
Never does: react. What follows from an event stands in `beffroi.flow`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Index, Integer, Select, Text, func, select

from ..kernel.clock import to_micros
from ..kernel.ids import EventId, SubjectId
from .tables import Big, Instant, Json, Octets, table
from .triggers import append_only

event_table = append_only(
    table(
        "event",
        Column("seq", Big, primary_key=True, autoincrement=True),
        Column("id", Text, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("aggregate", Text, nullable=False),
        Column("aggregate_id", Text, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", Text, nullable=False),
        Column("schema", Integer, nullable=False, default=1),
        Column("facts", Json, nullable=False),
        Column("personal", Json, nullable=False),
        Column("salt", Octets, nullable=False),
        Index("ix_event_aggregate", "aggregate", "aggregate_id", "seq"),
        Index("ix_event_type", "type", "seq"),
    )
)


class Event:
    """The base of every event: a frozen dataclass named in the past tense.

    Its first field is the id of the row it changed; `aggregate` says of which kind. All fields are facts:
    ids, enums, numbers that are whole, instants, short words of ours. No names, no posted text, no floats.
    """

    aggregate: ClassVar[str]
    __slots__ = ()

    @classmethod
    def type(cls) -> str:
        """`CaseOpened` → `case-opened`."""
        return _kebab(cls.__name__)

    @property
    def aggregate_id(self) -> str:
        """The value of the first field."""
        return str(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def facts(self) -> dict[str, Any]:
        """All fields as JSON."""
        facts: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return facts

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Event":
        """The event again; raises pydantic's `ValidationError` if the facts do not fit."""
        event: Event = _adapter(cls).validate_python(facts)
        return event


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of `event`."""

    seq: int
    id: EventId
    type: str
    aggregate: str
    aggregate_id: str
    at: datetime
    actor: str
    facts: dict[str, Any]
    personal: dict[str, str]
    salt: bytes

    def committed(self) -> dict[str, Any]:
        """What the ledger's leaf commits to beside the personal commitments."""
        return {
            "id": self.id,
            "type": self.type,
            "aggregate": self.aggregate,
            "aggregate_id": self.aggregate_id,
            "at": to_micros(self.at),
            "actor": self.actor,
            "facts": self.facts,
        }


def history(conn: Connection, aggregate: str, aggregate_id: str) -> list[StoredEvent]:
    """All events of one row, oldest first."""
    of_row = (event_table.c.aggregate == aggregate) & (event_table.c.aggregate_id == aggregate_id)
    return list(read(conn, select(event_table).where(of_row).order_by(event_table.c.seq)))


def histories(conn: Connection, aggregate: str, ids: Sequence[str]) -> dict[str, list[StoredEvent]]:
    """All events of each of these rows, oldest first; a row without events has an empty list."""
    of_rows = (event_table.c.aggregate == aggregate) & event_table.c.aggregate_id.in_(ids)
    found: dict[str, list[StoredEvent]] = {row_id: [] for row_id in ids}
    for stored in read(conn, select(event_table).where(of_rows).order_by(event_table.c.seq)):
        found[stored.aggregate_id].append(stored)
    return found


def of_type(conn: Connection, event_type: str) -> list[StoredEvent]:
    """All events of one type, oldest first."""
    return list(read(conn, select(event_table).where(event_table.c.type == event_type).order_by(event_table.c.seq)))


def by_id(conn: Connection, event_id: str) -> StoredEvent | None:
    """One event."""
    return next(read(conn, select(event_table).where(event_table.c.id == event_id)), None)


def newest(conn: Connection, limit: int, *, about: str = "", below: int | None = None) -> list[StoredEvent]:
    """The last events, newest first: all, or those of one row or with one id; `below` is the cursor of a page."""
    c = event_table.c
    query = select(event_table).order_by(c.seq.desc()).limit(limit)
    if about:
        query = query.where((c.aggregate_id == about) | (c.id == about))
    return list(read(conn, query if below is None else query.where(c.seq < below)))


def waiting(conn: Connection, after: int) -> tuple[int, datetime | None]:
    """How many events came after number `after`, and when the first of them did."""
    c = event_table.c
    count, oldest = conn.execute(select(func.count(), func.min(c.at)).where(c.seq > after)).one()
    return int(count), oldest


def newest_at(conn: Connection) -> datetime | None:
    """When the last event was recorded."""
    found: datetime | None = conn.execute(select(event_table.c.at).order_by(event_table.c.seq.desc()).limit(1)).scalar()
    return found


def personal(conn: Connection) -> Iterator[tuple[EventId, SubjectId]]:
    """Every event that commits to somebody's personal bytes, with whose they are."""
    query = select(event_table.c.id, event_table.c.personal).execution_options(yield_per=1000)
    for event_id, commitments in conn.execute(query):
        for subject in commitments:
            yield EventId(event_id), SubjectId(subject)


def read(conn: Connection, query: Select[Any]) -> Iterator[StoredEvent]:
    """The events that `query` (over all columns of `event_table`) selects."""
    for row in conn.execute(query).mappings():
        yield StoredEvent(**{name: row[name] for name in StoredEvent.__dataclass_fields__})


_ADAPTERS: dict[type[Event], TypeAdapter[Any]] = {}


def _adapter(cls: type[Event]) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


@cache
def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
