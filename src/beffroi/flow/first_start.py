"""The first start: one link, one administrator, no default password anywhere.

Owns: when the link is made.
Promises: a link only while nobody can sign in; it works once and for a day.
Never does: make an account by itself.
"""

from beffroi.ground.storage.tx import NODE
from beffroi.staff import service as staff
from beffroi.staff import store

from .house import House


def link(house: House) -> str | None:
    """A fresh one-time token for the first administrator; None once there is one."""
    with house.read() as conn:
        if store.administrators(conn, demo=False):
            return None
    return house.write("law", NODE, staff.first_link)
