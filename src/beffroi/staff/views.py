"""What pages show of people, sessions and API keys.

Owns: the people list, one person, one's own sessions and means of proof, the list of API keys.
Promises: read-only; without a vault no name is opened, so that people outside see pseudonyms.
Never does: show a secret, or who looked at how much.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from beffroi.ground.kernel.ids import KeyId, PersonId, SessionId
from beffroi.ground.storage import Vault
from beffroi.ground.storage.events import StoredEvent, history

from . import store
from .model import ApiKey, Identity, Method, Person, PersonState, Role, Way
from .permissions import Permission, Principal
from .proof import store as proofs


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody in a list. Name and e-mail address are None where they are not opened, or erased."""

    id: PersonId
    version: int
    pseudonym: str
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    roles: tuple[Role, ...]
    state: PersonState
    demo: bool
    invited_at: datetime
    joined_at: datetime | None
    ways: tuple[Way, ...] = ()
    """By what they can sign in; none for those who were only invited, or have left."""

    @property
    def shown_as(self) -> str:
        """The name, or the pseudonym where there is none."""
        return self.name or self.pseudonym


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, with what happened to them, oldest first."""

    card: PersonCard
    events: tuple[StoredEvent, ...]
    keys: tuple[ApiKey, ...]


@dataclass(frozen=True, slots=True)
class KeyCard:
    """An API key in a list."""

    id: KeyId
    label: str
    scopes: tuple[Permission, ...]
    issued_by: PersonId
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_on: datetime | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One of one's own sessions."""

    id: SessionId
    method: Method
    agent: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime
    is_this_one: bool


@dataclass(frozen=True, slots=True)
class PasskeyCard:
    """One of one's own passkeys."""

    id: str
    label: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One's own account."""

    card: PersonCard
    sessions: tuple[SessionCard, ...]
    passkeys: tuple[PasskeyCard, ...]
    telephone_since: datetime | None
    recovery_codes_left: int


def people(conn: Connection, vault: Vault | None) -> tuple[PersonCard, ...]:
    """Everybody, those who left too, in the order in which they were invited."""
    known = {} if vault is None else store.identities(conn, vault)
    ways = proofs.ways(conn)
    return tuple(_card(person, known.get(person.id), ways.get(person.id, ())) for person in store.everybody(conn))


def person(conn: Connection, vault: Vault | None, person_id: PersonId) -> PersonPage:
    """One person.

    Raises:
        NotFound: there is none.

    """
    found = store.PEOPLE.load(conn, person_id)
    known = {} if vault is None else store.identities(conn, vault, [person_id])
    events = sorted((*history(conn, "person", person_id), *history(conn, "sign-in", person_id)), key=lambda e: e.seq)
    keys = tuple(store.keys_issued_by(conn, person_id))
    card = _card(found, known.get(person_id), proofs.ways(conn).get(person_id, ()))
    return PersonPage(card, tuple(events), keys)


def names(conn: Connection, vault: Vault | None) -> dict[PersonId, str]:
    """What to call everybody on a page: names inside the house, pseudonyms (no vault) outside."""
    return {card.id: card.shown_as for card in people(conn, vault)}


def own(conn: Connection, vault: Vault, principal: Principal) -> OwnPage:
    """The account of whoever asks."""
    person_id = principal.person
    known = store.identities(conn, vault, [person_id])
    return OwnPage(
        _card(store.PEOPLE.load(conn, person_id), known.get(person_id), proofs.ways(conn).get(person_id, ())),
        my_sessions(conn, vault, principal),
        tuple(PasskeyCard(key, label, at) for key, _, label, at in proofs.passkeys_of(conn, vault, person_id)),
        proofs.totp_set_at(conn, person_id),
        len(proofs.recovery_of(conn, person_id)),
    )


def my_sessions(conn: Connection, vault: Vault, principal: Principal) -> tuple[SessionCard, ...]:
    """The sessions of whoever asks, newest first."""
    return tuple(
        SessionCard(s.id, s.method, agent, s.opened_at, s.seen_at, s.ends_at, s.id == principal.session)
        for s, agent in store.sessions_of(conn, vault, principal.person)
    )


def api_keys(conn: Connection, now: datetime) -> tuple[KeyCard, ...]:
    """All API keys, the newest first."""
    return tuple(
        KeyCard(
            key.id,
            label,
            tuple(Permission(scope) for scope in key.scopes),
            key.issued_by,
            key.issued_at,
            key.expires_at,
            key.revoked_at,
            used_on,
            key.is_live(now),
        )
        for key, label, used_on in store.keys(conn)
    )


def _card(person: Person, known: Identity | None, ways: Iterable[Way]) -> PersonCard:
    name, email = (known.name, known.email) if known else (None, None)
    roles = tuple(role for role in Role if role in person.roles)
    return PersonCard(
        person.id, person.version, person.pseudonym, name, email, roles, person.state, person.demo,
        person.invited_at, person.joined_at, tuple(ways),
    )  # fmt: skip
