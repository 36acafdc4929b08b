"""Why a case stands where it stands in the queue: a sum whose every part is shown. Pure.

Owns: the points.
Promises: two halves of at most 50: how sure we are that it is what a bank or a person says (confidence),
and how grave that would be (severity). The number sorts and decides nothing (DESIGN §5.8).
Never does: count views, followers or who posted it as confidence.
"""

from dataclasses import dataclass

from .model import Half, Part

_NEAR_COPY_POINTS = 30
_TYPE_POINTS = {"sha256": 34, "md5": 32, "url": 18, "phrase": 12}
_SECOND_BANK_POINTS = 4
_PRECISION_POINTS = 13
_CONFIRMED_POINTS = 4
_DISPUTED_POINTS = -12
_NOTICE_POINTS = 8
_NOTICES_COUNTED_MAX = 3
_EARLIER_POINTS = 3
_EARLIER_COUNTED_MAX = 4
_LABEL_POINTS = {
    "tco-2-7-d": 28,  # instructs on weapons or methods
    "tco-2-7-e": 28,  # threatens to commit an offence
    "tco-2-7-a": 22,  # incites
    "tco-2-7-b": 22,  # solicits an offence
    "tco-2-7-c": 18,  # solicits participation in a group
}
"""By label of TCO Art 2(7)."""
_UNLABELLED_POINTS = 10
_COPIES_POINTS = 2
_COPIES_COUNTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Match:
    """What priority needs of one match. `precision_pct` is the lower bound, None before any decision."""

    type: str
    bank: str
    entry: str
    distance: int
    radius: int
    labels: tuple[str, ...]
    confirmed_here: bool
    disputed: bool
    precision_pct: int | None


def parts(matches: tuple[Match, ...], *, notices: int, earlier: int, copies: int) -> tuple[Part, ...]:
    """The lines of the sum: confidence first, each half in the order in which pages show it.

    `notices`: by different users; `earlier`: confirmed items of the account; `copies`: items in the case.
    """
    lines: list[Part] = []
    if matches:
        lines += _of_matches(matches)
    if notices:
        points = _NOTICE_POINTS * min(notices, _NOTICES_COUNTED_MAX)
        lines.append(Part(Half.CONFIDENCE, "notices", points, {"count": notices}))
    lines.append(_label(matches))
    if earlier:
        points = _EARLIER_POINTS * min(earlier, _EARLIER_COUNTED_MAX)
        lines.append(Part(Half.SEVERITY, "earlier_confirmed", points, {"count": earlier}))
    if copies > 1:
        points = _COPIES_POINTS * min(copies - 1, _COPIES_COUNTED_MAX)
        lines.append(Part(Half.SEVERITY, "copies", points, {"count": copies}))
    return tuple(lines)


def _of_matches(matches: tuple[Match, ...]) -> list[Part]:
    best = max(matches, key=_closeness)
    facts: dict[str, str | int] = {"type": best.type, "entry": best.entry, "bank": best.bank}
    facts |= {"distance": best.distance, "radius": best.radius}
    lines = [Part(Half.CONFIDENCE, "near_copy" if best.type == "pdq" else "match", _closeness(best), facts)]
    banks = len({match.bank for match in matches})
    if banks > 1:
        lines.append(Part(Half.CONFIDENCE, "more_banks", _SECOND_BANK_POINTS * min(banks - 1, 2), {"count": banks}))
    if best.confirmed_here:
        lines.append(Part(Half.CONFIDENCE, "confirmed_here", _CONFIRMED_POINTS))
    if best.precision_pct is not None:
        points = _PRECISION_POINTS * best.precision_pct // 100
        lines.append(Part(Half.CONFIDENCE, "bank_precision", points, {"percent": best.precision_pct}))
    if any(match.disputed for match in matches):
        lines.append(Part(Half.CONFIDENCE, "disputed", _DISPUTED_POINTS))
    return lines


def _closeness(match: Match) -> int:
    """A copy at the edge of its radius counts half of an identical one."""
    if match.type == "pdq":
        return _NEAR_COPY_POINTS - _NEAR_COPY_POINTS * match.distance // (2 * max(1, match.radius))
    return _TYPE_POINTS.get(match.type, _TYPE_POINTS["phrase"])


def _label(matches: tuple[Match, ...]) -> Part:
    known = {label for match in matches for label in match.labels if label in _LABEL_POINTS}
    if not known:
        return Part(Half.SEVERITY, "no_label", _UNLABELLED_POINTS)
    gravest = max(sorted(known), key=lambda label: _LABEL_POINTS[label])
    return Part(Half.SEVERITY, "label", _LABEL_POINTS[gravest], {"label": gravest})
