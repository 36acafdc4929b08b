"""Whether the entries in the tables are those that the record tells of.

Owns: `altered`, the check that `fsck` runs over entries.
Promises: an entry whose value, opinion or switch was changed in the database alone, an entry that was slipped in or
taken away, is named; entries come by the thousand and have no event each, so lists are checked by their digest.
Never does: repair.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, func, select

from beffroi.ground.storage.events import event_table, read

from . import store
from .events import EntriesImported, EntryAdded, EntryChanged


def altered(conn: Connection) -> list[str]:
    """Sentences, one for each thing that does not agree; empty when all is well."""
    return [*_lists(conn), *_added(conn), *_changed(conn), *_strays(conn)]


def _lists(conn: Connection) -> Iterator[str]:
    """Every imported list has the digest its event says."""
    c = store.bank_entry.c
    for stored in read(conn, _events(EntriesImported.type())):
        facts = stored.facts
        span = (c.bank == facts["bank"]) & c.number.between(facts["first_seq"], facts["last_seq"])
        digest = hashlib.sha256()
        for kind, value in conn.execute(select(c.type, c.value).where(span).order_by(c.number)):
            digest.update(store.entry_line(kind, value))
        if digest.hexdigest() != facts["digest"]:
            yield f"the list of event {stored.id} is not what was imported into bank {facts['bank']}"


def _added(conn: Connection) -> Iterator[str]:
    """Every entry added by hand has the value its event says."""
    c = store.bank_entry.c
    for stored in read(conn, _events(EntryAdded.type())):
        row = conn.execute(select(c.type, c.value, c.bank).where(c.id == stored.facts["entry"])).first()
        digest = None if row is None else store.line_digest(row.type, row.value).hex()
        if row is None or (digest, row.bank) != (stored.facts["digest"], stored.facts["bank"]):
            yield f"entry {stored.facts['entry']} is not what was added"


def _changed(conn: Connection) -> Iterator[str]:
    """Every entry has the opinion and switches of its last change."""
    c = store.bank_entry.c
    last = {stored.facts["entry"]: stored.facts for stored in read(conn, _events(EntryChanged.type()))}
    for entry, facts in last.items():
        row = conn.execute(select(c.opinion, c.enabled, c.confirmed_here).where(c.id == entry)).first()
        if row is None or tuple(row) != (facts["opinion"], facts["enabled"], facts["confirmed_here"]):
            yield f"entry {entry} is not what it was last changed to"


def _strays(conn: Connection) -> Iterator[str]:
    """There are as many entries as were imported and added."""
    imported = sum(stored.facts["count"] for stored in read(conn, _events(EntriesImported.type())))
    added = sum(1 for _ in read(conn, _events(EntryAdded.type())))
    there = conn.execute(select(func.count()).select_from(store.bank_entry)).scalar_one()
    if there != imported + added:
        yield f"there are {there} entries; the record tells of {imported + added}"


def _events(kind: str) -> Select[Any]:
    return select(event_table).where(event_table.c.type == kind).order_by(event_table.c.seq)
