"""Single sign-on: to the organisation's identity provider and back.

Owns: its four addresses, and the cookie that ties a return to the browser that left.
Promises: one leaves only from a page of this node; one goes on only to a page of this node; what was wrong is told to
the log and to nobody else.
Never does: check anything of what the provider says; `staff.signon` does.
"""

import logging
from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from beffroi.ground.kernel.errors import BeffroiError, NotAllowed, TooMany, Unauthenticated, Unavailable
from beffroi.ground.kernel.limits import SIGN_ON_S_MAX
from beffroi.staff import signon
from beffroi.staff.signon import Arrival, Departure, Return

from ..web.door import Visit
from ..web.render import SEE_OTHER, local_path
from ..web.words import N_
from .gate import again_view, login_view
from .session import address_of, agent_of, desk, is_https, let_in, token_of

RETURN_PATH = "/login/single/return"
"""What the provider is told to send browsers back to."""
_log = logging.getLogger(__name__)
_WRONG = N_("Signing in that way did not work. Start again; if it fails again, ask an administrator.")
_SILENT = N_("The sign-on of your organisation does not answer. Try again in a moment.")
_WAIT = N_("Too many tries. Wait a little, then try again.")
_OURS = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of a link on our own page, and of an address that somebody typed."""
_PARAMETER_CHARS_MAX = 4096


def leave(visit: Visit) -> Response:
    """To the provider, to sign in."""
    return _leave(visit, lambda: signon.begin(desk(visit.house), address_of(visit.request), _next(visit)))


def leave_again(visit: Visit) -> Response:
    """To the provider, to show once more who one is."""
    who, address = visit.who, address_of(visit.request)
    return _leave(visit, lambda: signon.begin_again(desk(visit.house), who, address, _next(visit)))


def leave_joining(visit: Visit) -> Response:
    """To the provider, with a one-time link in hand."""
    token, address = visit.path("token"), address_of(visit.request)
    return _leave(visit, lambda: signon.begin_joining(desk(visit.house), address, token))


def come_back(visit: Visit) -> Response:
    """From the provider, with a code or without."""
    try:
        arrival = signon.arrive(desk(visit.house), _returned(visit), visit.who)
    except (Unauthenticated, TooMany, Unavailable) as refusal:
        return _forget(visit, _refused(visit, refusal))
    return _forget(visit, _go_on(visit, arrival))


def _leave(visit: Visit, begin: Callable[[], Departure]) -> Response:
    if visit.request.headers.get("sec-fetch-site", "none") not in _OURS:
        raise NotAllowed("cross-site", "signing in begins on a page of this node")
    try:
        departure = begin()
    except (Unauthenticated, TooMany, Unavailable) as refusal:
        return _refused(visit, refusal)
    away = RedirectResponse(departure.address, status_code=SEE_OTHER)
    https = is_https(visit.house)
    away.set_cookie(
        _cookie(visit), departure.ticket, max_age=SIGN_ON_S_MAX, path="/", secure=https, httponly=True, samesite="lax"
    )
    return away


def _returned(visit: Visit) -> Return:
    def brought(name: str) -> str:
        return visit.asked(name)[:_PARAMETER_CHARS_MAX]

    return Return(
        ticket=visit.request.cookies.get(_cookie(visit), ""),
        code=brought("code"),
        state=brought("state"),
        issuer=visit.request.query_params.get("iss"),
        address=address_of(visit.request),
        agent=agent_of(visit.request),
        replaces=token_of(visit.request, visit.house),
    )


def _refused(visit: Visit, refusal: BeffroiError) -> Response:
    """The sign-in page says that it did not work; the log says why."""
    _log.warning("single sign-on refused: %s", refusal.facts.get("reason", refusal.code))
    words = {TooMany: _WAIT, Unavailable: _SILENT}.get(type(refusal), _WRONG)
    view = again_view(visit, words) if visit.who.kind == "person" else login_view(visit, refusal=words)
    return visit.page("login.html", view, status=refusal.status)


def _go_on(visit: Visit, arrival: Arrival) -> Response:
    onward = local_path(arrival.onward, "/console")
    return let_in(RedirectResponse(onward, status_code=SEE_OTHER), visit.house, arrival.opened)


def _forget(visit: Visit, answer: Response) -> Response:
    """The ticket was good for one return."""
    answer.delete_cookie(_cookie(visit), path="/", secure=is_https(visit.house), httponly=True, samesite="lax")
    return answer


def _next(visit: Visit) -> str:
    return local_path(visit.asked("next"), "/console")


def _cookie(visit: Visit) -> str:
    """`__Host-` binds the cookie to this host over TLS, as that of the session."""
    return "__Host-beffroi-away" if is_https(visit.house) else "beffroi-away"
