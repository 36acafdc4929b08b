"""What pages and the API read of banks and matches.

Owns: read-only joins over the tables of `matching`.
Promises: numbers are counted in items, as people see them; pages of entries go by a cursor, never by offset.
Never does: write; show posted text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select, type_coerce

from beffroi.ground.kernel.ids import BankId, EntryId, ItemId
from beffroi.ground.kernel.limits import JUDGED_MATCHES_MAX, OBSERVED_ROWS_HOURLY_MAX
from beffroi.ground.storage.tables import Big

from . import store
from .explain import Explanation, TrackRecord, Voice, explain
from .model import Bank, Entry, Match, Opinion, Standing, Verdict

_DAY = timedelta(days=1)
_DAY_US = 86_400_000_000
_EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class BankLine:
    """A bank with its numbers, in items: of the last 24 hours, and `unseen` ones that no person has decided on."""

    bank: Bank
    entries: int
    enabled: int
    acting_24h: int
    observed_24h: int
    unseen: int
    record: TrackRecord


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Some entries; `next_after` is the cursor of the next page, None on the last."""

    entries: tuple[Entry, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Replay:
    """What a bank would have done since `since`, had it acted.

    `cases` counts items with the same closest entry as one, as near-identical items share a case. `by_day` has every
    day (UTC). `hours_full`: hours in which more matched than was kept, so that the counts are too low.
    """

    bank: Bank
    since: datetime
    items: int
    cases: int
    by_day: tuple[tuple[date, int], ...]
    hours_full: int
    samples: tuple[Match, ...]
    record: TrackRecord

    @property
    def items_per_day(self) -> float:
        """The mean over the days."""
        return self.items / len(self.by_day) if self.by_day else 0.0


def banks(conn: Connection, now: datetime) -> tuple[BankLine, ...]:
    """All banks, by name."""
    sizes, today, unseen = _sizes(conn), _items_since(conn, now - _DAY), _unseen(conn)
    return tuple(_line(each, sizes, today, unseen, bank_record(conn, each.id)) for each in store.all_banks(conn))


def bank(conn: Connection, bank_id: BankId, now: datetime) -> BankLine:
    """One bank with its numbers.

    Raises:
        NotFound: there is no such bank.

    """
    one = store.BANKS.load(conn, bank_id)
    today, unseen = _items_since(conn, now - _DAY, bank_id), _unseen(conn, bank_id)
    return _line(one, _sizes(conn, bank_id), today, unseen, bank_record(conn, bank_id))


def entries(
    conn: Connection,
    bank_id: BankId,
    *,
    after: int = 0,
    limit: int = 50,
    signal_type: str | None = None,
    opinion: Opinion | None = None,
    enabled: bool | None = None,
) -> EntriesPage:
    """Entries of a bank in the order in which they came, beginning after the cursor `after`."""
    c = store.bank_entry.c
    query = select(store.bank_entry).where(c.bank == bank_id, c.number > after).order_by(c.number).limit(limit + 1)
    for column, wanted in ((c.type, signal_type), (c.opinion, opinion), (c.enabled, enabled)):
        query = query if wanted is None else query.where(column == wanted)
    found = [store.entry_from_row(row) for row in conn.execute(query).mappings()]
    page = tuple(found[:limit])
    return EntriesPage(page, page[-1].number if len(found) > limit else None)


def bank_record(conn: Connection, bank_id: BankId) -> TrackRecord:
    """How often one bank was right."""
    return _record(conn, store.item_match.c.bank == bank_id)


def entry_record(conn: Connection, entry_id: EntryId) -> TrackRecord:
    """How often one entry was right."""
    return _record(conn, store.item_match.c.entry == entry_id)


def matches(conn: Connection, item: ItemId, revision: int) -> tuple[Explanation, ...]:
    """All matches of a revision, explained: those that act first, then the closest."""
    found = store.matches_of(conn, item, revision)
    known = store.entries(conn, sorted({match.entry for match in found}))
    by_id = {each.id: each for each in store.all_banks(conn)}
    records = {bank_id: bank_record(conn, bank_id) for bank_id in {match.bank for match in found}}
    voices = {entry.id: _voices(conn, entry, by_id) for entry in known.values()}
    order = sorted(found, key=lambda match: (match.observed, match.distance, match.id))
    return tuple(
        explain(
            match,
            known[match.entry],
            by_id[match.bank],
            records[match.bank],
            voices[match.entry],
        )
        for match in order
    )


def replay(conn: Connection, bank_id: BankId, now: datetime, *, days: int = 14, samples: int = 12) -> Replay:
    """What the bank observed in the last `days`, to be seen before it is promoted.

    Raises:
        NotFound: there is no such bank.

    """
    one = store.BANKS.load(conn, bank_id)
    since = max(now - days * _DAY, one.created_at)
    c = store.item_match.c
    observed = (c.bank == bank_id) & (c.standing == Standing.OBSERVED) & (c.at >= since)
    rank = func.row_number().over(partition_by=c.item, order_by=(c.distance, c.entry, c.id)).label("rank")
    closest = select(c.id, c.item, c.entry, c.at, rank).where(observed).subquery()
    firsts = select(closest).where(closest.c.rank == 1).subquery()
    items, cases = conn.execute(select(func.count(), func.count(firsts.c.entry.distinct())).select_from(firsts)).one()
    newest = select(store.item_match).join(firsts, firsts.c.id == c.id).order_by(c.at.desc(), c.id).limit(samples)
    rows = conn.execute(newest).mappings()
    return Replay(
        bank=one,
        since=since,
        items=items,
        cases=cases,
        by_day=_by_day(conn, firsts, since, now),
        hours_full=_hours_full(conn, firsts),
        samples=tuple(store.match_from_row(row) for row in rows),
        record=bank_record(conn, bank_id),
    )


def _line(
    one: Bank,
    sizes: Mapping[str, tuple[int, int]],
    today: Mapping[tuple[str, str], int],
    unseen: Mapping[str, int],
    record: TrackRecord,
) -> BankLine:
    entries_count, enabled = sizes.get(one.id, (0, 0))
    acting, observed = (today.get((one.id, standing), 0) for standing in (Standing.ACTING, Standing.OBSERVED))
    return BankLine(one, entries_count, enabled, acting, observed, unseen.get(one.id, 0), record)


def _sizes(conn: Connection, bank_id: BankId | None = None) -> dict[str, tuple[int, int]]:
    """Of each bank: its entries, and how many are enabled."""
    c = store.bank_entry.c
    enabled = func.sum(case((c.enabled == True, 1), else_=0))  # noqa: E712 (an SQL comparison)
    query = select(c.bank, func.count(), enabled).group_by(c.bank)
    rows = conn.execute(query if bank_id is None else query.where(c.bank == bank_id))
    return {bank: (count, enabled_count) for bank, count, enabled_count in rows}


def _items_since(conn: Connection, since: datetime, bank_id: BankId | None = None) -> dict[tuple[str, str], int]:
    """Of each bank and standing: the items matched since then."""
    c = store.item_match.c
    query = select(c.bank, c.standing, func.count(c.item.distinct())).where(c.at >= since).group_by(c.bank, c.standing)
    rows = conn.execute(query if bank_id is None else query.where(c.bank == bank_id))
    return {(bank, standing): count for bank, standing, count in rows}


def _unseen(conn: Connection, bank_id: BankId | None = None) -> dict[str, int]:
    """Of each bank: the items on which its matches claim something and no person has decided."""
    c = store.item_match.c
    waiting = c.verdict.is_(None) & (c.standing != Standing.SILENCED)
    query = select(c.bank, func.count(c.item.distinct())).where(waiting).group_by(c.bank)
    rows = conn.execute(query if bank_id is None else query.where(c.bank == bank_id))
    return {bank: count for bank, count in rows}  # noqa: C416 (dict() of rows has no type)


def _record(conn: Connection, which: ColumnElement[bool]) -> TrackRecord:
    """The latest judged matches, of one bank or entry, counted in items."""
    c = store.item_match.c
    judged: list[tuple[datetime, str, str]] = []
    for verdict in Verdict:
        newest = select(c.verdict_at, c.item, c.verdict).where(which, c.verdict == verdict)
        rows = conn.execute(newest.order_by(c.verdict_at.desc()).limit(JUDGED_MATCHES_MAX))
        judged += ((at, item, said) for at, item, said in rows)
    latest = sorted(judged, reverse=True)[:JUDGED_MATCHES_MAX]
    items = {verdict: {item for _, item, said in latest if said == verdict} for verdict in Verdict}
    mistakes = [at for at, _, said in latest if said == Verdict.OVERTURNED]
    return TrackRecord(len(items[Verdict.CONFIRMED]), len(items[Verdict.OVERTURNED]), max(mistakes, default=None))


def _voices(conn: Connection, entry: Entry, by_id: Mapping[BankId, Bank]) -> tuple[Voice, ...]:
    """What other banks say of the same value."""
    c = store.bank_entry.c
    same = (c.digest == store.line_digest(entry.type, entry.value)) & (c.bank != entry.bank)
    rows = conn.execute(select(c.bank, c.opinion, c.enabled).where(same).order_by(c.number))
    return tuple(Voice(by_id[bank].name, Opinion(opinion)) for bank, opinion, enabled in rows if enabled)


def _by_day(conn: Connection, firsts: Any, since: datetime, now: datetime) -> tuple[tuple[date, int], ...]:
    """Items of each day from `since` to `now`, the empty days too."""
    day = type_coerce(firsts.c.at, Big) // _DAY_US
    rows = conn.execute(select(day, func.count()).select_from(firsts).group_by(day))
    counts = {number: items for number, items in rows}  # noqa: C416 (dict() of rows has no type)
    first, last = ((at.astimezone(UTC).date() - _EPOCH_DAY).days for at in (since, now))
    return tuple((_EPOCH_DAY + number * _DAY, counts.get(number, 0)) for number in range(first, last + 1))


def _hours_full(conn: Connection, firsts: Any) -> int:
    """In how many hours as much matched as is kept of an hour."""
    hour = type_coerce(firsts.c.at, Big) // (_DAY_US // 24)
    full = select(hour).select_from(firsts).group_by(hour).having(func.count() >= OBSERVED_ROWS_HOURLY_MAX)
    count: int = conn.execute(select(func.count()).select_from(full.subquery())).scalar_one()
    return count
