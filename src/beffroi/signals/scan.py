"""Phrases found in folded texts, all of them in one pass.

Owns: `PhraseScanner`, `Hit`.
Promises: a hit's positions are those of the original text; a phrase is found only as whole words where its script
writes words apart; hits may overlap; every phrase that stands in the text is found, with its first
`HITS_PER_PHRASE_MAX` places.
Never does: read banks; a phrase is known by its place in the list it was built from.

Known limit: scripts that glue particles to words (Arabic "and", "the"; Hebrew likewise) need those forms as phrases.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import HITS_PER_PHRASE_MAX

from .fold import fold
from .model import Folded

# First and last code point of the scripts that do not write words apart, in order.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x3005, 0x3007),  # ideographic repeats and zero
    (0x3040, 0x31FF),  # Hiragana, Katakana, Bopomofo, Hangul letters
    (0x3400, 0x9FFF),  # Han
    (0xA980, 0xA9FF),  # Javanese, Myanmar extended
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xAC00, 0xD7AF),  # Hangul: words stand apart, but their particles do not
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x1B000, 0x1B16F),  # Kana, supplement
    (0x20000, 0x3FFFF),  # Han, further planes
)
_UNSPACED_STARTS = tuple(first for first, _ in _UNSPACED)
_WORD_CATEGORIES = frozenset("LNM")


@dataclass(frozen=True, slots=True)
class Hit:
    """Phrase number `phrase_index` stands in the original text from `start` up to, not including, `end`."""

    phrase_index: int
    start: int
    end: int


class PhraseScanner:
    """An automaton over a list of phrases; made by `build`, unchanging, safe to share between threads."""

    def __init__(self, automaton: AhoCorasick | None, phrases_of: Sequence[tuple[int, ...]]) -> None:
        """`phrases_of[pattern]` are the phrases that fold to the automaton's pattern of that number."""
        self._automaton = automaton
        self._phrases_of = phrases_of

    @classmethod
    def build(cls, phrases: Sequence[str]) -> "PhraseScanner":
        """A scanner for `phrases`, folded here; folded ones may be given too.

        Raises:
            Invalid: a phrase of which folding leaves nothing; `where` is its place in the list.

        """
        phrases_of: dict[str, list[int]] = {}
        for index, phrase in enumerate(phrases):
            folded = fold(phrase).text
            if not folded:
                raise Invalid("empty-phrase", "nothing of this phrase can be seen", where=str(index))
            phrases_of.setdefault(folded, []).append(index)
        automaton = AhoCorasick(list(phrases_of), matchkind=MatchKind.Standard) if phrases_of else None
        return cls(automaton, [tuple(indices) for indices in phrases_of.values()])

    def find(self, folded: Folded) -> list[Hit]:
        """The phrases in a folded text, in order of their end; positions are those of the original."""
        places: Counter[int] = Counter()
        hits: list[Hit] = []
        for pattern, start, end in self._matches(folded.text):
            if places[pattern] < HITS_PER_PHRASE_MAX and _is_edge(folded.text, start) and _is_edge(folded.text, end):
                places[pattern] += 1
                span = folded.span(start, end)
                hits.extend(Hit(phrase, *span) for phrase in self._phrases_of[pattern])
        return hits

    def _matches(self, text: str) -> Iterable[tuple[int, int, int]]:
        if self._automaton is None:
            return ()
        return self._automaton.find_matches_as_indexes(text, overlapping=True)


def _is_edge(text: str, place: int) -> bool:
    """Whether a word may begin or end before character `place`."""
    if place in (0, len(text)):
        return True
    before, after = text[place - 1], text[place]
    if not (_is_word(before) and _is_word(after)):
        return True
    # A mark belongs to the letter before it, whatever the script.
    return unicodedata.category(after)[0] != "M" and (_is_unspaced(before) or _is_unspaced(after))


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in _WORD_CATEGORIES


def _is_unspaced(letter: str) -> bool:
    place = bisect_right(_UNSPACED_STARTS, ord(letter)) - 1
    return place >= 0 and ord(letter) <= _UNSPACED[place][1]
