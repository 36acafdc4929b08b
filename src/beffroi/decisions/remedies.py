"""Which ways to object are shown: one pure function (DESIGN §5.3).

Owns: `remedies`.
Promises: what is offered follows from ground, size and kind of the platform, cross-border and secrecy,
and from nothing else; pages only render its answer.
Never does: offer what the law does not give for this ground (a removal order has no internal complaint).
"""

from dataclasses import dataclass
from enum import StrEnum

from beffroi.parties.model import Service, Size


class Basis(StrEnum):
    """Why something was done, as far as remedies differ."""

    TERMS = "terms"
    RULE = "rule"  # a hold, a refused upload or a label by standing rule: no person has looked
    SPECIFIC_MEASURE = "specific_measure"
    REMOVAL_ORDER = "removal_order"


class Way(StrEnum):
    """A way to object, in the words of the pages."""

    ASK_A_PERSON_NOW = "ask_a_person_now"
    ASK_US = "ask_us"
    ASK_FOR_REASONS_OR_ORDER = "ask_for_reasons_or_order"
    SCRUTINY = "scrutiny"
    INDEPENDENT_BODY = "independent_body"
    COURT = "court"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way, the article it rests on, and whether the law gives it or the platform offers it of its own."""

    way: Way
    article: str
    by_law: bool


def remedies(
    basis: Basis, size: Size, *, service: Service, cross_border: bool, secret: bool, offers_own_complaint: bool
) -> tuple[Remedy, ...]:
    """The ways to object, in the order in which they are shown.

    DSA Arts 20 and 21 do not bind micro and small platforms (Art 19) nor mere hosts; Art 17 does. A platform
    may offer a complaint of its own all the same. Under secrecy nothing is shown (TCO Art 11(3)).
    """
    if secret:
        return ()
    court = Remedy(Way.COURT, "TCO Art 9" if basis is Basis.REMOVAL_ORDER else "DSA Art 17(3)(f)", by_law=True)
    if basis is Basis.REMOVAL_ORDER:
        first = Remedy(Way.ASK_FOR_REASONS_OR_ORDER, "TCO Art 11(2)", by_law=True)
        scrutiny = (Remedy(Way.SCRUTINY, "TCO Art 4(4)", by_law=True),) if cross_border else ()
        return (first, *scrutiny, court)
    dsa_complaint = service is Service.ONLINE_PLATFORM and size not in {Size.MICRO, Size.SMALL}
    ways: list[Remedy] = []
    if basis is Basis.RULE:
        ways.append(Remedy(Way.ASK_A_PERSON_NOW, "DESIGN §5.1", by_law=False))
    if basis is Basis.SPECIFIC_MEASURE:
        ways.append(Remedy(Way.ASK_US, "TCO Art 10", by_law=True))
    elif dsa_complaint:
        ways.append(Remedy(Way.ASK_US, "DSA Art 20", by_law=True))
    elif offers_own_complaint:
        ways.append(Remedy(Way.ASK_US, "our own offer", by_law=False))
    if dsa_complaint:
        ways.append(Remedy(Way.INDEPENDENT_BODY, "DSA Art 21", by_law=True))
    return (*ways, court)
