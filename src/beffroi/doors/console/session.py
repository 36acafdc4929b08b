"""Who stands behind a cookie, and the desk where people show who they are.

Owns: the session cookie; the hand-over of the house to the flows of `staff`.
Promises: the cookie is out of reach of scripts, sent to this host only, and over TLS only where there is TLS.
Never does: check a password.
"""

from functools import partial
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from beffroi.flow.house import House
from beffroi.ground.kernel.errors import Unauthenticated
from beffroi.ground.kernel.ids import SessionId
from beffroi.ground.storage import Tx
from beffroi.staff import sessions
from beffroi.staff.desk import Desk
from beffroi.staff.permissions import PUBLIC, Principal
from beffroi.staff.proof.passkeys import RelyingParty
from beffroi.staff.sessions import Opened


def signed_in(request: Request, house: House) -> Principal:
    """The person behind the request's cookie; the public without one, or when the session is over."""
    token = token_of(request, house)
    if token is None:
        return PUBLIC
    try:
        with house.read() as conn:
            resumed = sessions.resume(conn, token, house.clock.now(), demo_allowed=house.settings.demo)
    except Unauthenticated:
        return PUBLIC
    principal = resumed.principal
    if resumed.see_due and principal.session is not None:
        house.writer.submit("bulk", principal.actor, partial(_see, principal.session))
    return principal


def token_of(request: Request, house: House) -> str | None:
    """The session token that the browser sent."""
    return request.cookies.get(_cookie(house))


def let_in(answer: Response, house: House, opened: Opened) -> Response:
    """Give the browser its session."""
    life_s = int((opened.ends_at - house.clock.now()).total_seconds())
    answer.set_cookie(
        _cookie(house), opened.token, max_age=life_s, path="/", secure=is_https(house), httponly=True, samesite="lax"
    )
    return answer


def let_out(answer: Response, house: House) -> Response:
    """Take it back."""
    answer.delete_cookie(_cookie(house), path="/", secure=is_https(house), httponly=True, samesite="lax")
    return answer


def desk(house: House) -> Desk:
    """The house, as the sign-in flows are handed it."""
    url = house.settings.public_url
    host = urlsplit(url).hostname or "localhost"
    return Desk(
        read=house.read,
        write=house.write,
        vault=house.vault,
        clock=house.clock,
        hasher=house.hasher,
        pepper=house.pepper,
        party=RelyingParty(host, "Beffroi", (url,)),
        demo_allowed=house.settings.demo,
        provider=house.provider,
        only_break_glass=house.settings.local_sign_in == "administrators",
    )


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else ""


def agent_of(request: Request) -> str:
    """What the browser says of itself."""
    return request.headers.get("user-agent", "")


def _cookie(house: House) -> str:
    return sessions.cookie_name(https=is_https(house))


def is_https(house: House) -> bool:
    """Whether browsers reach this node over TLS."""
    return house.settings.public_url.startswith("https://")


def _see(session: SessionId, tx: Tx) -> None:
    sessions.see(tx, session)
