"""Commands of `staff`: links, invitations, joining, roles, suspending, leaving.

Owns: the order of load, rule, save.
Promises: everything happens inside the caller's transaction; whoever loses roles or access loses it with the commit.
`by` is the administrator who does it; None is the command line of the machine itself.
Never does: hash passwords, check codes, open a transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from beffroi.ground.kernel.errors import Conflict, Invalid, InvariantViolated, NotAllowed
from beffroi.ground.kernel.ids import PersonId, fresh, random_bytes
from beffroi.ground.kernel.limits import LINK_H_MAX
from beffroi.ground.storage import Tx

from . import keys, rules, sessions, store
from .model import (
    CredentialChanged,
    Credentials,
    Identity,
    LinkKind,
    LinkMade,
    Method,
    Person,
    Role,
    SessionEnd,
    Way,
)
from .proof import service as binding
from .proof import store as proofs
from .proof import tokens
from .sessions import Opened


@dataclass(frozen=True, slots=True)
class Bound:
    """Whom the identity provider means: as it is looked up, and in the provider's own words."""

    lookup: str = field(repr=False)
    told: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited, and the token of their link, which is nowhere else."""

    person: Person
    token: str = field(repr=False)


def first_link(tx: Tx, also: Collection[Role] = ()) -> str:
    """The token of the link that makes the first administrator, once, within a day; an earlier one is void.

    `also`: further roles, for a node that is run by one person, because nobody grants themselves any later.

    Raises:
        Conflict: there is an administrator.

    """
    roles = frozenset({Role.ADMINISTRATOR, *also})
    rules.check_roles(roles)
    _no_administrator(tx)
    return _make_link(tx, store.Link(LinkKind.FIRST, None, tuple(sorted(roles))), None)


def invite(tx: Tx, identity: Identity, roles: Collection[Role], by: PersonId | None) -> Invited:
    """Invite somebody; the token goes into the link that is handed to them.

    Raises:
        NotAllowed: `by` is no administrator.
        Conflict: somebody has this e-mail address.
        Invalid: name, address or roles do not do.

    """
    person = _add(tx, identity, roles, _load_by(tx, by), demo=False)
    return Invited(person, _make_link(tx, store.Link(LinkKind.INVITATION, person.id, ()), by))


def link_for(tx: Tx, person_id: PersonId, by: PersonId | None) -> str:
    """A new link for somebody invited, or for somebody who lost password or telephone; an earlier one is void.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they are suspended or left.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    kind = rules.link_kind(person, _load_by(tx, by))
    return _make_link(tx, store.Link(kind, person.id, ()), by)


def accept(tx: Tx, token: str, identity: Identity | None, credentials: Credentials, agent: str = "") -> Opened:
    """Use a link: somebody joins, or gets new means of proof, and is signed in. `identity`: for the first link only.

    Raises:
        Conflict: the link was used, is too old, or does not hold any more.
        Invalid: the first link, without a name and an e-mail address.

    """
    person = _arrive(tx, _use(tx, tokens.digest(token)), identity)
    sessions.end_all(tx, person.id, SessionEnd.CREDENTIALS)
    proofs.put_credentials(tx, person.id, credentials)
    tx.record(CredentialChanged(person.id, "all"))
    return sessions.open_session(tx, person.id, Method.LINK, agent)


