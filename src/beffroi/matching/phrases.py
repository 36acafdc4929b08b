"""Which known phrases stand in a text.

Owns: `PhraseIndex`.
Promises: a changed index is a new object and quickly made: new phrases wait in a small scanner of their own, and the
big one is built again only when there are many.
Never does: fold or find by itself; `signals.scan` does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from beffroi.ground.kernel.limits import HITS_PER_PHRASE_MAX, PHRASE_TAIL_MAX
from beffroi.signals.model import Folded
from beffroi.signals.scan import PhraseScanner

Spans: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """Phrases by their entries' numbers, in two scanners; `dead` numbers are still scanned for and then left out."""

    base: "_Scanned"
    tail: "_Scanned"
    dead: frozenset[int] = frozenset()

    @classmethod
    def build(cls, phrases: Mapping[int, str]) -> "PhraseIndex":
        """An index of `phrases`, canonical, by their entries' numbers."""
        return cls(_scan_for(phrases), _scan_for({}))

    def __len__(self) -> int:
        return len(self.base.phrases) + len(self.tail.phrases) - len(self.dead)

    def without(self, numbers: Iterable[int]) -> "PhraseIndex":
        """The same without these entries."""
        gone = set(numbers)
        tail = {number: phrase for number, phrase in self.tail.phrases.items() if number not in gone}
        dead = self.dead | (gone & self.base.phrases.keys())
        if len(tail) == len(self.tail.phrases):
            return replace(self, dead=dead)
        return PhraseIndex(self.base, _scan_for(tail), dead)

    def with_more(self, phrases: Mapping[int, str]) -> "PhraseIndex":
        """The same with these entries too; the phrase of a number never changes, so a dead one only revives."""
        dead = self.dead - phrases.keys()
        fresh = {number: phrase for number, phrase in phrases.items() if number not in self.base.phrases}
        if not fresh:
            return replace(self, dead=dead)
        tail = {**self.tail.phrases, **fresh}
        if len(tail) <= PHRASE_TAIL_MAX:
            return PhraseIndex(self.base, _scan_for(tail), dead)
        alive = {number: phrase for number, phrase in self.base.phrases.items() if number not in dead}
        return PhraseIndex.build({**alive, **tail})

    def search(self, folded: Folded) -> dict[int, Spans]:
        """The entries whose phrase stands in the text, each with its first places in the original."""
        found: dict[int, list[tuple[int, int]]] = {}
        for scanned in (self.base, self.tail):
            for hit in scanned.scanner.find(folded):
                found.setdefault(scanned.numbers[hit.phrase_index], []).append((hit.start, hit.end))
        return {number: tuple(spans) for number, spans in found.items() if number not in self.dead}


@dataclass(frozen=True, slots=True)
class _Scanned:
    phrases: Mapping[int, str]
    numbers: tuple[int, ...]
    scanner: PhraseScanner


def _scan_for(phrases: Mapping[int, str]) -> _Scanned:
    return _Scanned(phrases, tuple(phrases), PhraseScanner.build(list(phrases.values())))


def may_stand_elsewhere(spans: Spans) -> bool:
    """Whether a phrase was found so often that the scanner stopped counting its places."""
    return len(spans) >= HITS_PER_PHRASE_MAX
