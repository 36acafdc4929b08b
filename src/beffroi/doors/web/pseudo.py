"""A language that nobody speaks: longer, accented, in brackets.

Owns: turning an English message into its pseudo form.
Promises: placeholders and markup stay as they are; the text grows by 40 %, so that a page that has no room for
other languages shows it, and a text that was never marked for translation stands out by its plain letters.
Never does: stand in a catalogue; it is made from the messages themselves.
"""

import re

_KEPT = re.compile(r"%\(\w+\)s|%%|<[^>]*>|&\w+;|&#\d+;")
_ACCENTS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
_GROWTH = 0.4
_WORD = 7


def pseudo(text: str) -> str:
    """`[Çļåîɱ éé]` of "Claim"."""
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(_ACCENTS), kept.group()]
        at = kept.end()
    parts.append(text[at:].translate(_ACCENTS))
    growth = max(1, round(_GROWTH * len(_KEPT.sub("", text))))
    longer = "é" * growth if growth <= _WORD else " ".join(["é" * _WORD] * -(-growth // (_WORD + 1)))
    return f"[{''.join(parts)} {longer}]"
