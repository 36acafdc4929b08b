"""Getting means of proof: by a one-time link, or by a signed-in person for themselves.

Owns: the order of check (slow, outside) and commit.
Promises: a telephone counts only after it has shown a code; who changes their own means of proof has proved who they
are a moment ago, and their other sessions end.
Never does: send the link; an administrator hands it over.
"""

from dataclasses import dataclass, field

from beffroi.ground.kernel.errors import Invalid, NotAllowed, NotFound
from beffroi.ground.kernel.limits import RECOVERY_CODES
from beffroi.ground.storage import Tx

from . import service, sessions, store
from .desk import Desk
from .login import Answer, Ceremony
from .model import Credentials, Identity, LinkKind, Role, SessionEnd
from .permissions import PUBLIC, Permission, Principal, authorise, require_recent
from .proof import passkeys, passwords, tokens, totp
from .proof import service as proofs
from .proof import store as kept
from .rules import check_identity
from .sessions import Opened


@dataclass(frozen=True, slots=True)
class Telephone:
    """A TOTP secret on offer: spelled out, and as the `otpauth://` address of a QR code."""

    spelled: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page behind a one-time link shows. Name and e-mail address are empty for the first one.

    `only_by_provider`: they choose no password, but show at the identity provider who they are.
    """

    kind: LinkKind
    name: str = field(repr=False)
    email: str = field(repr=False)
    telephone: Telephone
    only_by_provider: bool = False


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody typed on that page; name and e-mail address count for the first link only."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str = field(repr=False)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """They are in. The recovery codes are shown once."""

    opened: Opened
    recovery_codes: tuple[str, ...] = field(repr=False)


def identity(pepper: bytes, name: str, email: str) -> Identity:
    """Who somebody is, in the form that commands take."""
    return Identity(name.strip(), email.strip(), tokens.lookup_of(pepper, email))


# ── by a link ─────────────────────────────────────────────────────────────────────────────────────


def welcome(desk: Desk, token: str) -> Welcome:
    """What the page behind a link shows.

    Raises:
        NotFound: the link was used, is too old, or never was.

    """
    link, known = _link(desk, token)
    name, email = (known.name, known.email) if known else ("", "")
    offered = _telephone(desk, _secret_for_link(desk, token), email or desk.party.id)
    return Welcome(link.kind, name, email, offered, _only_by_provider(desk, link))


def join(desk: Desk, token: str, given: Joining) -> Joined:
    """Use a link: choose a password, prove that the telephone works, be signed in.

    Raises:
        NotFound: the link was used, is too old, or never was.
        NotAllowed: they have to come by the identity provider.
        Conflict: somebody was faster.
        Invalid: the password or the code does not do, or the first person has no name or address.

    """
    link, known = _link(desk, token)
    if _only_by_provider(desk, link):
        raise NotAllowed("only-by-provider", "show at your organisation's sign-on who you are")
    who = known or identity(desk.pepper, given.name, given.email)
    check_identity(who)
    passwords.check_new(given.password, who.name, who.email)
    secret = _secret_for_link(desk, token)
    counter = _shown(desk, secret, given.code)
    codes, digests = _recovery(desk)
    credentials = Credentials(desk.hasher.hash(given.password), secret, counter, digests)
    opened = desk.write(
        "law", PUBLIC.actor, lambda tx: service.accept(tx, token, None if known else who, credentials, given.agent)
    )
    return Joined(opened, codes)


def _only_by_provider(desk: Desk, link: store.Link) -> bool:
    """Whether passwords are kept for administrators, and this link is for nobody of them."""
    if link.person is None or not desk.only_break_glass:
        return False
    with desk.read() as conn:
        person = store.PEOPLE.load(conn, link.person)
    return Role.ADMINISTRATOR not in person.roles


def _link(desk: Desk, token: str) -> tuple[store.Link, Identity | None]:
    with desk.read() as conn:
        link = store.link(conn, tokens.digest(token), desk.clock.now())
        if link is None:
            raise NotFound("no-such-link", "this link was used, or is too old; ask for a new one")
        people = store.identities(conn, desk.vault, [link.person] if link.person else [])
    if link.person is None:
        return link, None
    if link.person not in people:
        raise NotFound("no-such-link", "this link was used, or is too old; ask for a new one")
    return link, people[link.person]


def _secret_for_link(desk: Desk, token: str) -> bytes:
    return totp.derived(desk.pepper, f"link|{token}")


# ── for oneself ───────────────────────────────────────────────────────────────────────────────────


def change_password(desk: Desk, principal: Principal, password: str) -> None:
    """Another password; all other sessions end.

    Raises:
        Unauthenticated: the last proof is too old.
        Invalid: the password does not do.

    """
    who = _oneself(desk, principal)
    passwords.check_new(password, who.name, who.email)
    password_hash = desk.hasher.hash(password)

    def commit(tx: Tx) -> None:
        proofs.set_password(tx, principal.person, password_hash)
        _end_others(tx, principal)

    desk.write("law", principal.actor, commit)


def telephone(desk: Desk, principal: Principal) -> Telephone:
    """A new TOTP secret on offer; it counts once `change_telephone` was given a code of it.

    Raises:
        Unauthenticated: the last proof is too old.

    """
    who = _oneself(desk, principal)
    return _telephone(desk, _secret_for_session(desk, principal), who.email)


def change_telephone(desk: Desk, principal: Principal, code: str) -> None:
    """The telephone shows codes of the secret on offer; all other sessions end.

    Raises:
        Unauthenticated: the last proof is too old.
        Invalid: the code does not fit.

    """
    _oneself(desk, principal)
    secret = _secret_for_session(desk, principal)
    counter = _shown(desk, secret, code)

    def commit(tx: Tx) -> None:
        proofs.set_totp(tx, principal.person, secret, counter)
        _end_others(tx, principal)

    desk.write("law", principal.actor, commit)


def recovery_codes(desk: Desk, principal: Principal) -> tuple[str, ...]:
    """New recovery codes, shown once; the old ones are worth nothing.

    Raises:
        Unauthenticated: the last proof is too old.

    """
    _oneself(desk, principal)
    codes, digests = _recovery(desk)
    desk.write("law", principal.actor, lambda tx: proofs.set_recovery(tx, principal.person, digests))
    return codes


def offer_passkey(desk: Desk, principal: Principal) -> Ceremony:
    """Begin to register a passkey.

    Raises:
        Unauthenticated: the last proof is too old.

    """
    who, person = _oneself(desk, principal), principal.person
    with desk.read() as conn:
        existing = [credential for _, credential, *_ in kept.passkeys_of(conn, desk.vault, person)]
    ticket = tokens.fresh()
    sent = desk.write("law", principal.actor, lambda tx: proofs.begin_ceremony(tx, ticket, "register", person))
    return Ceremony(ticket, passkeys.offer(desk.party, sent, person, who.email, who.name, existing))


def add_passkey(desk: Desk, principal: Principal, answer: Answer, label: str) -> str:
    """Register the passkey that a device made, under a name of one's choice; returns its id.

    Raises:
        Unauthenticated: the last proof, or the offer, is too old.
        Invalid: it does not answer the offer, or has no name.
        Conflict: it is registered already.

    """
    _oneself(desk, principal)
    person, actor = principal.person, principal.actor
    sent = desk.write("law", actor, lambda tx: proofs.end_ceremony(tx, answer.ticket, "register", person))
    made = passkeys.registered(desk.party, sent, answer.credential)
    return desk.write("law", actor, lambda tx: proofs.add_passkey(tx, person, made, label))


def remove_passkey(desk: Desk, principal: Principal, passkey_id: str) -> None:
    """Forget one of one's passkeys.

    Raises:
        Unauthenticated: the last proof is too old.
        NotFound: it is not one's own.

    """
    _oneself(desk, principal)
    desk.write("law", principal.actor, lambda tx: proofs.remove_passkey(tx, principal.person, passkey_id))


def _oneself(desk: Desk, principal: Principal) -> Identity:
    """Who asks, if they proved it a moment ago."""
    authorise(principal, Permission.CREDENTIALS_CHANGE, own=True)
    require_recent(principal, desk.clock.now())
    with desk.read() as conn:
        return store.identities(conn, desk.vault, [principal.person])[principal.person]


def _secret_for_session(desk: Desk, principal: Principal) -> bytes:
    """Another one in each session, and after each change."""
    with desk.read() as conn:
        since = kept.totp_set_at(conn, principal.person)
    return totp.derived(desk.pepper, f"session|{principal.session}|{since}")


def _telephone(desk: Desk, secret: bytes, email: str) -> Telephone:
    return Telephone(totp.spelled(secret), totp.address(secret, email, desk.party.name))


def _shown(desk: Desk, secret: bytes, code: str) -> int:
    """The counter of a code that a telephone shows for the first time."""
    counter = totp.counter(secret, code, desk.clock.now(), last=0)
    if counter is None:
        raise Invalid("code-does-not-fit", "the code does not fit; check the telephone's clock", where="code")
    return counter


def _recovery(desk: Desk) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    codes = tuple(tokens.recovery_code() for _ in range(RECOVERY_CODES))
    return codes, tuple(tokens.recovery_digest(desk.pepper, code) for code in codes)


def _end_others(tx: Tx, principal: Principal) -> None:
    sessions.end_all(tx, principal.person, SessionEnd.CREDENTIALS, but=principal.session)
