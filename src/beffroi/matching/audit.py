"""Whether the entries in the tables are those that the record tells of.

Owns: `altered`, the check that `fsck` runs over entries.
Promises: an entry whose value, opinion or switch was changed in the database alone, an entry that was slipped in or
taken away, is named; entries come by the thousand and have no event each, so lists are checked by their digest.
Never does: repair.
"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection

from beffroi.ground.kernel.ids import BankId

from . import store
from .events import EntriesImported, EntryAdded, EntryChanged
from .model import Entry


def altered(conn: Connection) -> list[str]:
    """Sentences, one for each thing that does not agree; empty when all is well."""
    return [*_lists(conn), *_added(conn), *_changed(conn), *_strays(conn)]


def _lists(conn: Connection) -> Iterator[str]:
    """Every imported list has the digest its event says."""
    for facts in store.told(conn, EntriesImported):
        digest = hashlib.sha256()
        for kind, value in store.values_between(conn, facts["bank"], facts["first_seq"], facts["last_seq"]):
            digest.update(store.entry_line(kind, value))
        if digest.hexdigest() != facts["digest"]:
            span = f"{facts['first_seq']} to {facts['last_seq']}"
            yield f"entries {span} of bank {facts['bank']} are not what was imported"


def _added(conn: Connection) -> Iterator[str]:
    """Every entry added by hand has the value its event says."""
    for facts in store.told(conn, EntryAdded):
        entry = store.entries(conn, [facts["entry"]]).get(facts["entry"])
        if entry is None or _digest_and_bank(entry) != (facts["digest"], facts["bank"]):
            yield f"entry {facts['entry']} is not what was added"


def _changed(conn: Connection) -> Iterator[str]:
    """Every entry has the opinion and switches of its last change."""
    last = {facts["entry"]: facts for facts in store.told(conn, EntryChanged)}
    for entry_id, facts in last.items():
        entry = store.entries(conn, [entry_id]).get(entry_id)
        state = None if entry is None else (entry.opinion, entry.enabled, entry.confirmed_here)
        if state != (facts["opinion"], facts["enabled"], facts["confirmed_here"]):
            yield f"entry {entry_id} is not what it was last changed to"


def _strays(conn: Connection) -> Iterator[str]:
    """There are as many entries as were imported and added."""
    known = sum(facts["count"] for facts in store.told(conn, EntriesImported))
    known += sum(1 for _ in store.told(conn, EntryAdded))
    there = store.entry_count(conn)
    if there != known:
        yield f"there are {there} entries; the record tells of {known}"


def _digest_and_bank(entry: Entry) -> tuple[str, BankId]:
    return store.line_digest(entry.type, entry.value).hex(), entry.bank
