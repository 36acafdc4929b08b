"""Who acts, where a command names a person by their address: from the command line of the node's own machine.

Owns: `acting`.
Promises: the person works here and may do this by their roles; nothing is done in the name of a machine.
Never does: check a password; whoever reaches this far owns the node's database.
"""

from beffroi.ground.kernel.errors import NotAllowed, NotFound
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import store as staff
from beffroi.staff.model import PersonState
from beffroi.staff.permissions import Permission, of_person
from beffroi.staff.proof import tokens

from .house import House


def acting(house: House, email: str, permission: Permission) -> PersonId:
    """The person with this address.

    Raises:
        NotFound: nobody who is active here has it.
        NotAllowed: their roles do not include this.

    """
    with house.read() as conn:
        found = staff.person_by_lookup(conn, tokens.lookup_of(house.pepper, email))
        person = None if found is None else staff.PEOPLE.load(conn, found)
    if person is None or person.state is not PersonState.ACTIVE:
        raise NotFound("not-here", "this is not the address of anybody who is active here")
    if not of_person(person.id, person.roles).may(permission):
        raise NotAllowed("not-permitted", "this person's role does not include this", permission=permission.value)
    return person.id
