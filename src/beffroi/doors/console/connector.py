"""What the platform behind this node can do.

Owns: nothing.
Promises: without a connector nothing can be done outside, so nothing is offered.
Never does: call it.
"""

from starlette.requests import Request

from ..platforms import Capability, Connector


def connector_of(request: Request) -> Connector | None:
    """The platform's connector, if one is connected."""
    connector: Connector | None = getattr(request.app.state, "connector", None)
    return connector


def capabilities(request: Request) -> frozenset[Capability]:
    """What its connector declares."""
    connector = connector_of(request)
    return frozenset() if connector is None else connector.capabilities