def accept_bound(tx: Tx, digest: bytes, email_lookup: str, bound: Bound, agent: str = "") -> Opened:
    """Use a link by single sign-on: from now on the identity provider vouches for whom an administrator handed it to.

    Password, telephone and passkeys are gone then: whoever the organisation lets go at the provider has no other way
    in. `email_lookup` is of the address that the provider verified.

    Raises:
        Conflict: the link was used or is too old; the provider means somebody else here; or nobody would be left who
            can administer without the provider.
        NotAllowed: the provider knows them by another address than this node, or it is the first link.

    """
    link = _use(tx, digest)
    if link.person is None:
        raise NotAllowed("first-without-provider", "the first administrator has a password, for when all else fails")
    if store.person_by_lookup(tx.conn, email_lookup) != link.person:
        raise NotAllowed("another-address", "the identity provider knows you by another e-mail address than this node")
    person = _arrive(tx, link, None)
    sessions.end_all(tx, person.id, SessionEnd.CREDENTIALS)
    if person.is_administrator and not _can_administer_without_provider(tx, person):
        raise Conflict("last-with-password", "one administrator keeps a password, for when the provider fails")
    binding.bind(tx, person.id, bound.lookup, bound.told)
    return sessions.open_session(tx, person.id, Method.SINGLE_SIGN_ON, agent)


def unbind(tx: Tx, person_id: PersonId, by: PersonId | None) -> str:
    """The identity provider vouches for them no longer: their sessions end. Returns the token of a new link for them.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        NotFound: it did not.
        Conflict: they are suspended or left.

    """
    token = link_for(tx, person_id, by)
    binding.unbind(tx, person_id)
    sessions.end_all(tx, person_id, SessionEnd.CREDENTIALS)
    return token


def create_person(
    tx: Tx, identity: Identity, roles: Collection[Role], credentials: Credentials, *, demo: bool = False
) -> Person:
    """Somebody who needs no link: the sample people of the demo, or people made from the command line.

    Raises:
        Conflict: somebody has this e-mail address.
        Invalid: name, address or roles do not do.

    """
    invited = _add(tx, identity, roles, None, demo=demo)
    person = store.PEOPLE.change(tx, invited, rules.join(invited, tx.now))
    proofs.put_credentials(tx, person.id, credentials)
    return person


def change_identity(tx: Tx, person_id: PersonId, identity: Identity) -> None:
    """Somebody's name or e-mail address is another now.

    Raises:
        Conflict: somebody else has this e-mail address.
        Invalid: name or address do not do.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    _check_free(tx, identity, person.id)
    plain = store.put_identity(tx, person.id, identity)
    tx.record(CredentialChanged(person.id, "identity"), {store.subject_of(person.id): plain})


def grant(tx: Tx, person_id: PersonId, roles: Collection[Role], by: PersonId | None) -> Person:
    """They have exactly these roles; their sessions end, so that nothing goes on with the old ones.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: it would leave the node without an administrator, or they left.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    events = rules.grant(person, roles, _load_by(tx, by), _administrators(tx, person))
    if not events:
        return person
    sessions.end_all(tx, person.id, SessionEnd.ROLES)
    return store.PEOPLE.change(tx, person, events)


def suspend(tx: Tx, person_id: PersonId, by: PersonId | None) -> Person:
    """They cannot do anything for now: their sessions, link and the API keys they issued end.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: not active, or the last administrator.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    events = rules.suspend(person, _load_by(tx, by), _administrators(tx, person))
    _lock_out(tx, person.id, SessionEnd.SUSPENDED, "issuer_suspended")
    return store.PEOPLE.change(tx, person, events)


def lift(tx: Tx, person_id: PersonId, by: PersonId | None) -> Person:
    """They can sign in again; sessions and keys do not come back.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they are not suspended.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    return store.PEOPLE.change(tx, person, rules.lift(person, _load_by(tx, by)))


def leave(tx: Tx, person_id: PersonId, by: PersonId | None) -> Person:
    """They do not work here any more: their means of proof are gone, their address is free.

    Raises:
        NotAllowed: `by` is no administrator, or it is about themselves.
        Conflict: they left before, or are the last administrator.

    """
    person = store.PEOPLE.load(tx.conn, person_id)
    events = rules.leave(person, _load_by(tx, by), _administrators(tx, person))
    _lock_out(tx, person.id, SessionEnd.LEFT, "issuer_left")
    proofs.remove_credentials(tx, person.id)
    store.release_email(tx, person.id)
    return store.PEOPLE.change(tx, person, events)


