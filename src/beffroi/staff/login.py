"""Signing in, by password and code or by passkey: one function per flow, called by doors.

Each has the same shape: count the try (a short transaction), look up, check (slow, no transaction, no connection),
then one transaction that spends the proof and opens the session.

Owns: the order of these steps.
Promises: a try is counted before it is checked; a wrong password, a wrong code, an unknown or suspended account and a
foreign passkey get the same answer after the same work.
Never does: set cookies; say what the person may do.
"""

from dataclasses import dataclass, field

from beffroi.ground.storage import Actor, Lane, Tx

from .desk import Desk
from .model import Method
from .permissions import PUBLIC, Principal
from .proof import check, passkeys, tokens
from .proof import service as proofs
from .proof import store as kept
from .proof.check import Proof
from .proof.throttle import Places, places
from .rules import sign_in_failed
from .sessions import Opened, prove_again, sign_in

_STRANGER = PUBLIC.actor
_LANE: Lane = "law"
"""People must get in while screening floods the bulk lane, to answer an order. A flood of tries cannot fill this one:
each holds a thread of the door, and there are few."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody typed, where from, and what their browser says of itself."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str = field(repr=False)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge for a passkey: `options` go to the browser as they are, `ticket` comes back with its answer."""

    ticket: str = field(repr=False)
    options: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered to a ceremony: the JSON of `PublicKeyCredential.toJSON`."""

    ticket: str = field(repr=False)
    credential: bytes = field(repr=False)
    address: str = field(repr=False)
    agent: str = ""


def by_password(desk: Desk, given: Given, replaces: str | None = None) -> Opened:
    """Sign in with password and code. `replaces`: the session token that the browser sent, if any.

    Raises:
        Unauthenticated: something did not match (`sign-in-failed`).
        NotAllowed: a sample person outside the demo.
        TooMany: too many tries, or too many people at once.

    """
    at, proof = _checked(desk, given)
    return desk.write(
        _LANE,
        Actor("person", proof.person),
        lambda tx: sign_in(tx, proof, at, desk.door, agent=given.agent, replaces=replaces),
    )


def again_by_password(desk: Desk, principal: Principal, given: Given) -> Opened:
    """Prove again who one is, before what cannot be undone; the session gets a new token. `email` is not needed.

    Raises:
        Unauthenticated: something did not match.
        TooMany: too many tries.

    """
    session = principal.session
    if session is None:
        raise sign_in_failed()
    at, proof = _checked(desk, given, principal)
    return desk.write(_LANE, principal.actor, lambda tx: prove_again(tx, session, proof, at, desk.door))


def challenge(desk: Desk, address: str) -> Ceremony:
    """Begin to sign in, or to prove again, with a passkey; counts as a try from this address.

    Raises:
        TooMany: too many tries.

    """
    ticket, at = tokens.fresh(), places(desk.pepper, address)

    def begin(tx: Tx) -> bytes:
        proofs.count_try(tx, at)
        return proofs.begin_ceremony(tx, ticket, "sign-in")

    sent = desk.write(_LANE, _STRANGER, begin)
    return Ceremony(ticket, passkeys.challenge_options(desk.party, sent))


def by_passkey(desk: Desk, answer: Answer, replaces: str | None = None) -> Opened:
    """Sign in with a passkey.

    Raises:
        Unauthenticated: it did not hold (`sign-in-failed`).
        NotAllowed: a sample person outside the demo.

    """
    proof, at = _asserted(desk, answer), places(desk.pepper, answer.address)
    return desk.write(
        _LANE,
        Actor("person", proof.person),
        lambda tx: sign_in(tx, proof, at, desk.door, agent=answer.agent, replaces=replaces),
    )


def again_by_passkey(desk: Desk, principal: Principal, answer: Answer) -> Opened:
    """Prove again who one is, with a passkey; the session gets a new token.

    Raises:
        Unauthenticated: it did not hold, or it is somebody else's.

    """
    session = principal.session
    proof, at = _asserted(desk, answer), places(desk.pepper, answer.address)
    if session is None or proof.person != principal.person:
        raise sign_in_failed()
    return desk.write(_LANE, principal.actor, lambda tx: prove_again(tx, session, proof, at, desk.door))


def _checked(desk: Desk, given: Given, principal: Principal | None = None) -> tuple[Places, Proof]:
    """Password and code of `principal`, or of whoever has the e-mail address."""
    lookup = principal.id if principal else tokens.lookup_of(desk.pepper, given.email)
    at = places(desk.pepper, given.address, lookup)
    desk.write(_LANE, _STRANGER, lambda tx: proofs.count_try(tx, at))
    with desk.read() as conn:
        if principal is None:
            known = kept.known_by_lookup(conn, desk.vault, lookup)
        else:
            known = kept.known(conn, desk.vault, principal.person)
    now = desk.clock.now()
    proof = check.by_password(desk.hasher, desk.pepper, known, given.password, given.code, now)
    if proof is None:
        raise sign_in_failed()
    return at, proof


def _asserted(desk: Desk, answer: Answer) -> Proof:
    """The proof in a passkey's answer; the challenge is used up, whatever comes of it."""
    sent = desk.write(_LANE, _STRANGER, lambda tx: proofs.end_ceremony(tx, answer.ticket, "sign-in"))
    named = passkeys.credential_named(answer.credential)
    with desk.read() as conn:
        passkey = kept.passkey(conn, named)
    if passkey is None:
        raise sign_in_failed()
    asserted = passkeys.asserted(desk.party, sent, passkey, answer.credential)
    return Proof(passkey.person, Method.PASSKEY, asserted=asserted, sign_count_was=passkey.sign_count)
