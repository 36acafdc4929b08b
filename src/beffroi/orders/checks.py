"""What is looked at when an order arrives, each failure by the provision it fails. Pure.

Owns: `examine`.
Promises: every element of TCO Art 3(4), the addressee's language and address (Arts 3(5) and 15(2)), the sender's
competence and the first-contact rule (Art 3(2)) have their line; nothing is repaired or guessed.
Never does: decide what follows; a person does (`rules`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .annexes import AnnexI
from .model import Check


@dataclass(frozen=True, slots=True)
class Known:
    """What the node knows beside the form.

    `pinned`: the sender stands in the register; `competent`: as one that may order; `signed`: its signature or sealed
    channel was checked; `declared`: languages of this contact point, `language`: that of the order; `state`: where the
    platform is established; `first`: no order of this body was confirmed here before, `told_12h`: the information of
    Art 3(2) came in time, or an emergency is justified; `repeats`: how many live orders name the same items;
    `reused`: another order of this reference number arrived before.
    """

    pinned: bool
    competent: bool
    signed: bool
    language: str
    declared: tuple[str, ...]
    state: str
    first: bool = False
    told_12h: bool = False
    repeats: int = 0
    reused: bool = False


def is_exact(url: str) -> bool:
    """Whether an address is one that can be opened: absolute, http or https, with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def examine(form: AnnexI, known: Known) -> tuple[Check, ...]:
    """All lines, in the order of the Regulation."""
    return tuple(line(form, known) for line in _LINES)


def failed(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Those that did not pass."""
    return tuple(check for check in checks if not check.passed)


def _competence(_form: AnnexI, known: Known) -> Check:
    note = "" if known.competent else "registered, but not as one that may order" if known.pinned else "not registered"
    return Check("competence", "TCO Art 12(1)(a)", known.competent, note)


def _signature(_form: AnnexI, known: Known) -> Check:
    return Check("signature", "TCO Art 3(4)(e)", known.signed, "" if known.signed else "not checked, or none")


def _identification(form: AnnexI, _known: Known) -> Check:
    named = bool(form.authority.name and form.issuing_member_state and form.reference_number)
    return Check("identification", "TCO Art 3(4)(a), Annex I A and E", named)


def _reasons(form: AnnexI, _known: Known) -> Check:
    return Check("reasons", "TCO Art 3(4)(b), Annex I B", bool(form.grounds and form.additional_reasons))


def _addresses(form: AnnexI, _known: Known) -> Check:
    wrong = [number for number, url in enumerate(form.urls, 1) if not is_exact(url)]
    note = f"not an address: {', '.join(map(str, wrong[:20]))}" if wrong else "" if form.urls else "none"
    return Check("addresses", "TCO Art 3(4)(c), Annex I B", bool(form.urls) and not wrong, note)


def _date(form: AnnexI, _known: Known) -> Check:
    return Check("date", "TCO Art 3(4)(e), Annex I A", form.issued_at is not None)


def _redress(form: AnnexI, _known: Known) -> Check:
    told = bool(form.redress.body_or_court and form.redress.deadline)
    return Check("redress", "TCO Art 3(4)(f), Annex I G", told)


def _secrecy(form: AnnexI, _known: Known) -> Check:
    dated = form.non_disclosure_decided_at is not None
    note = "" if dated or not form.non_disclosure else "no date of the decision: counted from the order's"
    return Check("non_disclosure", "TCO Arts 3(4)(g) and 11(3), Annex I C", dated or not form.non_disclosure, note)


def _language(_form: AnnexI, known: Known) -> Check:
    fits = known.language.partition("-")[0] in {tag.partition("-")[0] for tag in known.declared}
    note = "" if fits else f"{known.language or 'not told'}; declared: {', '.join(known.declared)}"
    return Check("language", "TCO Art 15(2)", fits, note)


def _cross_border(form: AnnexI, known: Known) -> Check:
    is_foreign = bool(form.issuing_member_state) and form.issuing_member_state != known.state
    fits = form.is_cross_border is is_foreign and (not is_foreign or form.copy_sent_to_establishment_authority)
    return Check("copy", "TCO Art 4(1), Annex I D", fits, "" if fits else "no copy to the State of establishment")


def _first_contact(_form: AnnexI, known: Known) -> Check:
    fits = not known.first or known.told_12h
    return Check("first_contact", "TCO Art 3(2)", fits, "" if fits else "first order, no notice twelve hours before")


def _repeats(_form: AnnexI, known: Known) -> Check:
    note = f"{known.repeats} of its items are under another live order" if known.repeats else ""
    return Check("duplicate", "TCO Art 14(1)", not known.repeats, note)


def _reused(_form: AnnexI, known: Known) -> Check:
    note = "another order of this number came before, and it differs" if known.reused else ""
    return Check("reference", "Annex I A", not known.reused, note)


_LINES: tuple[Callable[[AnnexI, Known], Check], ...] = (
    _competence,
    _signature,
    _identification,
    _reasons,
    _addresses,
    _date,
    _redress,
    _secrecy,
    _language,
    _cross_border,
    _first_contact,
    _repeats,
    _reused,
)
