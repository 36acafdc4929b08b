"""The register of authorities from outside: one short transaction each.

Owns: the road of the command line, the API and the console into `parties.register`.
Promises: each command names the person who answers for it.
Never does: check permissions of a signed-in person; the doors do.
"""

from beffroi.ground.kernel.ids import AuthorityId, PersonId
from beffroi.ground.storage import Actor
from beffroi.parties import register
from beffroi.parties import store as parties
from beffroi.parties.model import Authority, AuthorityTerms

from .house import House


def entries(house: House) -> list[Authority]:
    """All of them, ended ones too."""
    with house.read() as conn:
        return parties.authorities(conn)


def add(house: House, actor: Actor, person: PersonId, terms: AuthorityTerms) -> Authority:
    """Enter a body as the public list has it; see `register_rules.propose` for refusals."""
    return house.write("law", actor, lambda tx: register.propose(tx, terms, person))


def verify(house: House, actor: Actor, person: PersonId, authority: AuthorityId, called: str) -> Authority:
    """A second person called back; see `register_rules.pin` for refusals."""
    return house.write("law", actor, lambda tx: register.pin(tx, authority, person, called))


def end(house: House, actor: Actor, person: PersonId, authority: AuthorityId, why: str) -> Authority:
    """Take a body off; see `register_rules.end` for refusals."""
    return house.write("law", actor, lambda tx: register.end(tx, authority, person, why))
