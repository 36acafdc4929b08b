"""Phrases: words that stand in a text.

Owns: the signal type `phrase`: how one is written in a bank file.
Promises: the canonical value is the folded phrase (`signals.fold`), so two spellings of it are one entry.
Never does: find phrases; which to look for is known to `matching`, which builds a `signals.scan.PhraseScanner`.
"""

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import PHRASE_CHARS_MAX, PHRASE_CHARS_MIN

from ..digest import same_or_not
from ..fold import fold
from ..model import SignalType


def parse(text: str, where: str = "") -> str:
    """The folded form of a phrase.

    Raises:
        Invalid: longer than `PHRASE_CHARS_MAX`, or folded shorter than `PHRASE_CHARS_MIN`.

    """
    if len(text) > PHRASE_CHARS_MAX:
        raise Invalid("phrase-too-long", f"a phrase has at most {PHRASE_CHARS_MAX} characters", where=where)
    folded = fold(text).text
    if len(folded) < PHRASE_CHARS_MIN:
        raise Invalid("phrase-too-short", f"a phrase has at least {PHRASE_CHARS_MIN} visible characters", where=where)
    if len(folded) > PHRASE_CHARS_MAX:
        raise Invalid("phrase-too-long", f"a phrase has at most {PHRASE_CHARS_MAX} characters", where=where)
    return folded


TYPE = SignalType(name="phrase", parse=parse, distance=same_or_not, distance_max=1)
