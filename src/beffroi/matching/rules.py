"""Which changes of banks and entries are lawful, and what a match may do. Pure.

Owns: the life of a bank, the form of entries, the standing of a match, the brake.
Promises: a bank begins by observing and acts only after a named person promoted it; what would widen an acting
bank is refused until it observes again; a negative entry wins over a positive one that is no closer.
Never does: compare signals; that is `index`.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import BankId, ItemId, PersonId
from beffroi.ground.kernel.limits import (
    BRAKE_STEPS,
    ENTRY_WORDS_CHARS_MAX,
    HOURLY_CAP_MAX,
    LABEL_CHARS_MAX,
    LABELS_MAX,
    NAME_CHARS_MAX,
    PDQ_RADIUS_MAX,
    STRAIN_MAX,
)
from beffroi.ground.storage import Event
from beffroi.signals import registry

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
from .model import Bank, BankSource, BankTerms, EntryGiven, Opinion, Stage, Standing

_QUALITY_MAX = 100
_STAGE_AFTER: dict[type[Event], Stage] = {
    BankPromoted: Stage.ACTIVE,
    BankSetBack: Stage.OBSERVE,
    BankPaused: Stage.PAUSED,
    BankDisabled: Stage.DISABLED,
}


def create_bank(bank: BankId, terms: BankTerms, owner: PersonId, now: datetime) -> tuple[Event, ...]:
    """A new bank; it observes.

    Raises:
        Invalid: which of the terms is out of bounds.

    """
    return (BankCreated(bank, examine_terms(terms), owner, now),)


def change_bank(bank: Bank, terms: BankTerms, owner: PersonId) -> tuple[Event, ...]:
    """Other terms or another owner; nothing where nothing changes.

    Raises:
        Conflict: the bank acts, or would after a resume, and would reach further than anybody has observed.
        Invalid: which of the terms is out of bounds.

    """
    if (terms, owner) == (bank.terms, bank.owner):
        return ()
    old = bank.terms
    is_wider = terms.radius_bits > old.radius_bits or terms.quality_min < old.quality_min
    if is_wider and bank.stage in {Stage.ACTIVE, Stage.PAUSED}:
        raise Conflict("observe-first", "a wider reach has to be observed first: set the bank back to observe")
    return (BankChanged(bank.id, examine_terms(terms), owner),)


def promote(bank: Bank, by: PersonId) -> tuple[Event, ...]:
    """Let it act.

    Raises:
        Conflict: it does not observe.

    """
    _must_be(bank, {Stage.OBSERVE})
    return (BankPromoted(bank.id, by),)


def set_back(bank: Bank, by: PersonId) -> tuple[Event, ...]:
    """Let it observe again; a disabled bank returns this way.

    Raises:
        Conflict: it observes already.

    """
    _must_be(bank, {Stage.ACTIVE, Stage.PAUSED, Stage.DISABLED})
    return (BankSetBack(bank.id, by),)


def resume(bank: Bank, by: PersonId, now: datetime) -> tuple[Event, ...]:
    """Let it go on after the brake.

    Raises:
        Conflict: it is not paused.

    """
    _must_be(bank, {Stage.PAUSED})
    return (BankResumed(bank.id, by, now),)


def disable(bank: Bank, by: PersonId) -> tuple[Event, ...]:
    """Let it match nothing any more; nothing where it does not already."""
    return () if bank.stage is Stage.DISABLED else (BankDisabled(bank.id, by, bank.stage),)


def brake_counts_since(bank: Bank, now: datetime) -> datetime:
    """From when on the brake counts: the full hour, or when the bank was last resumed in it."""
    hour = full_hour(now)
    return hour if bank.resumed_at is None else max(hour, bank.resumed_at)


def full_hour(at: datetime) -> datetime:
    """The full hour in which `at` lies."""
    return at.replace(minute=0, second=0, microsecond=0)


def brake_counts_at(bank: Bank, item: ItemId) -> bool:
    """Whether matches are counted at this item: at every one under a small cap, at one in many under a big one."""
    return crc32(item.encode()) % max(1, bank.terms.hourly_cap // BRAKE_STEPS) == 0


def brake(bank: Bank, items: int, since: datetime) -> tuple[Event, ...]:
    """Pause an acting bank whose `items` matched `since` are over its cap."""
    if bank.stage is not Stage.ACTIVE or items <= bank.terms.hourly_cap:
        return ()
    return (BankPaused(bank.id, items, bank.terms.hourly_cap, since),)


def apply_bank(bank: Bank | None, event: Event) -> Bank:
    """The bank after `event`."""
    match event:
        case BankCreated():
            return Bank(event.bank, 0, event.terms, event.owner, Stage.OBSERVE, event.at)
        case BankChanged() if bank is not None:
            return replace(bank, terms=event.terms, owner=event.owner)
        case BankResumed() if bank is not None:
            return replace(bank, stage=Stage.ACTIVE, resumed_at=event.at)
        case EntriesImported() if bank is not None:
            return bank
    if bank is None or type(event) not in _STAGE_AFTER:
        raise Conflict("event-does-not-fit", f"{event.type()} does not fit this bank")
    return replace(bank, stage=_STAGE_AFTER[type(event)])


def standing(opinion: Opinion, stage: Stage, *, silenced: bool) -> Standing:
    """What a match of such an entry, in a bank at this stage, may do."""
    if silenced:
        return Standing.SILENCED
    if opinion is Opinion.DISPUTED:
        return Standing.DISPUTED
    return Standing.ACTING if stage is Stage.ACTIVE else Standing.OBSERVED


def examine_terms(terms: BankTerms) -> BankTerms:
    """The terms, if all are in bounds.

    Raises:
        Invalid: which one is not.

    """
    examine_words("name", terms.name, NAME_CHARS_MAX, empty=False)
    examine_words("purpose", terms.purpose, ENTRY_WORDS_CHARS_MAX, empty=False)
    examine_words("terms_of_use", terms.terms_of_use, ENTRY_WORDS_CHARS_MAX)
    examine_words("source_name", terms.source_name, NAME_CHARS_MAX, empty=terms.source is BankSource.OWN)
    _within("radius_bits", terms.radius_bits, 0, PDQ_RADIUS_MAX)
    _within("quality_min", terms.quality_min, 0, _QUALITY_MAX)
    _within("hourly_cap", terms.hourly_cap, 1, HOURLY_CAP_MAX)
    return terms


def examine_entry(given: EntryGiven) -> EntryGiven:
    """The entry with its value in canonical form and its labels without repetition.

    Raises:
        Invalid: which part is malformed.

    """
    if given.type not in registry.TYPES:
        raise Invalid("unknown-type", f"{given.type[:40]!r} is no signal type", where="type")
    value = registry.TYPES[given.type].parse(given.value, "value")
    labels = tuple(dict.fromkeys(label.strip() for label in given.labels if label.strip()))
    if len(labels) > LABELS_MAX:
        raise Invalid("too-many-labels", f"an entry has at most {LABELS_MAX} labels", where="labels")
    for label in labels:
        examine_words("labels", label, LABEL_CHARS_MAX)
        if ";" in label:
            raise Invalid("bad-label", "a label holds no semicolon; it separates labels in lists", where="labels")
    examine_words("note", given.note, ENTRY_WORDS_CHARS_MAX)
    examine_words("description", given.description, ENTRY_WORDS_CHARS_MAX)
    _within("strain", given.strain, 0, STRAIN_MAX)
    return replace(given, value=value, labels=labels)


def examine_words(where: str, words: str, chars_max: int, *, empty: bool = True) -> None:
    """Refuse words that are too long, empty where they must not be, or hold control characters.

    Raises:
        Invalid: why.

    """
    if len(words) > chars_max:
        raise Invalid("too-long", f"{where} has {len(words)} characters; the limit is {chars_max}", where=where)
    if not empty and not words.strip():
        raise Invalid("empty", f"{where} must not be empty", where=where)
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in words):
        raise Invalid("control-characters", f"{where} holds control characters", where=where)


def _must_be(bank: Bank, stages: Collection[Stage]) -> None:
    if bank.stage not in stages:
        raise Conflict("wrong-stage", f"the bank is at the stage {bank.stage}", stage=bank.stage)


def _within(where: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise Invalid("out-of-bounds", f"{where} is {least} to {most}", where=where)
