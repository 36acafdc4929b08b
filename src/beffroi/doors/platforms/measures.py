"""What an order can be carried out by on the platform that is connected.

Owns: `measure`.
Promises: the Member States only, where the platform can do that (TCO Art 3(1)); otherwise
everywhere, reversibly; removal only where a person chose it.
Never does: offer what the connector does not declare.
"""

from beffroi.ground.kernel.errors import Conflict
from beffroi.orders.model import Measure

from .capabilities import Capability, Connector

_NEEDS = {
    Measure.DISABLED_IN_MEMBER_STATES: Capability.RESTRICT_TERRITORIES,
    Measure.DISABLED: Capability.DISABLE,
    Measure.REMOVED: Capability.REMOVE,
}


def offered(connector: Connector | None) -> tuple[Measure, ...]:
    """What can be done there, the narrowest first."""
    declared = frozenset() if connector is None else connector.capabilities
    return tuple(each for each, needed in _NEEDS.items() if needed in declared)


def measure(connector: Connector | None, wanted: Measure | None) -> Measure:
    """The one that was chosen, or the narrowest.

    Raises:
        Conflict: the platform cannot do this, or nothing at all, or none is connected.

    """
    possible = offered(connector)
    if not possible or (wanted is not None and wanted not in possible):
        raise Conflict("not-offered", "the connected platform cannot do this; do it by hand, and say what you found")
    return wanted or possible[0]
