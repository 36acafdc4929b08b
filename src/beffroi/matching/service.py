"""Commands on banks and entries.

Owns: the order of number, load, rule, save.
Promises: every change takes a number of the bank sequence first and is recorded with the person who made it; a
value stands in a bank once, however often it is added.
Never does: open a transaction; decide who may (the doors do); find matches (`recording` keeps those).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from beffroi.ground.kernel.errors import Conflict, TooLarge
from beffroi.ground.kernel.ids import BankId, EntryId, PersonId, fresh
from beffroi.ground.kernel.limits import IMPORT_ROWS_MAX
from beffroi.ground.storage import Event, Tx

from . import rules, store
from .events import EntriesImported, EntryAdded, EntryChanged, EntryDescribed
from .model import Bank, BankTerms, Entry, EntryGiven, Opinion

HARMLESS_BANK = "Found harmless here"
"""The name of the bank in which `silence` keeps its negative entries."""
_HARMLESS_TERMS = BankTerms(HARMLESS_BANK, "Negative entries: what people of this node found harmless.", radius_bits=31)
_SILENCED_TYPES = frozenset({"pdq", "sha256", "md5"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: `added` new entries; `known` were in the bank before and stay as they were."""

    added: int
    known: int


# ── banks ─────────────────────────────────────────────────────────────────────────────────────────


def create_bank(tx: Tx, terms: BankTerms, owner: PersonId) -> Bank:
    """A new bank; it observes.

    Raises:
        Conflict: there is a bank of this name.
        Invalid: the terms are out of bounds.

    """
    store.take_seqs(tx)
    _refuse_taken(tx, terms.name)
    bank = BankId(fresh("bnk", tx.now))
    return store.BANKS.change(tx, None, rules.create_bank(bank, terms, owner, tx.now))


def change_bank(tx: Tx, bank_id: BankId, terms: BankTerms, owner: PersonId) -> Bank:
    """Other terms or another owner.

    Raises:
        Conflict: the name is taken, or the change would widen what an acting bank reaches.
        Invalid: the terms are out of bounds.
        NotFound: there is no such bank.

    """
    store.take_seqs(tx)
    bank = store.BANKS.load(tx.conn, bank_id)
    if terms.name != bank.name:
        _refuse_taken(tx, terms.name)
    return _changed(tx, bank, rules.change_bank(bank, terms, owner))


def promote(tx: Tx, bank_id: BankId, by: PersonId) -> Bank:
    """Let an observing bank act; `views.replay` shows first what it would have done.

    Raises:
        Conflict: it does not observe.
        NotFound: there is no such bank.

    """
    return _change(tx, bank_id, lambda bank: rules.promote(bank, by))


def set_back(tx: Tx, bank_id: BankId, by: PersonId) -> Bank:
    """Let a bank observe again; also the way back for a disabled one.

    Raises:
        Conflict: it observes already.
        NotFound: there is no such bank.

    """
    return _change(tx, bank_id, lambda bank: rules.set_back(bank, by))


def resume(tx: Tx, bank_id: BankId, by: PersonId) -> Bank:
    """Let a bank go on after the brake, which counts anew.

    Raises:
        Conflict: it is not paused.
        NotFound: there is no such bank.

    """
    return _change(tx, bank_id, lambda bank: rules.resume(bank, by, tx.now))


def disable(tx: Tx, bank_id: BankId, by: PersonId) -> Bank:
    """Let a bank match nothing any more.

    Raises:
        NotFound: there is no such bank.

    """
    return _change(tx, bank_id, lambda bank: rules.disable(bank, by))


def _change(tx: Tx, bank_id: BankId, rule: Callable[[Bank], tuple[Event, ...]]) -> Bank:
    store.take_seqs(tx)
    bank = store.BANKS.load(tx.conn, bank_id)
    return _changed(tx, bank, rule(bank))


def _changed(tx: Tx, bank: Bank, events: tuple[Event, ...]) -> Bank:
    return store.BANKS.change(tx, bank, events) if events else bank


def _refuse_taken(tx: Tx, name: str) -> None:
    if store.bank_by_name(tx.conn, name) is not None:
        raise Conflict("name-taken", "there is a bank of this name")


# ── entries ───────────────────────────────────────────────────────────────────────────────────────


def add_entry(tx: Tx, bank_id: BankId, given: EntryGiven, by: PersonId) -> Entry:
    """Add one entry, or find the same one there.

    Raises:
        Conflict: the bank has this value, disabled or with another opinion.
        Invalid: the entry is malformed.
        NotFound: there is no such bank.

    """
    examined = rules.examine_entry(given)
    seq = store.take_seqs(tx)
    bank = store.BANKS.load(tx.conn, bank_id)
    there = store.entry_by_value(tx.conn, bank.id, examined.type, examined.value)
    if there is not None:
        if not there.enabled or there.opinion is not examined.opinion:
            raise Conflict("entry-differs", "the bank has this value, disabled or with another opinion", id=there.id)
        return there
    entry = _entry(tx, bank.id, examined, seq, by)
    store.add_entries(tx, [entry])
    digest = store.line_digest(entry.type, entry.value).hex()
    tx.record(EntryAdded(entry.id, bank.id, seq, entry.type, digest, entry.opinion, by))
    return entry


