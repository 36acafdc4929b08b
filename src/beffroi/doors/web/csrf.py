"""A form of ours is sent by a page of ours.

Owns: the check of `Sec-Fetch-Site` and `Origin` on methods that change something.
Promises: a request that another site's page caused is refused before its session is looked at; together with
`SameSite` cookies no token in forms is needed, so there is none to forget.
Never does: guard requests with an API key; they carry no ambient credentials.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

from beffroi.ground.kernel.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(request: Request) -> None:
    """Dependency of every route that a browser with a session can call.

    Raises:
        NotAllowed: the request comes from another site, or does not say where it comes from.

    """
    if request.method in SAFE_METHODS:
        return
    if not same_origin(request.headers.get("sec-fetch-site"), request.headers.get("origin"), request.headers["host"]):
        raise NotAllowed("cross-site", "the form was not sent from a page of this node")


def same_origin(fetch_site: str | None, origin: str | None, host: str) -> bool:
    """Whether a request with these headers was caused by a page served under `host` (name and port).

    Browsers since 2023 send `Sec-Fetch-Site` over TLS and to loopback; where it is missing `Origin` decides, and
    where both are missing the answer is no.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return origin is not None and urlsplit(origin).netloc.lower() == host.lower()
