"""The life of a person here, and of an API key. Pure.

Owns: inviting, joining, granting roles, suspending, lifting, leaving; issuing and revoking keys; who may sign in.
Promises: only an active administrator does this to others, and nobody to themselves; the last administrator stays one;
an overseer is nothing else; who left does not come back.
Never does: check passwords, codes or keys (`passwords`, `totp`, `passkeys`).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed, Unauthenticated
from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.ground.kernel.limits import API_KEY_DAYS_MAX, EMAIL_CHARS_MAX, NAME_CHARS_MAX

from .model import (
    ApiKey,
    ApiKeyIssued,
    ApiKeyRevoked,
    Identity,
    LinkKind,
    Person,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    PersonState,
    PersonSuspended,
    Role,
    RolesGranted,
    SuspensionLifted,
)
from .permissions import SCOPES, Permission

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PersonEvent = PersonInvited | PersonJoined | RolesGranted | PersonSuspended | SuspensionLifted | PersonLeft


def check_identity(identity: Identity) -> None:
    """Whether somebody can be called and reached by it.

    Raises:
        Invalid: no name, no e-mail address, or one of them too long.

    """
    if not identity.name.strip() or len(identity.name) > NAME_CHARS_MAX:
        raise Invalid("no-name", f"a name has 1 to {NAME_CHARS_MAX} characters", where="name")
    if len(identity.email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(identity.email.strip()):
        raise Invalid("no-email", "this is not an e-mail address", where="email")


def check_roles(roles: Collection[Role]) -> None:
    """Whether these roles can be held together.

    Raises:
        Invalid: none at all, or an overseer with another role, who would audit themselves.

    """
    if not roles:
        raise Invalid("no-role", "give at least one role", where="roles")
    if Role.OVERSEER in roles and len(frozenset(roles)) > 1:
        raise Invalid("overseer-stands-alone", "an overseer has no other role", where="roles")


def check_administers(by: Person | None) -> None:
    """Whether `by` may do this to others; None is the command line of the machine itself.

    Raises:
        NotAllowed: they are no administrator, or not any more.

    """
    if by is not None and not by.is_administrator:
        raise NotAllowed("administrators-only", "only an administrator can do this")


def invite(
    person: PersonId, pseudonym: str, roles: Collection[Role], by: Person | None, now: datetime, *, demo: bool = False
) -> tuple[PersonInvited, ...]:
    """Somebody may join.

    Raises:
        NotAllowed: `by` is no administrator.
        Invalid: the roles do not go together.

    """
    check_administers(by)
    check_roles(roles)
    return (PersonInvited(person, pseudonym, _sorted(roles), demo, by.id if by else None, now),)


def join(person: Person, now: datetime) -> tuple[PersonJoined, ...]:
    """They chose their means of proof.

    Raises:
        Conflict: they joined before, or were turned away meanwhile.

    """
    if person.state is not PersonState.INVITED:
        raise Conflict("not-invited", "this invitation does not hold any more")
    return (PersonJoined(person.id, now),)


def grant(person: Person, roles: Collection[Role], by: Person | None, administrators: int) -> tuple[RolesGranted, ...]:
    """They have exactly these roles; `administrators`: how many there are now, of their kind (sample people apart).

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: it would leave the node without an administrator, or they left.

    """
    _by_another(person, by)
    check_roles(roles)
    if person.state is PersonState.LEFT:
        raise Conflict("person-left", "they do not work here any more")
    if frozenset(roles) == person.roles:
        return ()
    if Role.ADMINISTRATOR not in roles:
        _not_the_last(person, administrators)
    return (RolesGranted(person.id, _sorted(roles), by.id if by else None),)


def suspend(person: Person, by: Person | None, administrators: int) -> tuple[PersonSuspended, ...]:
    """They cannot do anything for now.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: not active, or the last administrator.

    """
    _by_another(person, by)
    if person.state is not PersonState.ACTIVE:
        raise Conflict("not-active", "only somebody who works here can be suspended")
    _not_the_last(person, administrators)
    return (PersonSuspended(person.id, by.id if by else None),)


def lift(person: Person, by: Person | None) -> tuple[SuspensionLifted, ...]:
    """They can sign in again.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they are not suspended.

    """
    _by_another(person, by)
    if person.state is not PersonState.SUSPENDED:
        raise Conflict("not-suspended", "they are not suspended")
    return (SuspensionLifted(person.id, by.id if by else None),)


def leave(person: Person, by: Person | None, administrators: int) -> tuple[PersonLeft, ...]:
    """They do not work here any more.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they left before, or are the last administrator.

    """
    _by_another(person, by)
    if person.state is PersonState.LEFT:
        raise Conflict("person-left", "they do not work here any more")
    _not_the_last(person, administrators)
    return (PersonLeft(person.id, by.id if by else None),)


def link_kind(person: Person, by: Person | None) -> LinkKind:
    """What a link made for them now would do.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they are suspended or left.

    """
    _by_another(person, by)
    match person.state:
        case PersonState.INVITED:
            return LinkKind.INVITATION
        case PersonState.ACTIVE:
            return LinkKind.RESET
        case _:
            raise Conflict("not-active", "only somebody who works here, or is invited to, gets a link")


def check_signs_in(person: Person | None, *, demo_allowed: bool, administrators_only: bool = False) -> Person:
    """Whether this person, whose proof held, is let in. `administrators_only`: the proof is not the provider's.

    Raises:
        Unauthenticated: they are not active, or have to come by the provider; as for a wrong password.
        NotAllowed: a sample person outside the demo.

    """
    if person is None or person.state is not PersonState.ACTIVE:
        raise sign_in_failed()
    if administrators_only and Role.ADMINISTRATOR not in person.roles:
        raise sign_in_failed()
    if person.demo and not demo_allowed:
        raise NotAllowed("demo-person", "sample people can sign in to the demo only")
    return person


def sign_in_failed() -> Unauthenticated:
    """One answer for every reason, so that it tells nothing."""
    return Unauthenticated("sign-in-failed", "that did not match; check address, password and code")


def issue(
    key: KeyId, scopes: Collection[str], by: Person, now: datetime, expires_at: datetime
) -> tuple[ApiKeyIssued, ...]:
    """A machine may do this much until then.

    Raises:
        NotAllowed: `by` is no administrator.
        Invalid: no scope, one that no key can have, or an end too far away or past.

    """
    check_administers(by)
    known = {scope.value for scope in SCOPES}
    if not scopes or not known.issuperset(scopes):
        raise Invalid("scope-not-for-keys", "an API key cannot be given this", where="scopes")
    if not now < expires_at <= now + timedelta(days=API_KEY_DAYS_MAX):
        raise Invalid("bad-expiry", f"a key ends within {API_KEY_DAYS_MAX} days", where="expires_at")
    return (ApiKeyIssued(key, tuple(sorted(Permission(scope) for scope in scopes)), by.id, now, expires_at),)


def revoke(key: ApiKey, why: str, now: datetime) -> tuple[ApiKeyRevoked, ...]:
    """It opens nothing any more; revoking twice is no event."""
    return () if key.revoked_at is not None else (ApiKeyRevoked(key.id, why, now),)


def apply_person(state: Person | None, event: PersonEvent) -> Person:
    """The person after `event`."""
    if isinstance(event, PersonInvited):
        roles = frozenset(event.roles)
        return Person(
            event.person, 0, event.pseudonym, roles, PersonState.INVITED, event.demo, event.by, event.at, None
        )
    if state is None:
        raise Conflict("never-invited", "a person begins by being invited")
    match event:
        case PersonJoined():
            return replace(state, state=PersonState.ACTIVE, joined_at=event.at)
        case RolesGranted():
            return replace(state, roles=frozenset(event.roles))
        case PersonSuspended():
            return replace(state, state=PersonState.SUSPENDED)
        case SuspensionLifted():
            return replace(state, state=PersonState.ACTIVE)
        case PersonLeft():
            return replace(state, state=PersonState.LEFT)


def apply_key(state: ApiKey | None, event: ApiKeyIssued | ApiKeyRevoked) -> ApiKey:
    """The key after `event`."""
    if isinstance(event, ApiKeyIssued):
        return ApiKey(event.key, 0, event.scopes, event.by, event.at, event.expires_at, None)
    if state is None:
        raise Conflict("never-issued", "a key begins by being issued")
    return replace(state, revoked_at=event.at)


def _by_another(person: Person, by: Person | None) -> None:
    check_administers(by)
    if by is not None and by.id == person.id:
        raise NotAllowed("not-to-yourself", "another administrator must do this")


def _not_the_last(person: Person, administrators: int) -> None:
    if person.is_administrator and administrators <= 1:
        raise Conflict("last-administrator", "make somebody else administrator first")


def _sorted(roles: Iterable[Role]) -> tuple[Role, ...]:
    return tuple(sorted(frozenset(roles)))
