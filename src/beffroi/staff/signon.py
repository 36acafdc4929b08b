"""Single sign-on: somebody leaves for the organisation's identity provider and comes back with its word for them.

Owns: the three occasions (signing in, showing again who one is, using a one-time link), and whom the word is about.
Promises: an account here is bound to the provider's `iss` and `sub` only by a one-time link that an administrator
handed to that person, and only where the provider has verified the address by which the node knows them; from then on
nothing but `iss` and `sub` counts, so that whoever changes an address at the provider gains nothing. What was left for
comes back to the browser that left, once, within ten minutes. Roles are never the provider's to give.
Never does: create a person; believe an address for signing in; keep a token.
"""

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from beffroi.ground.kernel.clock import from_micros, to_micros
from beffroi.ground.kernel.errors import NotFound, Unauthenticated
from beffroi.ground.kernel.ids import SessionId, random_bytes
from beffroi.ground.kernel.json import canonical
from beffroi.ground.storage import Actor, Tx

from . import service, sessions, store
from .desk import Desk
from .model import LinkKind, Method
from .permissions import PUBLIC, Principal
from .proof import id_token, tokens
from .proof import service as proofs
from .proof import store as kept
from .proof.check import Proof
from .proof.id_token import Asked, Claimed, refused
from .proof.provider import Provider
from .proof.throttle import places
from .service import Bound
from .sessions import Opened

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and the ticket that it must bring back in a cookie."""

    ticket: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brought back: its ticket and the parameters of the address; empty where there was none."""

    ticket: str = field(repr=False)
    code: str = field(repr=False)
    state: str = field(repr=False)
    issuer: str | None
    address: str = field(repr=False)
    agent: str = ""
    replaces: str | None = field(default=None, repr=False)
    """The session token that the browser sent, if any."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """They are in; `onward` is the page that they wanted."""

    opened: Opened
    onward: str


class _Left(BaseModel):
    """What somebody left for, as it is remembered under their ticket."""

    model_config = ConfigDict(frozen=True)

    secret: str
    at: int
    onward: str = ""
    session: str = ""
    """The session that is to be proved again."""
    link: str = ""
    """Hex digest of the one-time link that is to be used."""

    def asked(self) -> Asked:
        """What the provider was asked for on this occasion."""
        return id_token.derived(b64decode(self.secret), self.since, again=bool(self.session))

    @property
    def since(self) -> datetime:
        """When they left."""
        return from_micros(self.at)


def begin(desk: Desk, address: str, onward: str) -> Departure:
    """Leave, to sign in. Counts as a try from this address.

    Raises:
        NotFound: no provider is set.
        TooMany: too many tries.
        Unavailable: the provider does not answer.

    """
    return _leave(desk, address, onward=onward)


def begin_again(desk: Desk, principal: Principal, address: str, onward: str) -> Departure:
    """Leave, to show once more who one is, before what cannot be undone.

    Raises:
        NotFound: no provider is set.
        Unauthenticated: nobody is signed in.
        TooMany, Unavailable: as `begin`.

    """
    if principal.session is None:
        raise refused("no-session")
    return _leave(desk, address, onward=onward, session=principal.session)


def begin_joining(desk: Desk, address: str, token: str) -> Departure:
    """Leave with a one-time link in hand, so that the provider vouches for its holder from then on.

    Raises:
        NotFound: no provider is set; the link was used, is too old, never was, or is the first administrator's.
        TooMany, Unavailable: as `begin`.

    """
    digest = tokens.digest(token)
    with desk.read() as conn:
        link = store.link(conn, digest, desk.clock.now())
    if link is None or link.kind is LinkKind.FIRST:
        raise NotFound("no-such-link", "this link was used, or is too old; ask for a new one")
    return _leave(desk, address, onward="/console", link=digest.hex())


def arrive(desk: Desk, back: Return, principal: Principal) -> Arrival:
    """Back from the provider: whoever it vouches for is in.

    Raises:
        NotFound: no provider is set.
        Unauthenticated: something does not hold; `reason` is for the log.
        NotAllowed: a sample person; a link's holder whom the provider knows by another address.
        Conflict: see `service.accept_bound`.
        Unavailable: the provider does not answer.

    """
    provider = _provider(desk)
    left = _remembered(desk, back.ticket)
    asked = left.asked()
    if not hmac.compare_digest(back.state.encode(), asked.state.encode()):
        raise refused("state")
    provider.check_issuer(back.issuer)
    if not back.code:
        raise refused("no-code")
    claimed = provider.redeem(back.code, asked, with_email=bool(left.link))
    if left.link:
        return Arrival(_join(desk, back, left, claimed), left.onward)
    return Arrival(_prove(desk, back, left, claimed, principal), left.onward)


def _prove(desk: Desk, back: Return, left: _Left, claimed: Claimed, principal: Principal) -> Opened:
    """Sign in, or prove again, as whom the provider's account is bound to."""
    lookup, at = _lookup(desk, claimed), places(desk.pepper, back.address)
    with desk.read() as conn:
        person = kept.person_by_binding(conn, lookup)
    if person is None:
        raise refused("nobody-bound")
    proof = Proof(person, Method.SINGLE_SIGN_ON, binding=lookup)
    if not left.session:
        return desk.write(
            "law",
            Actor("person", person),
            lambda tx: sessions.sign_in(tx, proof, at, desk.door, agent=back.agent, replaces=back.replaces),
        )
    if principal.session != left.session or principal.id != person:
        raise refused("not-whose-session")
    return desk.write(
        "law", principal.actor, lambda tx: sessions.prove_again(tx, SessionId(left.session), proof, at, desk.door)
    )


