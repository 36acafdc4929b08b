"""The tables of `matching`.

Owns: bank, bank_seq, bank_entry, item_match.
Promises: the bank sequence grows by one with every change of a bank or entry, in the order of commits, so that
who has seen number n has seen all before it; the same value stands in a bank once.
Never does: be written by anybody else.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Text, UniqueConstraint, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId, PersonId
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Event, Flag, Instant, Json, Octets, Rows, Tx, table
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.storage.tables import Big

from . import rules
from .events import (
    BankChanged,
    BankCreated,
    BankDisabled,
    BankPaused,
    BankPromoted,
    BankResumed,
    BankSetBack,
    EntriesImported,
)
from .model import (
    Bank,
    BankSource,
    BankTerms,
    Entry,
    EntryGiven,
    LegalCategory,
    Match,
    Opinion,
    Stage,
    Standing,
    Verdict,
)

_ROWS_AT_ONCE = 10_000
_TERMS = tuple(BankTerms.__dataclass_fields__)
_GIVEN = tuple(EntryGiven.__dataclass_fields__)

bank_table = table(
    "bank",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("terms_of_use", Text, nullable=False),
    Column("radius_bits", Integer, nullable=False),
    Column("quality_min", Integer, nullable=False),
    Column("hourly_cap", Integer, nullable=False),
    Column("legal_category", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("resumed_at", Instant),
)
bank_seq = table(
    "bank_seq",
    Column("only", Integer, primary_key=True),
    Column("seq", Big, nullable=False),
)
bank_entry = table(
    "bank_entry",
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", Big, nullable=False, unique=True),
    Column("seq", Big, nullable=False, index=True),
    Column("bank", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("digest", Octets, nullable=False),
    Column("opinion", Text, nullable=False),
    Column("labels", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("strain", Integer, nullable=False),
    Column("confirmed_here", Flag, nullable=False),
    Column("enabled", Flag, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("bank", "digest"),
    Index("ix_bank_entry_bank", "bank", "number"),
    Index("ix_bank_entry_digest", "digest"),
)
item_match = table(
    "item_match",
    Column("id", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    Column("bank", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("distance", Integer, nullable=False),
    Column("standing", Text, nullable=False),
    Column("confirmed_here", Flag, nullable=False),
    Column("spans", Json, nullable=False),
    Column("silenced_by", Text),
    Column("verdict", Text),
    Column("verdict_at", Instant),
    Column("at", Instant, nullable=False),
    UniqueConstraint("item", "revision", "entry", "source"),
    Index("ix_item_match_bank", "bank", "standing", "at", "item"),
    Index("ix_item_match_verdict", "bank", "verdict", "verdict_at"),
    Index("ix_item_match_entry", "entry"),
)


def _bank_row(bank: Bank) -> dict[str, Any]:
    terms = {name: getattr(bank.terms, name) for name in _TERMS}
    rest = {"owner": bank.owner, "stage": bank.stage, "created_at": bank.created_at}
    rest |= {"resumed_at": bank.resumed_at}
    return {"id": bank.id, "version": bank.version} | terms | rest


def _bank(row: Mapping[str, Any]) -> Bank:
    words = {name: row[name] for name in _TERMS}
    source, category = BankSource(row["source"]), LegalCategory(row["legal_category"])
    terms = BankTerms(**{**words, "source": source, "legal_category": category})
    return Bank(
        id=BankId(row["id"]),
        version=row["version"],
        terms=terms,
        owner=PersonId(row["owner"]),
        stage=Stage(row["stage"]),
        created_at=row["created_at"],
        resumed_at=row["resumed_at"],
    )


BANKS: Rows[Bank] = Rows(
    bank_table,
    "bank",
    (
        BankCreated,
        BankChanged,
        BankPromoted,
        BankSetBack,
        BankPaused,
        BankResumed,
        BankDisabled,
        EntriesImported,
    ),
    rules.apply_bank,
    _bank_row,
    _bank,
)


def all_banks(conn: Connection) -> list[Bank]:
    """All banks, by name."""
    return BANKS.find(conn, select(bank_table).order_by(bank_table.c.name))


def bank_by_name(conn: Connection, name: str) -> Bank | None:
    """The bank people call this."""
    found = BANKS.find(conn, select(bank_table).where(bank_table.c.name == name))
    return found[0] if found else None


# ── the bank sequence ─────────────────────────────────────────────────────────────────────────────


def take_seqs(tx: Tx, count: int = 1) -> int:
    """Take the next `count` numbers of the bank sequence; the first of them.

    The one row is locked until the commit: numbers become visible in their order, and whoever changes a bank or
    an entry takes a number before reading it, so that on PostgreSQL two changes never cross.
    """
    statement = _insert(tx, bank_seq).values(only=1, seq=count)
    more = {"seq": bank_seq.c.seq + count}
    statement = statement.on_conflict_do_update(index_elements=["only"], set_=more).returning(bank_seq.c.seq)
    last: int = tx.conn.execute(statement).scalar_one()
    return last - count + 1


def seq(conn: Connection) -> int:
    """The bank sequence's newest number; 0 before the first."""
    return conn.execute(select(bank_seq.c.seq)).scalar() or 0


