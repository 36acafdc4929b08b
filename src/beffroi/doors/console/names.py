"""Who is who on a page: names of people of this node, for colleagues only.

Owns: the look-up of names and pseudonyms.
Promises: outside the console only pseudonyms are used.
Never does: show an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from beffroi.ground.kernel.ids import PersonId
from beffroi.ground.storage import Vault
from beffroi.staff import store as staff
from beffroi.staff.model import PersonState
from beffroi.staff.permissions import Permission, of_person

Names = Mapping[PersonId, str]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a case can be handed to."""

    id: PersonId
    name: str


def names(conn: Connection, vault: Vault) -> Names:
    """Everybody's name by id; those who were erased are missing."""
    return {person: identity.name for person, identity in staff.identities(conn, vault).items()}


def colleagues(conn: Connection, known: Names, me: PersonId) -> tuple[Colleague, ...]:
    """Everybody else who may decide cases, by name."""
    able = (
        person
        for person in staff.everybody(conn)
        if person.state is PersonState.ACTIVE and of_person(person.id, person.roles).may(Permission.CASES_DECIDE)
    )
    found = [Colleague(person.id, known.get(person.id, person.pseudonym)) for person in able if person.id != me]
    return tuple(sorted(found, key=lambda each: each.name.casefold()))
