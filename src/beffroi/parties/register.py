"""The register of authorities: who may order, scrutinise, oversee, penalise and be warned.

Owns: its commands and questions. Until somebody publishes a signed register, people pin entries of public lists.
Promises: everything in the caller's transaction; `competent` answers for an instant, so that what was right when an
order came stays explained when a pin has expired since.
Never does: look a body up anywhere outside.
"""

from datetime import datetime

from sqlalchemy import Connection

from beffroi.ground.kernel.ids import AuthorityId, PersonId, fresh
from beffroi.ground.storage import Tx

from . import register_rules as rules
from . import store
from .model import Authority, AuthorityTerms, Function


def propose(tx: Tx, terms: AuthorityTerms, person: PersonId) -> Authority:
    """Enter a body as the public list has it."""
    events = rules.propose(terms, AuthorityId(fresh("aut", tx.now)), person, tx.now)
    return store.AUTHORITIES.change(tx, None, events)


def pin(tx: Tx, authority: AuthorityId, person: PersonId, called: str) -> Authority:
    """A second person called back."""
    entry = store.AUTHORITIES.load(tx.conn, authority)
    return store.AUTHORITIES.change(tx, entry, rules.pin(entry, person, called, tx.now))


def end(tx: Tx, authority: AuthorityId, person: PersonId, why: str) -> Authority:
    """Take it off."""
    entry = store.AUTHORITIES.load(tx.conn, authority)
    return store.AUTHORITIES.change(tx, entry, rules.end(entry, person, why, tx.now))


def competent(conn: Connection, function: Function, at: datetime, country: str | None = None) -> list[Authority]:
    """The bodies that were pinned and competent for this at that instant, of one State or of all."""
    return [entry for entry in store.pinned(conn, country) if rules.is_in_force(entry, at, function)]


def by_address(conn: Connection, email: str, at: datetime) -> Authority | None:
    """The pinned body that writes from this very address (letters in any case); a look-alike is nobody."""
    wanted = email.strip().casefold()
    standing = (entry for entry in store.pinned(conn) if rules.is_in_force(entry, at))
    return next((entry for entry in standing if entry.terms.contact.email.casefold() == wanted), None)
