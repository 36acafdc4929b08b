"""What the platform behind this node can do.

Owns: nothing.
Promises: without a connector nothing can be done outside, so nothing is offered.
Never does: call it.
"""

from starlette.requests import Request

from ..platforms import Capability, Connector


def capabilities(request: Request) -> frozenset[Capability]:
    """What its connector declares."""
    connector: Connector | None = getattr(request.app.state, "connector", None)
    return frozenset() if connector is None else connector.capabilities