def import_entries(tx: Tx, bank_id: BankId, rows: Sequence[EntryGiven], by: PersonId) -> Imported:
    """Add many entries as one event; `imports.pieces` cuts a long list, each piece its own transaction.

    Raises:
        TooLarge: more than `IMPORT_ROWS_MAX` rows.
        Invalid: a row is malformed; nothing was added (`imports` refuses such rows with their line).
        NotFound: there is no such bank.

    """
    if len(rows) > IMPORT_ROWS_MAX:
        raise TooLarge("too-many-rows", f"at most {IMPORT_ROWS_MAX} entries are imported at once")
    if not rows:
        return Imported(0, 0)
    examined: dict[bytes, EntryGiven] = {}
    for row in map(rules.examine_entry, rows):
        examined.setdefault(store.line_digest(row.type, row.value), row)
    first = store.take_seqs(tx, len(rows))
    bank = store.BANKS.load(tx.conn, bank_id)
    there = store.known_digests(tx.conn, bank.id, list(examined))
    new = [row for digest, row in examined.items() if digest not in there]
    entries = [_entry(tx, bank.id, row, first + place, by) for place, row in enumerate(new)]
    store.add_entries(tx, entries)
    known = len(rows) - len(new)
    if entries:
        last = first + len(entries) - 1
        digest = hashlib.sha256(b"".join(store.entry_line(entry.type, entry.value) for entry in entries)).hexdigest()
        imported = EntriesImported(bank.id, first, last, len(entries), known, digest, by)
        store.BANKS.change(tx, bank, [imported])
    return Imported(len(new), known)


def silence(tx: Tx, signals: Iterable[tuple[str, str]], by: PersonId) -> tuple[Entry, ...]:
    """Never flag this file or its near copies again: a person found it harmless, or an order against it ended.

    `signals`: types and values of the item. Only files and pictures are silenced; that one post was harmless says
    nothing of a phrase or a link. The negative entries stand in a bank of this node's own, made when first needed.
    """
    silenced = [EntryGiven(kind, value, Opinion.NEGATIVE) for kind, value in signals if kind in _SILENCED_TYPES]
    if not silenced:
        return ()
    bank = store.bank_by_name(tx.conn, HARMLESS_BANK) or create_bank(tx, _HARMLESS_TERMS, by)
    return tuple(_silence(tx, bank, given, by) for given in silenced)


def _silence(tx: Tx, bank: Bank, given: EntryGiven, by: PersonId) -> Entry:
    there = store.entry_by_value(tx.conn, bank.id, given.type, given.value)
    if there is None:
        return add_entry(tx, bank.id, given, by)
    return set_enabled(tx, set_opinion(tx, there.id, Opinion.NEGATIVE, by).id, by, enabled=True)


def set_opinion(tx: Tx, entry_id: EntryId, opinion: Opinion, by: PersonId) -> Entry:
    """Say something else of an entry.

    Raises:
        NotFound: there is no such entry.

    """
    return _change_entry(tx, entry_id, lambda entry: replace(entry, given=replace(entry.given, opinion=opinion)), by)


def confirm_here(tx: Tx, entry_id: EntryId, by: PersonId, *, confirmed: bool = True) -> Entry:
    """A person of this node has looked at what the entry stands for and agrees (or takes that back).

    Raises:
        NotFound: there is no such entry.

    """
    return _change_entry(tx, entry_id, lambda entry: replace(entry, confirmed_here=confirmed), by)


def set_enabled(tx: Tx, entry_id: EntryId, by: PersonId, *, enabled: bool) -> Entry:
    """Let an entry match, or not any more.

    Raises:
        NotFound: there is no such entry.

    """
    return _change_entry(tx, entry_id, lambda entry: replace(entry, enabled=enabled), by)


def describe_entry(tx: Tx, entry_id: EntryId, given: EntryGiven, by: PersonId) -> Entry:
    """Take labels, note, description and strain from `given`; its type, value and opinion are not looked at.

    Raises:
        Invalid: one of them is out of bounds.
        NotFound: there is no such entry.

    """
    seq = store.take_seqs(tx)
    entry = store.entry(tx.conn, entry_id)
    words = replace(given, type=entry.type, value=entry.value, opinion=entry.opinion)
    examined = replace(rules.examine_entry(words), value=entry.value)
    if examined == entry.given:
        return entry
    tx.record(EntryDescribed(entry.id, entry.bank, by))
    return store.save_entry(tx, replace(entry, given=examined, seq=seq))


def _change_entry(tx: Tx, entry_id: EntryId, change: Callable[[Entry], Entry], by: PersonId) -> Entry:
    seq = store.take_seqs(tx)
    entry = store.entry(tx.conn, entry_id)
    changed = change(entry)
    if changed == entry:
        return entry
    state = (changed.opinion, changed.enabled, changed.confirmed_here)
    tx.record(EntryChanged(entry.id, entry.bank, seq, *state, by))
    return store.save_entry(tx, replace(changed, seq=seq))


def _entry(tx: Tx, bank: BankId, given: EntryGiven, seq: int, by: PersonId) -> Entry:
    return Entry(
        id=EntryId(fresh("ent", tx.now)),
        version=1,
        number=seq,
        seq=seq,
        bank=bank,
        given=given,
        confirmed_here=False,
        enabled=True,
        added_by=by,
        added_at=tx.now,
    )
