"""Who is warned: by the States concerned, and where none is known by the fallback of the law. Pure.

Owns: `route`, and the rules of the register.
Promises: every State that is named has a recipient, or the fallback is warned as well; where the register knows nobody,
the emergency number stands on the page, so that a warning always goes somewhere; two persons stand behind an entry.
Never does: choose by anything but the States that a person named.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import PersonId, RecipientId
from beffroi.ground.kernel.limits import (
    CERTIFICATE_CHARS_MAX,
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    POSTAL_CHARS_MAX,
    RECIPIENT_DAYS,
    WARNING_RECIPIENTS_MAX,
)
from beffroi.ground.storage import Event

from .model import (
    Entry,
    Function,
    Link,
    Recipient,
    RecipientConfirmed,
    RecipientEnded,
    RecipientPinned,
    RecipientState,
    StateConcerned,
    Way,
)

EMERGENCY = RecipientId("emergency")
"""Stands for the police emergency number, where the register knows nobody at all."""
_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^@\s\"<>,;:()\[\]\\]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is warned, and why they. `links` is empty for the fallback."""

    recipient: RecipientId
    entry: Entry | None
    """None: the emergency number."""
    way: Way
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Everybody who is warned, and the States that the register has nobody for."""

    addressees: tuple[Addressee, ...]
    missing: tuple[str, ...]


def route(
    states: Sequence[StateConcerned],
    register: Iterable[Recipient],
    home: str,
    now: datetime,
    *,
    can_mail: bool,
    is_public: bool,
) -> Route:
    """The recipients for these States.

    TCO 14(5): the authorities of the State concerned; where they cannot be identified, the contact point of the State
    of establishment (`home`), and Europol is told. DSA 18(2): the same, or Europol. Contents of what is not public go
    from a provider of the United States to its own authorities alone (18 U.S.C. 2702(b)(8), 2711(4)).
    """
    live = [each for each in register if is_live(each, now)]
    if home == "US" and not is_public:
        live = [each for each in live if each.entry.country == "US"]
    links: dict[str, list[Link]] = {}
    for state in states:
        links.setdefault(state.country, []).append(state.link)
    chosen = [
        _addressee(each, can_mail=can_mail, links=tuple(links[each.entry.country]))
        for each in live
        if each.entry.function is Function.INVESTIGATE and each.entry.country in links
    ]
    missing = tuple(c for c in links if all(a.entry is None or a.entry.country != c for a in chosen))
    if missing or not links:
        chosen += [_addressee(each, can_mail=can_mail) for each in live if _is_fallback(each, home)]
    if not chosen:
        chosen = [Addressee(EMERGENCY, None, Way.PAPER)]
    return Route(tuple(chosen[:WARNING_RECIPIENTS_MAX]), missing)


def _is_fallback(recipient: Recipient, home: str) -> bool:
    entry = recipient.entry
    is_home = entry.function is Function.CONTACT_POINT and entry.country == home
    return is_home or entry.function is Function.EUROPOL


def _addressee(recipient: Recipient, *, can_mail: bool, links: tuple[Link, ...] = ()) -> Addressee:
    entry = recipient.entry
    way = Way.PAPER if not (can_mail and entry.email) else Way.SEALED if entry.certificate else Way.NOTE
    return Addressee(recipient.id, entry, way, links)


# ── the register ──────────────────────────────────────────────────────────────────────────────────


def is_live(recipient: Recipient, now: datetime) -> bool:
    """Whether two persons stand behind it, and not too long ago."""
    return recipient.state is RecipientState.CONFIRMED and recipient.expires_at > now


def pin(recipient: RecipientId, entry: Entry, person: PersonId, now: datetime) -> list[Event]:
    """An entry of a public list.

    Raises:
        Invalid: see `check`.

    """
    check(entry)
    return [RecipientPinned(recipient, entry, person, now + timedelta(days=RECIPIENT_DAYS), now)]


def confirm(recipient: Recipient, person: PersonId, now: datetime) -> list[Event]:
    """Somebody else rang the number of the public list.

    Raises:
        Conflict: it was confirmed or ended, or has expired.
        NotAllowed: they pinned it themselves.

    """
    if recipient.state is not RecipientState.PINNED or recipient.expires_at <= now:
        raise Conflict("not-pinned", "this entry waits for nobody; pin it anew")
    if recipient.pinned_by == person:
        raise NotAllowed("own-entry", "you pinned this; somebody else must call them")
    return [RecipientConfirmed(recipient.id, person, now)]


def end(recipient: Recipient, person: PersonId, now: datetime) -> list[Event]:
    """It is not warned any more.

    Raises:
        Conflict: it was ended.

    """
    if recipient.state is RecipientState.ENDED:
        raise Conflict("ended", "this entry has ended")
    return [RecipientEnded(recipient.id, person, now)]


def check(entry: Entry) -> None:
    """Whether somebody could be reached by it.

    Raises:
        Invalid: no name, no telephone, no source; an address or a country of the wrong shape.

    """
    for where, said, most in (
        ("name", entry.name, NAME_CHARS_MAX),
        ("phone", entry.phone, POSTAL_CHARS_MAX),
        ("source", entry.source, POSTAL_CHARS_MAX),
    ):
        if not said.strip():
            raise Invalid("nothing-written", "this may not be empty", where=where)
        _at_most(said, most, where)
    _at_most(entry.hours, POSTAL_CHARS_MAX, "hours")
    _at_most(entry.certificate, CERTIFICATE_CHARS_MAX, "certificate")
    is_european = entry.function is Function.EUROPOL
    if is_european != (not entry.country) or (entry.country and not _COUNTRY.fullmatch(entry.country)):
        raise Invalid("no-country", "two capital letters (ISO 3166-1); empty for Europol alone", where="country")
    if entry.email and (len(entry.email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(entry.email)):
        raise Invalid("no-email", "this is not an e-mail address", where="email")
    if entry.certificate and not entry.email:
        raise Invalid("no-email", "a certificate is of no use without an address", where="email")


def apply(recipient: Recipient | None, event: Event) -> Recipient:
    """The entry after `event`."""
    if isinstance(event, RecipientPinned):
        return Recipient(
            id=event.recipient,
            version=0,
            entry=event.entry,
            state=RecipientState.PINNED,
            pinned_by=event.by,
            pinned_at=event.at,
            confirmed_by=None,
            confirmed_at=None,
            expires_at=event.expires_at,
        )
    if recipient is not None and isinstance(event, RecipientConfirmed):
        state = RecipientState.CONFIRMED
        return replace(recipient, state=state, confirmed_by=event.by, confirmed_at=event.at)
    if recipient is not None and isinstance(event, RecipientEnded):
        return replace(recipient, state=RecipientState.ENDED)
    raise Conflict("event-does-not-fit", f"{event.type()} does not fit an entry of the register")


def _at_most(said: str, most: int, where: str) -> None:
    if len(said) > most:
        raise Invalid("too-long", f"at most {most} characters", where=where)
