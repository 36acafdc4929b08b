"""A form of ours is sent by a page of ours.

Owns: the check of `Sec-Fetch-Site` and `Origin` on methods that change something.
Promises: a request that another site's page caused is refused before its session is looked at, also one whose name
was pointed at this machine (DNS rebinding): what counts is the address that the operator gave the node, never the
`Host` that was sent. With `SameSite` cookies no token in forms is needed, so there is none to forget.
Never does: guard requests with an API key; they carry no ambient credentials.
"""

from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request

from beffroi.ground.kernel.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def check_origin(request: Request, public_url: str) -> None:
    """Before every route that a browser with a session can call; `public_url` is how the world reaches this node.

    Raises:
        NotAllowed: the request comes from another site, or does not say where it comes from.

    """
    if request.method in SAFE_METHODS:
        return
    fetch_site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if not same_origin(fetch_site, origin, origins_of(public_url)):
        raise NotAllowed("cross-site", "the form was not sent from a page of this node")


def same_origin(fetch_site: str | None, origin: str | None, ours: Collection[str]) -> bool:
    """Whether a request with these headers was caused by a page of `ours`.

    Browsers send `Sec-Fetch-Site` over TLS and to loopback, and no origin (`null`) from pages that send no referrer,
    as ours. Where `Sec-Fetch-Site` is missing the origin decides, and where both are missing the answer is no.
    """
    if fetch_site is None:
        return origin in ours
    return fetch_site == "same-origin" and (origin in {None, "null"} or origin in ours)


@lru_cache(maxsize=8)
def origins_of(public_url: str) -> frozenset[str]:
    """The origins under which a node's pages stand: on loopback all names of this machine, else the one."""
    parts = urlsplit(public_url)
    host, port = (parts.hostname or "").lower(), f":{parts.port}" if parts.port else ""
    names = _LOOPBACK if host in {"127.0.0.1", "localhost", "::1"} else (parts.netloc.lower().removesuffix(port),)
    return frozenset(f"{parts.scheme}://{name}{port}" for name in names)