# ── entries ───────────────────────────────────────────────────────────────────────────────────────


def line_digest(kind: str, value: str) -> bytes:
    """SHA-256 of the line `type:value` and a newline, by which equal entries are known."""
    return hashlib.sha256(entry_line(kind, value)).digest()


def entry_line(kind: str, value: str) -> bytes:
    """The line `type:value` and a newline, of which digests are made."""
    return f"{kind}:{value}\n".encode()


def known_digests(conn: Connection, bank: BankId, digests: Sequence[bytes]) -> set[bytes]:
    """Which of these the bank has already."""
    there = (bank_entry.c.bank == bank) & bank_entry.c.digest.in_(digests)
    return set(conn.execute(select(bank_entry.c.digest).where(there)).scalars())


def add_entries(tx: Tx, entries: Iterable[Entry]) -> None:
    """Store new entries."""
    tx.add(bank_entry, [_entry_row(entry) for entry in entries])


def save_entry(tx: Tx, entry: Entry) -> Entry:
    """Store a changed entry over the one it was made of.

    Raises:
        Conflict: somebody else changed it since it was read.

    """
    tx.save(bank_entry, _entry_row(entry), version=entry.version)
    return replace(entry, version=entry.version + 1)


def entry(conn: Connection, entry_id: EntryId) -> Entry:
    """The entry.

    Raises:
        NotFound: there is none.

    """
    row = conn.execute(select(bank_entry).where(bank_entry.c.id == entry_id)).mappings().first()
    if row is None:
        raise NotFound("no-such-entry", "there is no entry with this id")
    return entry_from_row(row)


def entries(conn: Connection, entry_ids: Iterable[EntryId]) -> dict[EntryId, Entry]:
    """Those of these entries that there are."""
    rows = conn.execute(select(bank_entry).where(bank_entry.c.id.in_(list(entry_ids)))).mappings()
    return {EntryId(row["id"]): entry_from_row(row) for row in rows}


def entry_by_value(conn: Connection, bank: BankId, kind: str, value: str) -> Entry | None:
    """The bank's entry of this value."""
    same = (bank_entry.c.bank == bank) & (bank_entry.c.digest == line_digest(kind, value))
    row = conn.execute(select(bank_entry).where(same)).mappings().first()
    return None if row is None else entry_from_row(row)


def entries_after(conn: Connection, seq: int) -> Iterator[tuple[int, EntryId, BankId, str, str, Opinion, bool, bool]]:
    """What changed after `seq`: number, id, bank, type, value, opinion, confirmed here, enabled; read in portions."""
    c = bank_entry.c
    columns = (c.number, c.id, c.bank, c.type, c.value, c.opinion, c.confirmed_here, c.enabled)
    query = select(*columns).where(c.seq > seq).execution_options(yield_per=_ROWS_AT_ONCE)
    for number, entry_id, bank, kind, value, opinion, confirmed, enabled in conn.execute(query):
        yield number, EntryId(entry_id), BankId(bank), kind, value, Opinion(opinion), confirmed, enabled


def values_between(conn: Connection, bank: BankId, first: int, last: int) -> Iterator[tuple[str, str]]:
    """Types and values of the bank's entries of these numbers, in their order."""
    c = bank_entry.c
    those = (c.bank == bank) & c.number.between(first, last)
    query = select(c.type, c.value).where(those).order_by(c.number).execution_options(yield_per=_ROWS_AT_ONCE)
    yield from ((kind, value) for kind, value in conn.execute(query))


