"""Checking what somebody shows: slow, and outside every transaction.

Owns: `Proof`, what a check leaves for the transaction that follows.
Promises: password and code are checked as one thing, so that no answer tells which of them was wrong.
Never does: write, or read more than it was handed.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from beffroi.ground.kernel.ids import PersonId

from ..model import Method
from . import tokens, totp
from .passkeys import Asserted
from .passwords import Hasher
from .store import Known


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody is who they say, as far as could be seen from outside a transaction; `proof.service.spend` makes sure.

    What was read is named, so that a password changed, a code spent or a passkey used meanwhile is noticed.
    """

    person: PersonId
    method: Method
    password_set_at: datetime | None = None
    totp_counter: int | None = None
    recovery: bytes | None = field(default=None, repr=False)
    asserted: Asserted | None = None
    sign_count_was: int = 0
    binding: str | None = field(default=None, repr=False)
    """The lookup under which the identity provider's word was taken to be about them."""
    rehashed: str | None = field(default=None, repr=False)
    """The same password under today's parameters, where they changed."""


def by_password(
    hasher: Hasher, pepper: bytes, known: Known | None, password: str, code: str, now: datetime
) -> Proof | None:
    """A password and a second proof: a code of the telephone, or a recovery code. None if anything is wrong.

    Sample people without a telephone need no second proof; they can sign in to the demo only.
    """
    holds = hasher.holds(None if known is None else known.password_hash, password)
    if known is None or not holds:
        return None
    rehashed = hasher.hash(password) if hasher.is_outdated(known.password_hash) else None
    if known.totp_secret is None:
        return Proof(known.person, Method.DEMO, known.password_set_at, rehashed=rehashed) if known.demo else None
    counter = totp.counter(known.totp_secret, code, now, known.totp_counter)
    if counter is not None:
        return Proof(known.person, Method.PASSWORD_CODE, known.password_set_at, counter, rehashed=rehashed)
    digest = tokens.recovery_digest(pepper, code)
    if any(hmac.compare_digest(digest, kept) for kept in known.recovery):
        return Proof(known.person, Method.PASSWORD_RECOVERY, known.password_set_at, recovery=digest, rehashed=rehashed)
    return None
