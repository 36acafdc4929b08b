"""The register of authorities over the API: for the command line of the node's own machine.

Owns: its shapes and handlers.
Promises: every change names a person of the node, who may make it by their role.
Never does: decide.
"""

from typing import Annotated

from fastapi import Path
from pydantic import AwareDatetime, Field, StringConstraints

from beffroi.flow import register as flow
from beffroi.flow.acting import acting
from beffroi.ground.kernel.ids import AuthorityId
from beffroi.ground.kernel.limits import (
    AUTHORITY_LANGUAGES_MAX,
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    POSTAL_CHARS_MAX,
    REASON_CHARS_MAX,
    URL_CHARS_MAX,
)
from beffroi.parties.model import Authority, AuthorityState, AuthorityTerms, ContactPoint, Function
from beffroi.staff.permissions import Permission as P

from .handlers import Caller, HouseIn
from .wire import PRINTABLE, Wire

AuthorityPath = Annotated[str, Path(pattern=r"^aut_[0-9A-Z]{26}$")]
Email = Annotated[str, StringConstraints(min_length=3, max_length=EMAIL_CHARS_MAX, pattern=PRINTABLE)]
Phone = Annotated[str, StringConstraints(max_length=POSTAL_CHARS_MAX, pattern=PRINTABLE)]
Language = Annotated[str, StringConstraints(min_length=2, max_length=35)]


class AuthorityIn(Wire):
    """A body as the public list has it; `person` enters it."""

    person: Email
    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARS_MAX, pattern=PRINTABLE)]
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    functions: Annotated[tuple[Function, ...], Field(min_length=1, max_length=len(Function))]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=AUTHORITY_LANGUAGES_MAX)]
    email: Email
    phone: Phone
    postal: Phone = ""
    source: Annotated[str, StringConstraints(min_length=1, max_length=URL_CHARS_MAX, pattern=PRINTABLE)]
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class CalledBackIn(Wire):
    """`person` called the registered number."""

    person: Email
    called: Phone


class EndIn(Wire):
    """`person` takes it off."""

    person: Email
    why: Annotated[str, StringConstraints(min_length=1, max_length=REASON_CHARS_MAX, pattern=PRINTABLE)]


class AuthorityOut(Wire):
    """An entry of the register."""

    id: str
    name: str
    country: str
    functions: tuple[Function, ...]
    languages: tuple[str, ...]
    email: str
    phone: str
    source: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None
    state: AuthorityState
    proposed_by: str
    verified_by: str | None
    verified_at: AwareDatetime | None
    expires_at: AwareDatetime | None


class RegisterOut(Wire):
    """All entries."""

    authorities: tuple[AuthorityOut, ...]


def list_authorities(house: HouseIn) -> RegisterOut:
    """All entries of the register of authorities."""
    return RegisterOut(authorities=tuple(_out(entry) for entry in flow.entries(house)))


def add_authority(given: AuthorityIn, house: HouseIn, who: Caller) -> AuthorityOut:
    """Enter a body; it counts for nothing until a second person has called it back."""
    contact = ContactPoint(given.email, given.postal, given.phone)
    terms = AuthorityTerms(
        name=given.name,
        country=given.country,
        functions=given.functions,
        languages=given.languages,
        contact=contact,
        source=given.source,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )
    return _out(flow.add(house, who.actor, acting(house, given.person, P.REGISTER_MANAGE), terms))


def verify_authority(authority: AuthorityPath, given: CalledBackIn, house: HouseIn, who: Caller) -> AuthorityOut:
    """A second person called the registered number: the entry is pinned, for a year at most."""
    person = acting(house, given.person, P.REGISTER_MANAGE)
    return _out(flow.verify(house, who.actor, person, AuthorityId(authority), given.called))


def end_authority(authority: AuthorityPath, given: EndIn, house: HouseIn, who: Caller) -> AuthorityOut:
    """Take a body off the register."""
    person = acting(house, given.person, P.REGISTER_MANAGE)
    return _out(flow.end(house, who.actor, person, AuthorityId(authority), given.why))


def _out(entry: Authority) -> AuthorityOut:
    terms = entry.terms
    return AuthorityOut(
        id=entry.id,
        name=terms.name,
        country=terms.country,
        functions=terms.functions,
        languages=terms.languages,
        email=terms.contact.email,
        phone=terms.contact.phone,
        source=terms.source,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        state=entry.state,
        proposed_by=entry.proposed_by,
        verified_by=entry.verified_by,
        verified_at=entry.verified_at,
        expires_at=entry.expires_at,
    )
