"""Keeping what was found, and what people said of it.

Owns: `record`, the brake at work, `note_verdict`.
Promises: matches of a revision are kept once, however often it is searched; banks and entries are read again in the
transaction, so that what was disabled or paused since the search does not act; a bank over its hourly cap is
paused in the same transaction and its matches are only observed from then on.
Never does: open cases, apply rules; those react to `MatchesFound`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from beffroi.ground.kernel.ids import EntryId, ItemId, MatchId, fresh
from beffroi.ground.kernel.limits import OBSERVED_ROWS_HOURLY_MAX
from beffroi.ground.storage import Tx

from . import rules, store
from .events import MatchesFound, MatchSummary, VerdictNoted
from .model import Bank, Entry, Found, Match, Opinion, Stage, Standing, Verdict


def record(tx: Tx, item: ItemId, revision: int, found: Sequence[Found]) -> tuple[Match, ...]:
    """Keep what was found of a revision; all its matches, those kept before included."""
    if not found:
        return ()
    kept = store.matches_of(tx.conn, item, revision)
    places = {(match.entry, match.source) for match in kept}
    fresh_ones = [one for one in found if (one.entry, one.source) not in places]
    matches = store.in_order(_match(tx, item, revision, one) for one in _as_of_now(tx, item, fresh_ones))
    if matches:
        store.add_matches(tx, matches)
        tx.record(_found_event(item, revision, matches))
    return (*kept, *matches)


def note_verdict(tx: Tx, item: ItemId, revision: int, verdict: Verdict) -> int:
    """A person decided on the revision: its matches were right, or not; how many say something new now."""
    changed = store.put_verdict(tx, item, revision, verdict)
    if changed:
        tx.record(VerdictNoted(item, revision, verdict, changed))
    return changed


def _as_of_now(tx: Tx, item: ItemId, found: Sequence[Found]) -> Iterable[Found]:
    """What was found, by what its banks and entries are in this transaction; bank by bank, each under its brake."""
    named = {one.entry for one in found} | {one.silenced_by for one in found if one.silenced_by is not None}
    entries = store.entries(tx.conn, sorted(named))
    for bank_id in sorted({one.bank for one in found}):
        bank = store.BANKS.load(tx.conn, bank_id)
        current = [_current(tx, one, entries, bank) for one in found if one.bank == bank_id]
        yield from _under_brake(tx, item, bank, [one for one in current if one is not None])


def _current(tx: Tx, one: Found, entries: Mapping[EntryId, Entry], bank: Bank) -> Found | None:
    entry = entries.get(one.entry)
    if entry is None or not entry.enabled or entry.opinion is Opinion.NEGATIVE or bank.stage is Stage.DISABLED:
        return None
    silencer = one.silenced_by if _silences(tx, entries.get(one.silenced_by or EntryId(""))) else None
    return replace(
        one,
        standing=rules.standing(entry.opinion, bank.stage, silenced=silencer is not None),
        silenced_by=silencer,
        confirmed_here=entry.confirmed_here,
    )


def _silences(tx: Tx, silencer: Entry | None) -> bool:
    """Whether the negative entry still stands, in a bank that is not disabled."""
    if silencer is None or not silencer.enabled or silencer.opinion is not Opinion.NEGATIVE:
        return False
    return store.BANKS.load(tx.conn, silencer.bank).stage is not Stage.DISABLED


def _under_brake(tx: Tx, item: ItemId, bank: Bank, found: Sequence[Found]) -> Iterable[Found]:
    """The same, unless the bank is over its cap: then it is paused and they are observed.

    Of what may not act, only as many rows an hour are kept as tell enough.
    """
    if any(one.standing is Standing.ACTING for one in found) and not _may_act(tx, item, bank):
        found = [_observed(one) for one in found]
    for standing in Standing:
        those = [one for one in found if one.standing is standing]
        if standing is Standing.ACTING or (those and _has_room(tx, bank, standing)):
            yield from those


def _has_room(tx: Tx, bank: Bank, standing: Standing) -> bool:
    since = rules.full_hour(tx.now)
    kept = store.items_matched(tx.conn, bank.id, standing, since, OBSERVED_ROWS_HOURLY_MAX)
    return kept < OBSERVED_ROWS_HOURLY_MAX


def _may_act(tx: Tx, item: ItemId, bank: Bank) -> bool:
    """Whether one more item keeps the bank within its cap; if not, it is paused here."""
    if not rules.brake_counts_at(bank, item):
        return True
    since = rules.brake_counts_since(bank, tx.now)
    items = store.items_matched(tx.conn, bank.id, Standing.ACTING, since, bank.terms.hourly_cap) + 1
    if not rules.brake(bank, items, since):
        return True
    store.take_seqs(tx)
    latest = store.BANKS.load(tx.conn, bank.id)
    events = rules.brake(latest, items, since)
    if events:
        store.BANKS.change(tx, latest, events)
    return False


def _observed(one: Found) -> Found:
    return replace(one, standing=Standing.OBSERVED) if one.standing is Standing.ACTING else one


def _match(tx: Tx, item: ItemId, revision: int, one: Found) -> Match:
    return Match(
        id=MatchId(fresh("mat", tx.now)),
        item=item,
        revision=revision,
        entry=one.entry,
        bank=one.bank,
        type=one.type,
        source=one.source,
        distance=one.distance,
        standing=one.standing,
        confirmed_here=one.confirmed_here,
        spans=one.spans,
        silenced_by=one.silenced_by,
        verdict=None,
        verdict_at=None,
        at=tx.now,
    )


def _found_event(item: ItemId, revision: int, matches: Sequence[Match]) -> MatchesFound:
    count = Counter(match.standing for match in matches)
    acting = tuple(
        MatchSummary(m.id, m.entry, m.bank, m.type, m.source, m.distance, m.confirmed_here)
        for m in matches
        if m.standing is Standing.ACTING
    )
    return MatchesFound(
        item,
        revision,
        acting,
        observed=count[Standing.OBSERVED],
        disputed=count[Standing.DISPUTED],
        silenced=count[Standing.SILENCED],
    )
