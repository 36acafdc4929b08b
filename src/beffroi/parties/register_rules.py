"""How a public body comes onto this node's register, and until when it stands there. Pure.

Owns: proposing, pinning, ending; `is_in_force`.
Promises: two persons stand behind a pin, and the second one called the number that the public list names; a pin
expires; nobody is competent for what the register does not say.
Never does: trust what a message says of its own sender.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import AuthorityId, PersonId
from beffroi.ground.kernel.limits import (
    AUTHORITY_LANGUAGES_MAX,
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    PIN_DAYS_MAX,
    POSTAL_CHARS_MAX,
    REASON_CHARS_MAX,
    URL_CHARS_MAX,
)

from .model import (
    Authority,
    AuthorityEnded,
    AuthorityPinned,
    AuthorityProposed,
    AuthorityState,
    AuthorityTerms,
    Function,
)

_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DIGITS = re.compile(r"\d")
_PHONE_DIGITS_MIN = 5


def propose(terms: AuthorityTerms, authority: AuthorityId, person: PersonId, now: datetime) -> list[AuthorityProposed]:
    """A body as the public list has it; it counts for nothing until it is pinned.

    Raises:
        Invalid: a name, State, function, language, address, telephone number or source is missing or misshapen.

    """
    check(terms)
    return [AuthorityProposed(authority, terms, person, now)]


def pin(authority: Authority, person: PersonId, called: str, now: datetime) -> list[AuthorityPinned]:
    """A second person called the number of the list; done again before it expires, it renews the pin.

    Raises:
        NotAllowed: they entered it themselves.
        Conflict: it was taken off, or its own validity is over.
        Invalid: another number than the registered one was called.

    """
    if authority.state is AuthorityState.ENDED:
        raise Conflict("entry-ended", "this entry was taken off the register; enter it anew")
    if authority.proposed_by == person:
        raise NotAllowed("own-proposal", "you entered this body; somebody else must call it back")
    if _DIGITS.findall(called) != _DIGITS.findall(authority.terms.contact.phone):
        raise Invalid("not-the-registered-number", "call the number that the public list names", where="called")
    expires_at = now + timedelta(days=PIN_DAYS_MAX)
    if authority.terms.valid_to is not None:
        expires_at = min(expires_at, authority.terms.valid_to)
    if expires_at <= now:
        raise Conflict("no-longer-valid", "the public list says that this body is not competent any more")
    return [AuthorityPinned(authority.id, person, called.strip(), now, expires_at)]


def end(authority: Authority, person: PersonId, why: str, now: datetime) -> list[AuthorityEnded]:
    """Take it off.

    Raises:
        Conflict: it is off already.
        Invalid: no reason.

    """
    if authority.state is AuthorityState.ENDED:
        raise Conflict("entry-ended", "this entry was taken off the register before")
    if not 1 <= len(why.strip()) <= REASON_CHARS_MAX:
        raise Invalid("no-reason", f"say why, in 1 to {REASON_CHARS_MAX} characters", where="why")
    return [AuthorityEnded(authority.id, person, why.strip(), now)]


def is_in_force(authority: Authority, at: datetime, function: Function | None = None) -> bool:
    """Whether at that instant the pin held, the body was competent, and (if asked) for this function."""
    if authority.state is not AuthorityState.PINNED or authority.verified_at is None or authority.expires_at is None:
        return False
    terms = authority.terms
    is_pinned = authority.verified_at <= at < authority.expires_at
    is_valid = terms.valid_from <= at and (terms.valid_to is None or at < terms.valid_to)
    return is_pinned and is_valid and (function is None or function in terms.functions)


def check(terms: AuthorityTerms) -> None:
    """Whether a body can be entered.

    Raises:
        Invalid: see `propose`.

    """
    _words(terms.name, NAME_CHARS_MAX, "name")
    _words(terms.source, URL_CHARS_MAX, "source")
    if not _COUNTRY.fullmatch(terms.country):
        raise Invalid("no-country", "the country is two capital letters (ISO 3166-1)", where="country")
    if not terms.functions or len(set(terms.functions)) != len(terms.functions):
        raise Invalid("no-function", "name each function of the body once", where="functions")
    if not 1 <= len(terms.languages) <= AUTHORITY_LANGUAGES_MAX or not all(map(_LANGUAGE.fullmatch, terms.languages)):
        raise Invalid("no-language", "name at least one language by its tag, such as `nl`", where="languages")
    if len(terms.contact.email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(terms.contact.email):
        raise Invalid("no-email", "this is not an e-mail address", where="email")
    if len(_DIGITS.findall(terms.contact.phone)) < _PHONE_DIGITS_MIN:
        raise Invalid("no-phone", "a body is pinned by calling it back: name its telephone number", where="phone")
    for name in ("phone", "postal", "hours"):
        if len(getattr(terms.contact, name)) > POSTAL_CHARS_MAX:
            raise Invalid("too-long", f"at most {POSTAL_CHARS_MAX} characters", where=name)
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise Invalid("bad-validity", "the validity ends after it begins", where="valid_to")


def apply(authority: Authority | None, event: AuthorityProposed | AuthorityPinned | AuthorityEnded) -> Authority:
    """The entry after `event`."""
    if isinstance(event, AuthorityProposed):
        proposed = AuthorityState.PROPOSED
        return Authority(event.authority, 0, event.terms, proposed, event.by, event.at, None, None, None)
    if authority is None:
        raise Conflict("event-does-not-fit", f"{event.type()} before the entry")
    match event:
        case AuthorityPinned():
            pinned = replace(authority, state=AuthorityState.PINNED, verified_by=event.by, verified_at=event.at)
            return replace(pinned, expires_at=event.expires_at)
        case AuthorityEnded():
            return replace(authority, state=AuthorityState.ENDED)


def _words(text: str, chars_max: int, where: str) -> None:
    if not 1 <= len(text.strip()) <= chars_max:
        raise Invalid("nothing-written", f"write 1 to {chars_max} characters", where=where)
