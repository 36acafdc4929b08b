"""A text reduced to what a reader sees, with the way back to what was written.

Owns: `fold`, the one normal form in which phrases and posts are compared.
Promises: NFKC, case folded, lookalike letters made one, what is invisible and Arabic vowel signs and tatweel removed,
white space collapsed; folding twice changes nothing; every folded character knows its place in the original.
Never does: turn a letter into punctuation or the other way (word boundaries stay where they were), mix right-to-left
letters with others, or drop accents and Arabic hamza, which tell words apart.

Lookalikes: UTS 39 `confusables.txt` as the package `confusable-homoglyphs` ships it. Its classes are taken after case
folding, one character to one; the plainest member stands for the class, so that folded phrases stay readable. In
consequence `0` reads as `o` and `1` as `l`. Lookalike capitals are `capitals`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

from .capitals import unmixed
from .model import Folded

_PASSES_MAX = 8
_CLUSTER_CHARS_MAX = 32
"""Unicode's stream-safe format allows 30 marks on one letter; normalising far longer runs takes quadratic time."""


def _letters(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(point) for first, last in ranges for point in range(first, last + 1))


_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
"""Controls that are no white space, zero-width and direction marks, tags, halves of surrogate pairs."""
_UNASSIGNED_CATEGORIES = frozenset({"Cn", "Co"})
_INVISIBLE = _letters(
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers, here and at 3164, FFA0
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2800, 0x2800),  # blank Braille pattern
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),  # variation selectors, here and at E0100
    (0xFE70, 0xFE7F),  # Arabic vowel signs standing alone, whose NFKC form would open a gap in a word
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)
_HONORIFICS = _letters((0xFDFA, 0xFDFB))
"""Whole sentences in one character, which NFKC writes out in up to 18. They read as a blank: repeated, they would
make long texts of short ones, and no phrase is known by them."""
_TASHKEEL = _letters(
    (0x0610, 0x061A),
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x065F),  # vowel signs; hamza and madda too, where no letter took them
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x0898, 0x089F),
    (0x08CA, 0x08FF),
)
_LOOSE_MARKS = _letters(
    # Accents, strokes and rings that NFKC left standing beside their letter: the stuff of z̸a̸l̸g̸o̸.
    (0x0300, 0x036F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
_JAMO_VOWEL_FIRST, _JAMO_FINAL_LAST = "\u1160", "\u11ff"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_LEFT_TO_RIGHT_MARK = "\u200e"
_PLAINEST = (
    _letters((0x61, 0x7A)),  # a to z
    _letters((0x30, 0x39)),  # 0 to 9
    _letters((0x0430, 0x044F)),  # Cyrillic as Russian has it
    _letters((0x03B1, 0x03C9)),  # Greek
    _letters((0x0643, 0x0643), (0x064A, 0x064A)),  # Arabic kaf and yeh
)
"""Who stands for a class of lookalikes: a member of the earliest of these, else the lowest code point."""
_DIGIT_PAIRS = (("0", "o"),)
"""UTS 39 pairs the digit with the capital, which case folding takes away. (1 and l are a pair of their own.)"""


def fold(text: str) -> Folded:
    """The folded form of `text`, of any length and content."""
    marked = _Marked(text, range(len(text)))
    for _ in range(_PASSES_MAX):
        composed = _compose(_mapped(marked, _SEEN))
        marked = _squeeze(_mapped(_Marked(unmixed(composed.text), composed.offsets), _PLAIN))
        if _is_stable(marked.text):
            break
    return Folded(marked.text, marked.offsets, len(text))


class _Marked:
    """A text on its way: each character with its place in the original."""

    __slots__ = ("offsets", "text")

    def __init__(self, text: str, offsets: Sequence[int]) -> None:
        self.text = text
        self.offsets = offsets

    def rebuilt(self, pieces: Iterable[tuple[str, int]]) -> "_Marked":
        """Of pieces, each with the index in this text that it stands for."""
        texts: list[str] = []
        offsets: list[int] = []
        for piece, index in pieces:
            texts.append(piece)
            offsets.extend([self.offsets[index]] * len(piece))
        return _Marked("".join(texts), offsets)

    def cut(self, start: int, stop: int) -> "_Marked":
        return _Marked(self.text[start:stop], self.offsets[start:stop])


class _LetterTable(dict[int, str]):
    """What becomes of each code point, worked out when it is first met."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self.becomes = becomes
        self.changed: set[str] = set()
        self.resized: set[str] = set()
        """Those that become no or several characters, so that offsets must be rebuilt."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        if unicodedata.category(letter) in _UNASSIGNED_CATEGORIES:
            return letter  # not kept: a million of them could be posted only to fill the table
        self[point] = result = self.becomes(letter)
        if result != letter:
            self.changed.add(letter)
        if len(result) != 1:
            self.resized.add(letter)
        return result


def _mapped(marked: _Marked, table: _LetterTable) -> _Marked:
    text = marked.text.translate(table)
    if table.resized.isdisjoint(marked.text):
        return _Marked(text, marked.offsets)
    return marked.rebuilt((table[ord(letter)], i) for i, letter in enumerate(marked.text))


def _compose(marked: _Marked) -> _Marked:
    """NFKC, cluster by cluster: nothing composes or reorders across the start of one."""
    if unicodedata.is_normalized("NFKC", marked.text):
        return marked
    return marked.rebuilt(_clusters(marked.text))


def _clusters(text: str) -> Iterable[tuple[str, int]]:
    """Each cluster's NFKC form and where it begins. Marks beyond the 31st on one letter are left out."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not _joins(text[end]):
            yield unicodedata.normalize("NFKC", text[start : min(end, start + _CLUSTER_CHARS_MAX)]), start
            start = end


@lru_cache(maxsize=8192)
def _joins(letter: str) -> bool:
    """Whether a letter may compose or change places with the one before: it is, or decomposes to, a mark or jamo."""
    first = unicodedata.normalize("NFKD", letter)[0]
    return unicodedata.category(first)[0] == "M" or _JAMO_VOWEL_FIRST <= first <= _JAMO_FINAL_LAST


def _squeeze(marked: _Marked) -> _Marked:
    """Runs of blanks to one, none at the ends. Every kind of white space is a blank by now."""
    stripped = marked.text.strip(" ")
    if len(stripped) < len(marked.text):
        start = len(marked.text) - len(marked.text.lstrip(" "))
        marked = marked.cut(start, start + len(stripped))
    if "  " not in stripped:
        return marked
    return marked.rebuilt((c, i) for i, c in enumerate(stripped) if c != " " or stripped[i - 1] != " ")


def _is_stable(text: str) -> bool:
    """Whether folding it again would change nothing."""
    return (
        text.translate(_PLAIN) == text
        and _SEEN.changed.isdisjoint(text)
        and unicodedata.is_normalized("NFKC", text)
        and "  " not in text
        and text.strip(" ") == text
    )


def _seen(letter: str) -> str:
    """Nothing, if no reader sees it; else itself."""
    if letter in _HONORIFICS:
        return " "
    invisible = letter in _INVISIBLE or unicodedata.category(letter) in _INVISIBLE_CATEGORIES
    return "" if invisible and not letter.isspace() else letter


def _plain(letter: str) -> str:
    """What one character of an NFKC text becomes; applied until it stays."""
    folded = letter
    for _ in range(_PASSES_MAX):
        step = "".join(_lookalikes().get(c, c) for c in _lowered(folded))
        if step == folded:
            break
        folded = step
    return folded


def _lowered(text: str) -> str:
    """Case folded, in NFKC, blanks for white space, without what is invisible or a loose mark."""
    composed = unicodedata.normalize("NFKC", text.casefold())
    kept = (_seen(c) for c in composed if c not in _TASHKEEL and c not in _LOOSE_MARKS)
    return "".join(" " if c.isspace() else c for c in kept)


@cache
def _lookalikes() -> dict[str, str]:
    """Each letter that looks like a plainer one → the plainest of its class."""
    classes: dict[str, set[str]] = {}
    for one, other in _confusable_pairs():
        merged = classes.get(one, {one}) | classes.get(other, {other})
        for member in merged:
            classes[member] = merged
    plainest = {letter: min(members, key=_plainness) for letter, members in classes.items()}
    return {letter: plain for letter, plain in plainest.items() if letter != plain}


def _confusable_pairs() -> Iterable[tuple[str, str]]:
    """Pairs of single characters that folding leaves, of one kind. The source wraps some in direction marks."""
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415 - 900 kB the child never needs

    yield from _DIGIT_PAIRS
    for key, others in confusables_data.items():
        one = key.strip(_LEFT_TO_RIGHT_MARK)
        for other in (entry["c"].strip(_LEFT_TO_RIGHT_MARK) for entry in others):
            if _is_settled(one) and _is_settled(other) and _kind(one) == _kind(other):
                yield one, other


@cache
def _is_settled(text: str) -> bool:
    return len(text) == 1 and _lowered(text) == text


@cache
def _kind(letter: str) -> tuple[str, bool]:
    """Letters and digits, marks, or the rest; and the writing direction."""
    category = unicodedata.category(letter)[0]
    family = {"L": "word", "N": "word", "M": "mark"}.get(category, "other")
    return family, unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT


def _plainness(letter: str) -> tuple[int, int]:
    rank = next((i for i, block in enumerate(_PLAINEST) if letter in block), len(_PLAINEST))
    return rank, ord(letter)


_SEEN = _LetterTable(_seen)
_PLAIN = _LetterTable(_plain)
