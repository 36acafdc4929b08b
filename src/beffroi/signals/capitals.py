"""Capital letters that look alike in Latin, Cyrillic and Greek, made one script within a word.

Owns: `unmixed`.
Promises: one character for one; words of a single script are left alone, so that their capitals still fold to their
own small letters (a capital Cyrillic te to a small one, which does not look like "t").
Never does: small letters; those that look alike are one class in `fold`. Words without a letter that is one script's
alone are left alone too.
"""

import re

_LATIN, _CYRILLIC = (
    "ABCEHIJKMOPSTXY",
    "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0423",
)
_GREEK = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
_TO_LATIN = str.maketrans(_CYRILLIC + _GREEK, _LATIN + "ABEZHIKMNOPTYX")
_TO_CYRILLIC = str.maketrans(
    _LATIN + "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039f\u03a1\u03a4\u03a7",
    _CYRILLIC + "\u0410\u0412\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425",
)

# Small letters that also stand in another script's look, and so prove nothing about the script of their word.
_SHARED = r"aceijopsxyvu\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0455\u0445\u0443"
_WORD = re.compile(r"[A-Za-z\u0370-\u052f]+")
_LATIN_LETTER, _OTHER_LETTER = re.compile("[A-Za-z]"), re.compile("[\u0370-\u052f]")
_LATIN_ALONE = re.compile(rf"(?![{_LATIN}{_SHARED}])[A-Za-z]")
_CYRILLIC_ALONE = re.compile(rf"(?![{_CYRILLIC}{_SHARED}])[\u0400-\u052f]")


def unmixed(text: str) -> str:
    """`text` with the capitals of each mixed word in the script that the word is in; of the same length."""
    if text.isascii() or not (_LATIN_LETTER.search(text) and _OTHER_LETTER.search(text)):
        return text
    return _WORD.sub(_in_one_script, text)


def _in_one_script(match: re.Match[str]) -> str:
    word = match[0]
    latin, cyrillic = bool(_LATIN_ALONE.search(word)), bool(_CYRILLIC_ALONE.search(word))
    if latin and not cyrillic:
        return word.translate(_TO_LATIN)
    return word.translate(_TO_CYRILLIC) if cyrillic and not latin else word
