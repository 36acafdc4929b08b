"""All banks, ready to be searched: one moment of them.

Owns: `Index` and how its parts are asked together; which negative entries silence which matches.
Promises: an index never changes, a change of banks makes a new one that shares what stayed; `seq` is the bank
sequence it has seen; search is exact within each bank's own radius and quality; of one signal in one bank the
closest `FOUND_PER_SIGNAL_MAX` are told.
Never does: read the database (`keeper` does); say what follows from a match.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel.ids import BankId, EntryId
from beffroi.ground.kernel.limits import FOUND_PER_SIGNAL_MAX, PDQ_QUERIES_AT_ONCE
from beffroi.signals.model import Extracted, Folded, Signal

from . import rules
from .exact import ExactIndex, as_prints, fingerprint
from .model import Bank, Found, Stage
from .pdq import PdqIndex
from .phrases import PhraseIndex, Spans, may_stand_elsewhere
from .roster import Arrivals, Places, Roster, is_exact

Probe: TypeAlias = tuple[int, Signal]
"""A signal to look for, and the place of its item in the batch."""


@dataclass(frozen=True, slots=True)
class _Hits:
    """Rows of the probes, places in the roster, distances: equal lengths."""

    rows: NDArray[np.intp]
    places: Places
    distances: NDArray[np.uint16]

    def only(self, chosen: NDArray[np.bool_] | Places) -> "_Hits":
        return _Hits(self.rows[chosen], self.places[chosen], self.distances[chosen])


@dataclass(frozen=True, slots=True)
class Index:
    """What to compare with, at bank sequence `seq`."""

    seq: int
    banks: Mapping[BankId, Bank]
    roster: Roster
    pdq: PdqIndex
    exact: ExactIndex
    phrases: PhraseIndex

    @classmethod
    def empty(cls) -> "Index":
        """No bank, no entry."""
        nothing = np.empty(0, np.uint64)
        exact = ExactIndex.build(as_prints(b""), nothing)
        pdq = PdqIndex.build(np.empty((0, 32), np.uint8), nothing)
        return cls(0, {}, Roster.empty(), pdq, exact, PhraseIndex.build({}))

    def __len__(self) -> int:
        return int(self.roster.numbers.size)

    def changed(self, seq: int, banks: Iterable[Bank], arrivals: Arrivals) -> "Index":
        """The index at `seq`, with all `banks` as they now are and the entries that changed since this one."""
        by_id = {bank.id: bank for bank in banks}
        if not arrivals.seen:
            return replace(self, seq=seq, banks=by_id)
        gone = np.array(arrivals.seen, np.uint64)
        pdq = self.pdq.copy()
        pdq.remove(gone)
        pdq.add(_hashes(arrivals.pdq_hashes), np.array(arrivals.pdq_numbers, np.uint64))
        prints, numbers = as_prints(arrivals.exact_prints), np.array(arrivals.exact_numbers, np.uint64)
        return Index(
            seq,
            by_id,
            self.roster.without(gone).with_more(arrivals),
            pdq,
            self.exact.without(gone).with_more(prints, numbers),
            self.phrases.without(arrivals.seen).with_more(arrivals.phrases),
        )

    def search(self, extracted: Sequence[Extracted]) -> list[tuple[Found, ...]]:
        """What each item matches, the closest first; what is silenced says by which entry."""
        if not len(self):
            return [()] * len(extracted)
        probes = [(item, signal) for item, given in enumerate(extracted) for signal in given.signals]
        found: list[list[Found]] = [[] for _ in extracted]
        for item, one in self._judge(probes, chain(self._near(probes), self._equal(probes))):
            found[item].append(one)
        for item, given in enumerate(extracted):
            if given.folded is not None:
                found[item] += self._read(given.folded)
        return [tuple(sorted(each, key=lambda one: (one.distance, one.source, one.entry))) for each in found]

    def _near(self, probes: Sequence[Probe]) -> Iterator[_Hits]:
        """PDQ hashes within the widest radius of any bank, for some probes at a time.

        In a bank of near-identical hashes each probe finds all of them, and few are told.
        """
        rows = [row for row, (_, signal) in enumerate(probes) if signal.type == "pdq"]
        radii = [bank.terms.radius_bits for bank in self.banks.values() if bank.stage is not Stage.DISABLED]
        if not rows or not radii or not len(self.pdq):
            return
        for at in range(0, len(rows), PDQ_QUERIES_AT_ONCE):
            some = rows[at : at + PDQ_QUERIES_AT_ONCE]
            queries = b"".join(bytes.fromhex(probes[row][1].value) for row in some)
            which, numbers, distances = self.pdq.search(_hashes(queries), max(radii))
            yield _Hits(np.array(some, np.intp)[which], self.roster.places_of(numbers), distances)

    def _equal(self, probes: Sequence[Probe]) -> Iterator[_Hits]:
        """Values that are the same."""
        rows = [row for row, (_, signal) in enumerate(probes) if is_exact(signal.type)]
        if not rows or not self.exact.numbers.size:
            return
        prints = as_prints(b"".join(fingerprint(probes[row][1].type, probes[row][1].value) for row in rows))
        which, numbers = self.exact.search(prints)
        places = self.roster.places_of(numbers)
        yield _Hits(np.array(rows, np.intp)[which], places, np.zeros(which.size, np.uint16))

    def _judge(self, probes: Sequence[Probe], parts: Iterable[_Hits]) -> Iterable[tuple[int, Found]]:
        """What of the hits counts, by the terms of each bank, and whether a negative entry silences it."""
        for hits in parts:
            counted = hits.only(self._within_terms(probes, hits))
            negative = self.roster.is_negative(counted.places)
            silencers = _first_by_row(counted.only(negative))
            for row, place, distance in _closest(counted.only(~negative), self.roster):
                item, signal = probes[row]
                closest_negative, negative_place = silencers.get(row, (distance + 1, place))
                silencer = self.roster.entry_at(negative_place) if closest_negative <= distance else None
                yield item, self._found(place, signal.type, signal.source, distance, (), silencer)

    def _within_terms(self, probes: Sequence[Probe], hits: _Hits) -> NDArray[np.bool_]:
        terms = [_reach(self.banks.get(bank)) for bank in self.roster.bank_ids]
        radius, quality_min = np.array(terms, np.int32).reshape(-1, 2).T
        quality = np.array([_quality(signal) for _, signal in probes], np.int32)
        banks = self.roster.banks_at(hits.places)
        within: NDArray[np.bool_] = (hits.distances <= radius[banks]) & (quality[hits.rows] >= quality_min[banks])
        return within

    def _read(self, folded: Folded) -> Iterable[Found]:
        """Phrases in a text; one that stands inside negative phrases only is silenced."""
        spans_at = {self._place(number): spans for number, spans in self.phrases.search(folded).items()}
        live = {place: spans for place, spans in spans_at.items() if self._bank_at(place).stage is not Stage.DISABLED}
        places = np.array(list(live), np.intp)
        negative = {place: live[place] for place in places[self.roster.is_negative(places)].tolist()}
        for place, spans in live.items():
            if place not in negative:
                open_spans, silencer = _outside(spans, negative)
                by = None if open_spans else self.roster.entry_at(silencer)
                yield self._found(place, "phrase", "text", 0, open_spans or spans, by)

    def _found(
        self, place: int, kind: str, source: str, distance: int, spans: Spans, silencer: EntryId | None
    ) -> Found:
        bank = self._bank_at(place)
        opinion = self.roster.opinion_at(place)
        return Found(
            entry=self.roster.entry_at(place),
            bank=bank.id,
            type=kind,
            source=source,
            distance=distance,
            standing=rules.standing(opinion, bank.stage, silenced=silencer is not None),
            confirmed_here=self.roster.is_confirmed_at(place),
            spans=spans,
            silenced_by=silencer,
        )

    def _place(self, number: int) -> int:
        return int(self.roster.places_of(np.array([number], np.uint64))[0])

    def _bank_at(self, place: int) -> Bank:
        return self.banks[self.roster.bank_at(place)]


def _reach(bank: Bank | None) -> tuple[int, int]:
    """Radius and least quality; nothing lies within -1."""
    if bank is None or bank.stage is Stage.DISABLED:
        return -1, 0
    return bank.terms.radius_bits, bank.terms.quality_min


def _quality(signal: Signal) -> int:
    return 100 if signal.quality is None else signal.quality


def _first_by_row(hits: _Hits) -> dict[int, tuple[int, int]]:
    """The closest hit of each row: distance and place."""
    order = np.lexsort((hits.distances, hits.rows))
    rows, first = np.unique(hits.rows[order], return_index=True)
    best = hits.only(order[first])
    return dict(zip(rows.tolist(), zip(best.distances.tolist(), best.places.tolist(), strict=True), strict=True))


def _closest(hits: _Hits, roster: Roster) -> Iterable[tuple[int, int, int]]:
    """Row, place and distance of the closest hits of each row in each bank."""
    banks = roster.banks_at(hits.places)
    order = np.lexsort((hits.places, hits.distances, banks, hits.rows))
    chosen, banks = hits.only(order), banks[order]
    begins = np.ones(order.size, np.bool_)
    begins[1:] = (chosen.rows[1:] != chosen.rows[:-1]) | (banks[1:] != banks[:-1])
    rank = np.arange(order.size) - np.maximum.accumulate(np.where(begins, np.arange(order.size), 0))
    near = chosen.only(rank < FOUND_PER_SIGNAL_MAX)
    return zip(near.rows.tolist(), near.places.tolist(), near.distances.tolist(), strict=True)


def _outside(spans: Spans, negative: Mapping[int, Spans]) -> tuple[Spans, int]:
    """The stretches outside all negative phrases, and the place of a negative entry around another one, or -1.

    What was found too often to know all its places is not silenced: repeating an innocent phrase hides nothing.
    """
    if may_stand_elsewhere(spans):
        return spans, -1
    around = {span: next((n for n, wider in negative.items() if _is_inside(span, wider)), -1) for span in spans}
    return tuple(span for span, place in around.items() if place < 0), max(around.values())


def _is_inside(span: tuple[int, int], wider: Spans) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in wider)


def _hashes(packed: bytes | bytearray) -> NDArray[np.uint8]:
    return np.frombuffer(packed, np.uint8).reshape(-1, 32)
