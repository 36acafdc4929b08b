"""Who this node is, for every page.

Owns: the node's name, kind and place as pages show them.
Promises: they are read again only after something was committed, so that a page costs no query for them.
Never does: hold anything about a visitor.
"""

from zoneinfo import ZoneInfo

from beffroi.flow.house import House
from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.parties import views as parties

from .shell import Node

_NAMELESS = "Beffroi"


class Front:
    """What rendering needs of the running program; `app.state.front`."""

    def __init__(self, house: House) -> None:
        """Of this house."""
        self._house = house
        self._read: tuple[int, Node] | None = None

    @property
    def clock(self) -> Clock:
        """The node's clock."""
        return self._house.clock

    @property
    def node(self) -> Node:
        """Who this node is."""
        number = self._house.changes.number
        if self._read is None or self._read[0] != number:
            try:
                self._read = (number, self._look())
            except Unavailable:  # what was known is shown on: a page must not fail with the database
                return self._read[1] if self._read else self._stranger()
        return self._read[1]

    def _stranger(self) -> Node:
        """A node that has not read who it is."""
        return Node(_NAMELESS, "platform", "", ZoneInfo(self._house.settings.zone), self._house.settings.demo)

    def _look(self) -> Node:
        settings = self._house.settings
        with self._house.read() as conn:
            found = parties.organisation(conn)
        if found is None:
            return self._stranger()
        zone = ZoneInfo(settings.zone)
        told = found.particulars
        return Node(told.name, told.kind.value, told.country, zone, settings.demo)
