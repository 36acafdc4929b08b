"""Commands on means of proof: count tries, spend proofs, change passwords, telephones, codes, passkeys.

Owns: what is written once a check (`check`, `passkeys`) was done.
Promises: everything happens inside the caller's transaction; a proof is spent at most once.
Never does: hash, verify a signature, or open a transaction.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from beffroi.ground.kernel.errors import Conflict, Invalid, NotFound
from beffroi.ground.kernel.ids import PersonId, random_bytes
from beffroi.ground.kernel.limits import CHALLENGE_S_MAX, NAME_CHARS_MAX, PASSKEYS_MAX, SIGN_ON_S_MAX
from beffroi.ground.storage import Tx

from ..model import CredentialChanged
from ..rules import sign_in_failed
from ..store import subject_of
from . import store, throttle, tokens
from .check import Proof
from .passkeys import Registered
from .throttle import Places

_CHALLENGE_BYTES = 32
Purpose = Literal["register", "sign-in", "single-sign-on"]


def count_try(tx: Tx, places: Places) -> None:
    """Count one try to sign in, before it is checked.

    Raises:
        TooMany: not yet.

    """
    counts = store.tallies(tx, places.all)
    store.put_tallies(tx, throttle.attempt(counts, places, tx.now))


def give_back(tx: Tx, places: Places) -> None:
    """The try was good."""
    counts = store.tallies(tx, places.all)
    store.put_tallies(tx, throttle.succeeded(counts, places, tx.now))


def spend(tx: Tx, proof: Proof) -> None:
    """Make sure that the proof still holds, and use up what works once.

    Raises:
        Unauthenticated: the code was spent, the password changed or the passkey was used meanwhile.

    """
    holds = proof.password_set_at is None or store.is_password_of(tx.conn, proof.person, proof.password_set_at)
    if proof.totp_counter is not None:
        holds = holds and store.use_totp_counter(tx, proof.person, proof.totp_counter)
    if proof.recovery is not None:
        holds = holds and store.spend_recovery(tx, proof.person, proof.recovery)
    if proof.asserted is not None:
        holds = holds and store.count_up(tx, proof.person, proof.asserted, proof.sign_count_was)
    if proof.binding is not None:
        holds = holds and store.person_by_binding(tx.conn, proof.binding) == proof.person
    if not holds:
        raise sign_in_failed()
    if proof.rehashed is not None and proof.password_set_at is not None:
        store.set_password(tx, proof.person, proof.rehashed, set_at=proof.password_set_at)


def set_password(tx: Tx, person: PersonId, password_hash: str) -> None:
    """Another password; the caller ends the person's other sessions."""
    store.set_password(tx, person, password_hash, set_at=tx.now)
    tx.record(CredentialChanged(person, "password"))


def set_totp(tx: Tx, person: PersonId, secret: bytes, counter: int) -> None:
    """Another telephone, which has just shown the code of `counter`."""
    store.set_totp(tx, person, secret, counter)
    tx.record(CredentialChanged(person, "totp"))


def set_recovery(tx: Tx, person: PersonId, digests: Sequence[bytes]) -> None:
    """New recovery codes; the old ones are worth nothing."""
    store.put_recovery(tx, person, digests)
    tx.record(CredentialChanged(person, "recovery-codes"))


def begin_ceremony(tx: Tx, ticket: str, purpose: Purpose, person: PersonId | None = None) -> bytes:
    """A challenge for a passkey, which whoever holds `ticket` may answer once, within five minutes."""
    challenge = random_bytes(_CHALLENGE_BYTES)
    ends_at = tx.now + timedelta(seconds=CHALLENGE_S_MAX)
    store.put_ceremony(tx, tokens.digest(ticket), purpose, challenge, ends_at, person)
    return challenge


def begin_sign_on(tx: Tx, ticket: str, remembered: bytes) -> None:
    """Somebody leaves for the identity provider and is expected back once; `remembered` is what they left for."""
    ends_at = tx.now + timedelta(seconds=SIGN_ON_S_MAX)
    store.put_ceremony(tx, tokens.digest(ticket), "single-sign-on", remembered, ends_at, None)


def end_ceremony(tx: Tx, ticket: str, purpose: Purpose, person: PersonId | None = None) -> bytes:
    """The challenge of a ticket, or what was remembered with it; the ticket is used up.

    Raises:
        Unauthenticated: used, too late, or for somebody or something else.

    """
    challenge = store.take_ceremony(tx, tokens.digest(ticket), purpose, person)
    if challenge is None:
        raise sign_in_failed()
    return challenge


def add_passkey(tx: Tx, person: PersonId, made: Registered, label: str) -> str:
    """Another passkey, under a name of the person's choice; returns its id.

    Raises:
        Conflict: it is registered already.
        Invalid: too many, or no name.

    """
    if not label.strip() or len(label) > NAME_CHARS_MAX:
        raise Invalid("no-label", "give the passkey a name", where="label")
    if len(store.passkeys_of(tx.conn, tx.vault, person)) >= PASSKEYS_MAX:
        raise Invalid("too-many-passkeys", f"remove one first; {PASSKEYS_MAX} are enough", where="label")
    if store.passkey(tx.conn, made.credential) is not None:
        raise Conflict("passkey-known", "this passkey is registered already")
    passkey = store.put_passkey(tx, person, made, label)
    tx.record(CredentialChanged(person, "passkey-added"))
    return passkey


def bind(tx: Tx, person: PersonId, lookup: str, told: bytes) -> None:
    """The identity provider vouches for them from now on, and nothing else does.

    Raises:
        Conflict: it means somebody else here by that.

    """
    if store.person_by_binding(tx.conn, lookup) not in {None, person}:
        raise Conflict("bound-to-another", "the identity provider means somebody else here by this account")
    store.remove_credentials(tx, person)
    store.put_binding(tx, person, lookup, told)
    tx.record(CredentialChanged(person, "single-sign-on-added"), {subject_of(person): told})


def unbind(tx: Tx, person: PersonId) -> None:
    """The identity provider vouches for them no longer; the caller ends their sessions.

    Raises:
        NotFound: it did not.

    """
    if not store.remove_binding(tx, person):
        raise NotFound("not-bound", "the identity provider does not vouch for them")
    tx.record(CredentialChanged(person, "single-sign-on-removed"))


def remove_passkey(tx: Tx, person: PersonId, passkey_id: str) -> None:
    """Forget one of their passkeys.

    Raises:
        NotFound: it is not theirs.

    """
    if not store.remove_passkey(tx, person, passkey_id):
        raise NotFound("no-such-passkey", "you have no such passkey")
    tx.record(CredentialChanged(person, "passkey-removed"))
