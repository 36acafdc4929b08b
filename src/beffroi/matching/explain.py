"""Why a match is a match, in facts that a page can show.

Owns: `Explanation`, `TrackRecord` and its interval.
Promises: how near and by which measure, which bank and whose, what its owner and others say, where it stands in the
text, how often the bank was right here and when it was last wrong.
Never does: words for people; pages and the API put these facts into sentences in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt

from .model import Bank, Entry, Match, Opinion

_Z_95 = 1.959964
"""The normal deviate of a two-sided 95 % interval."""


class MatchKind(StrEnum):
    """The code of a match's reason, also in the API."""

    SAME_FILE = "same-file"
    NEAR_COPY = "near-copy"
    SAME_ADDRESS = "same-address"
    PHRASE = "phrase"


_KINDS = {
    "sha256": MatchKind.SAME_FILE,
    "md5": MatchKind.SAME_FILE,
    "pdq": MatchKind.NEAR_COPY,
    "url": MatchKind.SAME_ADDRESS,
    "phrase": MatchKind.PHRASE,
}


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """On how many items a person said that matches of a bank or entry were right, or wrong.

    Of the latest `JUDGED_MATCHES_MAX` judged matches: what a bank was years ago says little of what it is.
    """

    confirmed: int = 0
    overturned: int = 0
    last_mistake_at: datetime | None = None

    @property
    def precision(self) -> float | None:
        """The share that was right, 0 to 1; None before the first verdict."""
        judged = self.confirmed + self.overturned
        return self.confirmed / judged if judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the precision lies with 95 % confidence (Wilson's score interval)."""
        return wilson(self.confirmed, self.confirmed + self.overturned)


@dataclass(frozen=True, slots=True)
class Voice:
    """What another bank says of the same value."""

    bank: str
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a person needs to judge a match before opening the media.

    `radius_bits` is the bank's limit for PDQ, None for what is equal or not. `silenced_by` is the negative entry.
    """

    match: Match
    entry: Entry
    bank: Bank
    kind: MatchKind
    radius_bits: int | None
    voices: tuple[Voice, ...]
    record: TrackRecord

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Stretches of the original text to highlight, in characters, merged and in order."""
        return merged(self.match.spans)


def explain(
    match: Match, entry: Entry, bank: Bank, record: TrackRecord | None = None, voices: Sequence[Voice] = ()
) -> Explanation:
    """The facts of one match; `record` is that of its bank, `voices` those of other banks on the same value."""
    kind = kind_of(match.type)
    radius_bits = bank.terms.radius_bits if kind is MatchKind.NEAR_COPY else None
    return Explanation(match, entry, bank, kind, radius_bits, tuple(voices), record or TrackRecord())


def kind_of(signal_type: str) -> MatchKind:
    """The code for a match of this signal type."""
    return _KINDS.get(signal_type, MatchKind.NEAR_COPY)


def merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Stretches that overlap or touch made one, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share; everything is possible before the first trial."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, _Z_95**2
    centre = share + z2 / (2 * trials)
    spread = _Z_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    scale = 1 + z2 / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