def entry_count(conn: Connection) -> int:
    """How many entries there are in all banks."""
    count: int = conn.execute(select(func.count()).select_from(bank_entry)).scalar_one()
    return count


def told(conn: Connection, kind: type[Event]) -> Iterator[dict[str, Any]]:
    """The facts of all events of one type, oldest first."""
    of_type = select(event_table).where(event_table.c.type == kind.type()).order_by(event_table.c.seq)
    for stored in read(conn, of_type):
        yield stored.facts


def _entry_row(given: Entry) -> dict[str, Any]:
    names = ("id", "version", "number", "seq", "bank", "confirmed_here", "enabled", "added_by", "added_at")
    row = {name: getattr(given, name) for name in names} | {name: getattr(given.given, name) for name in _GIVEN}
    return row | {"labels": list(given.given.labels), "digest": line_digest(given.type, given.value)}


def entry_from_row(row: Any) -> Entry:
    """The entry of a row over all columns."""
    words = {name: row[name] for name in _GIVEN}
    given = EntryGiven(**{**words, "opinion": Opinion(row["opinion"]), "labels": tuple(row["labels"])})
    return Entry(
        id=EntryId(row["id"]),
        version=row["version"],
        number=row["number"],
        seq=row["seq"],
        bank=BankId(row["bank"]),
        given=given,
        confirmed_here=row["confirmed_here"],
        enabled=row["enabled"],
        added_by=PersonId(row["added_by"]),
        added_at=row["added_at"],
    )


# ── matches ───────────────────────────────────────────────────────────────────────────────────────


def items_matched(conn: Connection, bank: BankId, standing: Standing, since: datetime, at_most: int) -> int:
    """How many items the bank matched with this standing since then; counting stops at `at_most`."""
    c = item_match.c
    those = (c.bank == bank) & (c.standing == standing) & (c.at >= since)
    items = select(c.item).where(those).distinct().limit(at_most).subquery()
    counted: int = conn.execute(select(func.count()).select_from(items)).scalar_one()
    return counted


def matches_of(conn: Connection, item: ItemId, revision: int) -> list[Match]:
    """All matches of a revision, in their one order."""
    of_revision = (item_match.c.item == item) & (item_match.c.revision == revision)
    return in_order(match_from_row(row) for row in conn.execute(select(item_match).where(of_revision)).mappings())


def in_order(matches: Iterable[Match]) -> list[Match]:
    """By the search that found them, then the closest first."""
    return sorted(matches, key=lambda match: (match.at, match.distance, match.source, match.entry))


def add_matches(tx: Tx, matches: Iterable[Match]) -> None:
    """Store new matches."""
    names = tuple(Match.__dataclass_fields__)
    rows = [{name: getattr(match, name) for name in names} for match in matches]
    tx.add(item_match, [row | {"spans": [list(span) for span in row["spans"]]} for row in rows])


def put_verdict(tx: Tx, item: ItemId, revision: int, verdict: Verdict) -> int:
    """Write the verdict on the revision's matches (silenced ones claimed nothing); how many it changed."""
    c = item_match.c
    spoke = (c.item == item) & (c.revision == revision) & (c.standing != Standing.SILENCED)
    other = c.verdict.is_(None) | (c.verdict != verdict)
    changed = update(item_match).where(spoke & other).values(verdict=verdict, verdict_at=tx.now)
    return tx.conn.execute(changed).rowcount


def match_from_row(row: Any) -> Match:
    """The match of a row over all columns."""
    return Match(
        **{
            **row,
            "id": MatchId(row["id"]),
            "standing": Standing(row["standing"]),
            "spans": tuple((start, end) for start, end in row["spans"]),
            "verdict": None if row["verdict"] is None else Verdict(row["verdict"]),
        }
    )


def _insert(tx: Tx, into: Any) -> Any:
    return (sqlite_insert if tx.conn.dialect.name == "sqlite" else postgresql_insert)(into)


_FACTS = Retention("as long as the node's record; holds no personal data")

RECORDS = (
    Keeping(bank_table, "which banks this node compares with, and who answers for them", _FACTS),
    Keeping(bank_seq, "the order of changes of banks", _FACTS),
    Keeping(bank_entry, "the known signals of each bank; notes speak of content, not of people", _FACTS),
    Keeping(item_match, "why an item came to a person, and whether the bank was right", _FACTS),
)
