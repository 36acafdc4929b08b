"""What the hash types share: hex digits of one length, equal or not.

Owns: `digest_of` (parsing) and `same_or_not` (distance).
Promises: lower-case hex out, whatever case came in.
Never does: hash.
"""

from beffroi.ground.kernel.errors import Invalid

_DIGITS = frozenset("0123456789abcdef")
_SHOWN = 80


def digest_of(text: str, where: str, *, name: str, length: int) -> str:
    """The `length` hex digits in `text`, lower case.

    Raises:
        Invalid: another length, or another character.

    """
    digits = text.strip().lower()
    if len(digits) != length or not _DIGITS.issuperset(digits):
        raise Invalid("not-a-hash", f"{name} is {length} hex digits, not {text[:_SHOWN]!r}", where=where)
    return digits


def same_or_not(one: str, other: str) -> int:
    """0 for equal values, 1 for others: nothing in between is near."""
    return int(one != other)