def _join(desk: Desk, back: Return, left: _Left, claimed: Claimed) -> Opened:
    """Bind whoever holds the link to the provider's account."""
    if not claimed.email:
        raise refused("email-not-verified")
    email = tokens.lookup_of(desk.pepper, claimed.email)
    bound = Bound(_lookup(desk, claimed), canonical({"iss": claimed.issuer, "sub": claimed.subject}))
    at = places(desk.pepper, back.address)

    def commit(tx: Tx) -> Opened:
        opened = service.accept_bound(tx, bytes.fromhex(left.link), email, bound, back.agent)
        proofs.give_back(tx, at)
        return opened

    return desk.write("law", PUBLIC.actor, commit)


def _leave(desk: Desk, address: str, *, onward: str, session: str = "", link: str = "") -> Departure:
    provider = _provider(desk)
    left = _Left(
        secret=b64encode(random_bytes(_SECRET_BYTES)).decode(),
        at=to_micros(desk.clock.now()),
        onward=onward,
        session=session,
        link=link,
    )
    ticket, at = tokens.fresh(), places(desk.pepper, address)

    def commit(tx: Tx) -> None:
        proofs.count_try(tx, at)
        proofs.begin_sign_on(tx, ticket, left.model_dump_json().encode())

    desk.write("law", PUBLIC.actor, commit)
    return Departure(ticket, provider.address(left.asked()))


def _remembered(desk: Desk, ticket: str) -> _Left:
    """What somebody left for; remembered once, whatever comes of it."""
    if not ticket:
        raise refused("no-ticket")
    try:
        found = desk.write("law", PUBLIC.actor, lambda tx: proofs.end_ceremony(tx, ticket, "single-sign-on"))
        return _Left.model_validate_json(found)
    except (Unauthenticated, ValidationError):
        raise refused("ticket-used-or-late") from None


def _provider(desk: Desk) -> Provider:
    if desk.provider is None:
        raise NotFound("no-provider", "no identity provider is set here")
    return desk.provider


def _lookup(desk: Desk, claimed: Claimed) -> str:
    return tokens.binding_of(desk.pepper, claimed.issuer, claimed.subject)
