"""Banks from outside the console: create, import, promote, disable, export.

Owns: the roads of the command line and the API into `matching`.
Promises: a file is read and its pictures are hashed before any transaction; rows that could not be read keep
their line; a change is in force in this process at once.
Never does: promote without somebody having seen the numbers; the caller shows the replay first.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeVar

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Actor, Tx
from beffroi.matching import imports, service, store, views
from beffroi.matching.model import Bank, BankTerms, Entry, EntryGiven, Opinion
from beffroi.signals import Extracted, Posted, extract

from .house import House

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    added: int
    known: int
    refused: tuple[imports.Refused, ...]


def lines(house: House) -> tuple[views.BankLine, ...]:
    """All banks with their numbers."""
    with house.read() as conn:
        return views.banks(conn, house.clock.now())


def create(house: House, actor: Actor, person: PersonId, terms: BankTerms) -> Bank:
    """A new bank; it observes."""
    return _changed(house, actor, lambda tx: service.create_bank(tx, terms, person))


def import_file(
    house: House, actor: Actor, person: PersonId, bank: str, name: str, content: bytes, signal_type: str | None
) -> Imported:
    """Read a file (a picture, hashes, phrases, CSV, JSON lines) into the bank called `bank`.

    Raises:
        NotFound: there is no such bank.
        TooLarge, Invalid: see `matching.imports.parse`.

    """
    target = _bank(house, bank)
    parsed = imports.parse(
        name,
        content,
        lambda picture: _read(house, picture),
        signal_type=signal_type,
        quality_min=target.terms.quality_min,
    )
    added = known = 0
    for piece in imports.pieces(parsed.rows):
        done = _changed(house, actor, partial(service.import_entries, bank_id=target.id, rows=piece, by=person))
        added, known = added + done.added, known + done.known
    return Imported(added, known, parsed.refused)


def replay(house: House, bank: str) -> views.Replay:
    """What the bank would have done in the last fortnight."""
    target = _bank(house, bank)
    with house.read() as conn:
        return views.replay(conn, target.id, house.clock.now())


def promote(house: House, actor: Actor, person: PersonId, bank: str) -> Bank:
    """Let it act: from observing, or again after the brake."""
    target = _bank(house, bank)
    work = service.resume if target.stage == "paused" else service.promote
    return _changed(house, actor, lambda tx: work(tx, target.id, person))


def disable(house: House, actor: Actor, person: PersonId, bank: str) -> Bank:
    """It matches nothing any more, at once."""
    target = _bank(house, bank)
    return _changed(house, actor, lambda tx: service.disable(tx, target.id, person))


def page(house: House, bank: str, after: int, limit: int) -> views.EntriesPage:
    """Entries of a bank in the order in which they came, after the cursor."""
    target = _bank(house, bank)
    with house.read() as conn:
        return views.entries(conn, target.id, after=after, limit=limit)


def export(house: House, bank: str) -> Iterator[Entry]:
    """All entries of a bank in the order in which they came."""
    after: int | None = 0
    while after is not None:
        found = page(house, bank, after, 1000)
        yield from found.entries
        after = found.next_after


def _bank(house: House, name: str) -> Bank:
    with house.read() as conn:
        found = store.bank_by_name(conn, name)
    if found is None:
        raise NotFound("no-such-bank", f"there is no bank called {name[:80]!r}")
    return found


def _changed(house: House, actor: Actor, work: Callable[[Tx], T]) -> T:
    result = house.write("law", actor, work)
    house.index.invalidate()
    return result


def _read(house: House, picture: bytes) -> Extracted:
    return extract(house.decoder, [Posted(None, (picture,))])[0]


def as_row(line: views.BankLine) -> dict[str, Any]:
    """A bank as the command line and the API show it."""
    terms = line.bank.terms
    return {
        "name": terms.name,
        "stage": line.bank.stage.value,
        "purpose": terms.purpose,
        "source": terms.source.value,
        "radius_bits": terms.radius_bits,
        "hourly_cap": terms.hourly_cap,
        "entries": line.entries,
        "enabled": line.enabled,
        "confirmed": line.record.confirmed,
        "overturned": line.record.overturned,
    }


def imported_row(done: Imported) -> dict[str, Any]:
    """What became of a file, as JSON."""
    return {"added": done.added, "known": done.known, "refused": [asdict(line) for line in done.refused]}


def replay_row(told: views.Replay) -> dict[str, Any]:
    """What a bank would have done, as JSON."""
    return {"bank": told.bank.name, "days": len(told.by_day), "items": told.items, "cases": told.cases}


def entry_row(entry: Entry) -> dict[str, Any]:
    """An entry as JSON; `entry_given` reads it back."""
    return asdict(entry.given) | {"opinion": entry.opinion.value, "labels": list(entry.given.labels)}


def entry_given(row: dict[str, Any]) -> EntryGiven:
    """An entry from its JSON."""
    return EntryGiven(**(row | {"opinion": Opinion(row["opinion"]), "labels": tuple(row["labels"])}))
