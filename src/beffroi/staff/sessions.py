"""Sessions: opened by a proof, carried by a cookie, known here by the hash of their token.

Owns: opening, resuming, renewing and ending sessions.
Promises: a session ends when it is unused for a shift, after a day, when its holder's roles or means of proof change,
and when somebody ends it, for acts under way too; every proof of who somebody is gives a new token; what they may do is
read anew each time.
Never does: check passwords, codes or passkeys; set a cookie (doors do, under `cookie_name`).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import NotFound, Unauthenticated
from beffroi.ground.kernel.ids import PersonId, SessionId, fresh
from beffroi.ground.kernel.limits import AGENT_CHARS_MAX, SESSION_H_MAX, SESSION_IDLE_H_MAX, SESSION_SEEN_S
from beffroi.ground.storage import Tx

from . import rules, store
from .model import Method, Person, PersonState, SessionEnd, SessionsEnded, SignedIn
from .permissions import Principal, of_person
from .proof import service as proofs
from .proof import tokens
from .proof.check import Proof
from .proof.throttle import Places


@dataclass(frozen=True, slots=True)
class Opened:
    """A new or renewed session. `token` goes into the cookie and is nowhere else."""

    session: SessionId
    person: PersonId
    token: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Resumed:
    """Who asks. `see_due`: have `see` called, some time soon, so that the session does not count as unused."""

    principal: Principal
    see_due: bool


def cookie_name(*, https: bool) -> str:
    """`__Host-` binds the cookie to this host over TLS; browsers refuse the prefix without TLS (loopback)."""
    return "__Host-beffroi" if https else "beffroi"


@dataclass(frozen=True, slots=True)
class Door:
    """Whom the door lets in. `only_break_glass`: only administrators by password or passkey."""

    demo_allowed: bool
    only_break_glass: bool = False

    def check(self, person: Person | None, method: Method) -> Person:
        """Whether this person, whose proof held, is let in; raises as `rules.check_signs_in`."""
        administrators_only = self.only_break_glass and method is not Method.SINGLE_SIGN_ON
        return rules.check_signs_in(person, demo_allowed=self.demo_allowed, administrators_only=administrators_only)


def sign_in(
    tx: Tx, proof: Proof, places: Places, door: Door, *, agent: str = "", replaces: str | None = None
) -> Opened:
    """Open a session for a proof. `replaces`: the token that the browser sent, if any; it ends, whosever it was.

    Raises:
        Unauthenticated: the proof does not hold any more, or the person is not active.
        NotAllowed: a sample person outside the demo.

    """
    person = door.check(store.PEOPLE.get(tx.conn, proof.person), proof.method)
    proofs.spend(tx, proof)
    proofs.give_back(tx, places)
    if replaces:
        _end_token(tx, replaces)
    return open_session(tx, person.id, proof.method, agent)


def open_session(tx: Tx, person: PersonId, method: Method, agent: str = "") -> Opened:
    """A session for somebody whose proof was just spent; `agent` is what the browser says of itself."""
    session, token = SessionId(fresh("ses", tx.now)), tokens.fresh()
    ends_at = tx.now + timedelta(hours=SESSION_H_MAX)
    row = store.Session(session, person, method, tx.now, tx.now, tx.now, ends_at)
    store.put_session(tx, row, tokens.digest(token), agent[:AGENT_CHARS_MAX])
    tx.record(SignedIn(person, session, method))
    return Opened(session, person, token, ends_at)


def resume(conn: Connection, token: str, now: datetime, *, demo_allowed: bool) -> Resumed:
    """Who asks with this token.

    Raises:
        Unauthenticated: no such session, or not any more.

    """
    session = store.session_by_digest(conn, tokens.digest(token))
    if session is None or not _is_live(session, now):
        raise _ended()
    person = store.PEOPLE.get(conn, session.person)
    if person is None or person.state is not PersonState.ACTIVE or (person.demo and not demo_allowed):
        raise _ended()
    principal = of_person(person.id, person.roles, session.id, session.proved_at)
    return Resumed(principal, now - session.seen_at >= timedelta(seconds=SESSION_SEEN_S))


def check_live(tx: Tx, session: SessionId) -> None:
    """First in the transaction of an act: its session has not ended since the request was let in.

    Whoever ends it (signs out, suspends, changes roles) waits for the act, or was faster.

    Raises:
        Unauthenticated: it ended.

    """
    if not store.hold_session(tx, session):
        raise _ended()


def see(tx: Tx, session: SessionId) -> None:
    """It was used just now."""
    store.see_session(tx, session)


def prove_again(tx: Tx, session: SessionId, proof: Proof, places: Places, door: Door) -> Opened:
    """Its holder proved again who they are: the session goes on under a new token.

    Raises:
        Unauthenticated: the proof does not hold any more, it is somebody else's, or the session ended.

    """
    door.check(store.PEOPLE.get(tx.conn, proof.person), proof.method)
    proofs.spend(tx, proof)
    proofs.give_back(tx, places)
    token = tokens.fresh()
    if not store.renew_session(tx, session, proof.person, tokens.digest(token)):
        raise _ended()
    tx.record(SignedIn(proof.person, session, proof.method))
    return Opened(session, proof.person, token, store.session(tx.conn, session).ends_at)


def sign_out(tx: Tx, principal: Principal) -> None:
    """End the session that asks."""
    if principal.session is not None:
        end(tx, principal.person, principal.session, SessionEnd.SIGNED_OUT)


def end(tx: Tx, person: PersonId, session: SessionId, why: SessionEnd = SessionEnd.BY_HAND) -> None:
    """End one session of a person.

    Raises:
        NotFound: they have no such session.

    """
    if not store.end_sessions(tx, person, only=session):
        raise NotFound("no-such-session", "there is no such session")
    tx.record(SessionsEnded(person, 1, why))


def end_all(tx: Tx, person: PersonId, why: SessionEnd = SessionEnd.BY_HAND, *, but: SessionId | None = None) -> int:
    """End all sessions of a person, `but` one perhaps; returns how many there were."""
    count = store.end_sessions(tx, person, but=but)
    if count:
        tx.record(SessionsEnded(person, count, why))
    return count


def _end_token(tx: Tx, token: str) -> None:
    session = store.session_by_digest(tx.conn, tokens.digest(token))
    if session is not None:
        end(tx, session.person, session.id, SessionEnd.REPLACED)


def _is_live(session: store.Session, now: datetime) -> bool:
    return now < session.ends_at and now - session.seen_at < timedelta(hours=SESSION_IDLE_H_MAX)


def _ended() -> Unauthenticated:
    return Unauthenticated("session-ended", "sign in again")