def _use(tx: Tx, digest: bytes) -> store.Link:
    """A link that still holds, which is used up then."""
    link = store.link(tx.conn, digest, tx.now)
    if link is None or not store.use_link(tx, digest):
        raise Conflict("link-used", "this link was used, or is too old; ask for a new one")
    return link


def _can_administer_without_provider(tx: Tx, but: Person) -> bool:
    """Whether an active administrator other than this one has a password or a passkey; locks as `administrators`."""
    store.administrators(tx.conn, demo=but.demo, lock=True)
    ways = proofs.ways(tx.conn)
    own = {Way.PASSWORD, Way.PASSKEY}
    others = (p for p in store.everybody(tx.conn) if p.is_administrator and p.demo == but.demo and p.id != but.id)
    return any(own.intersection(ways.get(other.id, ())) for other in others)


def _arrive(tx: Tx, link: store.Link, identity: Identity | None) -> Person:
    """The person that a link is for, active."""
    if link.person is None:
        _no_administrator(tx)
        if identity is None:
            raise Invalid("no-name", "say who you are", where="name")
        first = _add(tx, identity, link.roles, None, demo=False)
        return store.PEOPLE.change(tx, first, rules.join(first, tx.now))
    person = store.PEOPLE.load(tx.conn, link.person)
    if link.kind is LinkKind.INVITATION:
        return store.PEOPLE.change(tx, person, rules.join(person, tx.now))
    rules.check_signs_in(person, demo_allowed=True)
    return person


def _add(tx: Tx, identity: Identity, roles: Collection[Role], by: Person | None, *, demo: bool) -> Person:
    _check_free(tx, identity, None)
    person_id = PersonId(fresh("prs", tx.now))
    events = rules.invite(person_id, _pseudonym(tx), roles, by, tx.now, demo=demo)
    plain = store.put_identity(tx, person_id, identity)
    return store.PEOPLE.change(tx, None, events, {store.subject_of(person_id): plain})


def _check_free(tx: Tx, identity: Identity, person: PersonId | None) -> None:
    rules.check_identity(identity)
    if store.person_by_lookup(tx.conn, identity.lookup) not in {None, person}:
        raise Conflict("email-taken", "somebody here has this e-mail address")


def _administrators(tx: Tx, person: Person) -> int:
    """How many there are of their kind: sample people do not keep a real node, nor the other way round."""
    return store.administrators(tx.conn, demo=person.demo, lock=True)


def _no_administrator(tx: Tx) -> None:
    if store.administrators(tx.conn, demo=False, lock=True):
        raise Conflict("already-administered", "this node has an administrator; they invite everybody else")


def _make_link(tx: Tx, link: store.Link, by: PersonId | None) -> str:
    token = tokens.fresh()
    store.put_link(tx, link, tokens.digest(token), tx.now + timedelta(hours=LINK_H_MAX))
    tx.record(LinkMade(link.person or store.FIRST, link.kind, by))
    return token


def _load_by(tx: Tx, by: PersonId | None) -> Person | None:
    return None if by is None else store.PEOPLE.load(tx.conn, by)


def _lock_out(tx: Tx, person: PersonId, why: SessionEnd, keys_why: str) -> None:
    sessions.end_all(tx, person, why)
    store.remove_links(tx, person)
    keys.revoke_all_of(tx, person, keys_why)


def _pseudonym(tx: Tx) -> str:
    """`M-31`: drawn, so that it tells neither how many people there are nor who came first."""
    for digits in (2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 6, 6, 6, 6):
        number = int.from_bytes(random_bytes(8)) % 10**digits
        pseudonym = f"M-{number:0{digits}d}"
        if not store.is_pseudonym_taken(tx.conn, pseudonym):
            return pseudonym
    raise InvariantViolated("no-pseudonym", "a free pseudonym was not found")
