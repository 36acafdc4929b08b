"""What an organisation must say of itself, and how a charter setting changes. Pure.

Owns: establishing, amending, the gaps that the law does not leave open, changing a setting.
Promises: a platform has a size and a kind of service, nobody else has; a setting changes only to a value it may have.
Never does: compute remedies from them (`decisions.remedies` does).
"""

import re
from dataclasses import fields, replace
from datetime import datetime

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import OrganisationId, PersonId, SubjectId
from beffroi.ground.kernel.limits import EMAIL_CHARS_MAX, NAME_CHARS_MAX, POSTAL_CHARS_MAX, REASON_CHARS_MAX

from .model import (
    CharterChanged,
    CharterSetting,
    ContactPoint,
    NodeKind,
    Organisation,
    OrganisationAmended,
    OrganisationEstablished,
    Particulars,
    Representative,
    Value,
)
from .settings import Setting
from .union import MEMBER_STATES

_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def establish(
    existing: Organisation | None,
    organisation: OrganisationId,
    particulars: Particulars,
    representative: SubjectId | None,
    now: datetime,
) -> tuple[OrganisationEstablished, ...]:
    """The node's one organisation.

    Raises:
        Conflict: there is one.
        Invalid: see `check`.

    """
    if existing is not None:
        raise Conflict("already-established", "this node has its organisation; amend it instead")
    check(particulars)
    return (OrganisationEstablished(organisation, particulars, representative, now),)


def amend(
    organisation: Organisation, particulars: Particulars, representative: SubjectId | None, now: datetime
) -> tuple[OrganisationAmended, ...]:
    """It says something else of itself; nothing happens if it is the same.

    Raises:
        Conflict: another kind of node; that is another node.
        Invalid: see `check`.

    """
    if particulars.kind is not organisation.particulars.kind:
        raise Conflict("kind-is-fixed", "a node does not become another kind of node; set up a new one")
    check(particulars)
    if (particulars, representative) == (organisation.particulars, organisation.representative):
        return ()
    return (OrganisationAmended(organisation.id, particulars, representative, now),)


def same_version(organisation: Organisation, seen: int | None) -> None:
    """Whether a person amends what they saw.

    Raises:
        Conflict: it has changed since.

    """
    if seen is not None and seen != organisation.version:
        raise Conflict("stale-version", "this has changed since you read it", version=organisation.version)


def check(particulars: Particulars) -> None:
    """Whether it can be published.

    Raises:
        Invalid: a name, country, language or address is missing or has the wrong shape.

    """
    _words(particulars.name, NAME_CHARS_MAX, "name")
    if not _COUNTRY.fullmatch(particulars.country):
        raise Invalid("no-country", "the country is two capital letters (ISO 3166-1)", where="country")
    if not particulars.languages or not all(_LANGUAGE.fullmatch(tag) for tag in particulars.languages):
        raise Invalid("no-language", "name at least one language by its tag, such as `nl`", where="languages")
    is_platform = particulars.kind is NodeKind.PLATFORM
    if is_platform != (particulars.size is not None) or is_platform != (particulars.service is not None):
        raise Invalid("size-is-for-platforms", "a platform, and nobody else, has a size and a service", where="size")
    _check_contact(particulars.contact, "contact")
    if particulars.complaints is not None:
        _check_contact(particulars.complaints, "complaints")


def check_representative(representative: Representative) -> None:
    """Whether the representative can be reached.

    Raises:
        Invalid: no name or no e-mail address, or one of them too long.

    """
    _words(representative.name, NAME_CHARS_MAX, "representative.name")
    _check_email(representative.email, "representative.email")
    for name in ("phone", "postal"):
        _at_most(getattr(representative, name), POSTAL_CHARS_MAX, f"representative.{name}")


def gaps(organisation: Organisation | None) -> tuple[str, ...]:
    """What the law asks for and is missing, as codes; shown on the pages, never a reason to stop working."""
    if organisation is None:
        return ("organisation",)
    told = organisation.particulars
    outside = told.kind is NodeKind.PLATFORM and told.country not in MEMBER_STATES
    missing = {
        "contact-hours": not told.contact.hours,
        "legal-representative": outside and organisation.representative is None,  # TCO Art 17, DSA Art 13
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)


def change(setting: Setting, was: Value, value: Value, person: PersonId, reason: str, now: datetime) -> CharterChanged:
    """A charter setting gets another value.

    Raises:
        Invalid: the setting cannot have this value, or no reason was given.
        Conflict: it has this value already.

    """
    setting.check(value)
    _words(reason, REASON_CHARS_MAX, "reason")
    if value == was:
        raise Conflict("same-value", "the setting has this value already", setting=setting.name)
    return CharterChanged(setting.name, value, was, person, now)


def apply_organisation(
    state: Organisation | None, event: OrganisationEstablished | OrganisationAmended
) -> Organisation:
    """The organisation after `event`."""
    match event:
        case OrganisationEstablished():
            return Organisation(event.organisation, 0, event.particulars, event.representative, event.at, event.at)
        case OrganisationAmended():
            told = (event.particulars, event.representative, event.at)
            return replace(_known(state), particulars=told[0], representative=told[1], amended_at=told[2])


def apply_charter(state: CharterSetting | None, event: CharterChanged) -> CharterSetting:
    """The setting after `event`."""
    return CharterSetting(event.setting, state.version if state else 0, event.value, event.person, event.at)


def _known(state: Organisation | None) -> Organisation:
    if state is None:
        raise Conflict("never-established", "an organisation begins by being established")
    return state


def _check_contact(contact: ContactPoint, where: str) -> None:
    _check_email(contact.email, f"{where}.email")
    for field in fields(ContactPoint):
        _at_most(getattr(contact, field.name), POSTAL_CHARS_MAX, f"{where}.{field.name}")


def _check_email(email: str, where: str) -> None:
    if len(email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(email):
        raise Invalid("no-email", "this is not an e-mail address", where=where)


def _words(text: str, chars_max: int, where: str) -> None:
    if not text.strip():
        raise Invalid("nothing-written", "this may not be empty", where=where)
    _at_most(text, chars_max, where)


def _at_most(text: str, chars_max: int, where: str) -> None:
    if len(text) > chars_max:
        raise Invalid("too-long", f"at most {chars_max} characters", where=where)
