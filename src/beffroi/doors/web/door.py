"""One row of a door's table of pages, and what turns it into an endpoint.

Owns: `Route`, `Visit`, and the order in which a request is looked at: origin, who it is, may they, how often, the
form, the handler; refusals become pages.
Promises: every row names its permission, or `OPEN`; there is no third way. A handler runs in a thread, gets one
argument, and what it raises becomes a page.
Never does: know what a permission means, or decide.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route as Endpoint

from beffroi.flow.house import House
from beffroi.ground.kernel.errors import BeffroiError, Refusal, Unauthenticated
from beffroi.ground.kernel.ids import PersonId, SessionId
from beffroi.ground.kernel.limits import FORM_BYTES_MAX
from beffroi.ground.storage import Tx
from beffroi.staff import sessions
from beffroi.staff.permissions import PUBLIC, Permission, Principal, authorise, require_recent

from .access import house_of, spend
from .csrf import SAFE_METHODS, check_origin
from .faults import fault_page
from .forms import Form, read_form
from .languages import Language
from .render import SEE_OTHER, render, see_other

T = TypeVar("T")
_log = logging.getLogger(__name__)
OPEN = None
"""The permission of a page for everybody."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, as a handler sees it."""

    request: Request
    house: House
    who: Principal
    form: Form = field(default_factory=Form)

    @property
    def person(self) -> PersonId:
        """The signed-in person; refuses others."""
        return self.who.person

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def asked(self, name: str, otherwise: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, otherwise)

    def may(self, permission: Permission, *, own: bool = False) -> bool:
        """Whether to show what can be done."""
        return self.who.may(permission, own=own)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in one transaction of the law lane, in this visitor's name."""
        return self.house.write("law", self.who.actor, work)

    def own(self, permission: Permission, is_own: bool) -> None:  # noqa: FBT001  a fact, not a switch
        """For rows that are open to who owns the thing: now that it is known whose it is.

        Raises:
            NotAllowed: it is somebody else's, and the permission does not reach that far.

        """
        authorise(self.who, permission, own=is_own)

    def page(
        self, template: str, view: object = None, *, status: int = 200, language: Language | None = None
    ) -> HTMLResponse:
        """The page `template` showing `view`, in the visitor's language or in `language`."""
        return render(self.request, template, view, status=status, language=language)

    def go(self, path: str, did: str | None = None, **query: str) -> RedirectResponse:
        """Go and look at `path`; see `render.see_other`."""
        return see_other(path, did, **query)


Handler = Callable[[Visit], Response]
SignIn = Callable[[Request, House], Principal]
"""Who stands behind a request."""
Dress = Callable[[Visit], None]
"""Puts the shell around what will be rendered: sets `request.state.shell` and `person_language`."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row: method, path, permission (`OPEN`: everybody), times a minute for one caller, handler.

    `own`: the permission may be held for what is one's own alone; the handler then says whose it is. `recent`: only
    a moment after they proved who they are. `form_bytes_max`: for the few forms with a file.
    """

    method: str
    path: str
    permission: Permission | None
    rate: str
    handler: Handler
    own: bool = False
    recent: bool = False
    form_bytes_max: int = FORM_BYTES_MAX


def undressed(_visit: Visit) -> None:
    """For doors without a shell."""


def anonymous(_request: Request, _house: House) -> Principal:
    """For doors without sign-in."""
    return PUBLIC


def endpoints(table: Iterable[Route], sign_in: SignIn = anonymous, dress: Dress = undressed) -> list[Endpoint]:
    """The rows as endpoints of an ASGI application, in their order."""
    rows = tuple(table)
    pages = {row.path for row in rows if row.method == "GET"}
    return [Endpoint(row.path, _endpoint(row, _up(row, pages), sign_in, dress), methods=[row.method]) for row in rows]


def _up(row: Route, pages: Collection[str]) -> int:
    """How many parts of the address lie between what a form is sent to and the page it stands on."""
    path, up = row.path, 0
    while path and path not in pages:
        path, up = path.rpartition("/")[0], up + 1
    return up if path else 1


def _endpoint(row: Route, up: int, sign_in: SignIn, dress: Dress) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            check_origin(request, house_of(request).settings.public_url)
            form = Form() if request.method in SAFE_METHODS else await read_form(request, row.form_bytes_max)
        except Refusal as refusal:
            return await run_in_threadpool(fault_page, request, refusal.status, refusal)
        try:
            return await run_in_threadpool(_answer, row, up, request, form, sign_in, dress)
        finally:
            await form.fields.close()  # an uploaded file is a temporary file

    return endpoint


def _answer(row: Route, up: int, request: Request, form: Form, sign_in: SignIn, dress: Dress) -> Response:
    """Everything between the bytes and the page; never raises."""
    try:
        return row.handler(_let_in(row, request, form, sign_in, dress))
    except Unauthenticated as refusal:
        return _to_sign_in(request, up, refusal)
    except BeffroiError as error:
        if not isinstance(error, Refusal):
            _log.exception("answered %s: %s", error.status, error.code)
        return fault_page(request, error.status, error)
    except Exception:  # noqa: BLE001 (logged whole; the visitor gets a page all the same)
        _log.exception("a page failed: %s %s", request.method, row.path)
        return fault_page(request, 500)


def _let_in(row: Route, request: Request, form: Form, sign_in: SignIn, dress: Dress) -> Visit:
    house = house_of(request)
    visit = _begun(request, house, sign_in(request, house), form)
    request.state.principal = visit.who
    spend(request, visit.who, row.rate, row.path)
    if visit.who.kind == "person":
        dress(visit)
    if row.permission is not OPEN:
        authorise(visit.who, row.permission, own=row.own)
    if row.recent:
        require_recent(visit.who, house.clock.now())
    return visit


def _begun(request: Request, house: House, who: Principal, form: Form) -> Visit:
    """The visit; what somebody signed in does on it, they do only while their session holds."""
    if who.session is not None:
        house = house.guarded(partial(_check_live, who.session))
    return Visit(request, house, who, form)


def _check_live(session: SessionId, tx: Tx) -> None:
    sessions.check_live(tx, session)


def _to_sign_in(request: Request, up: int, refusal: Unauthenticated) -> Response:
    """To the page where one says who one is, and from there back; a form that was sent is sent again by hand."""
    if refusal.code not in {"not-signed-in", "proof-too-old"}:
        return fault_page(request, refusal.status, refusal)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in SAFE_METHODS:
        back = request.url.path.rsplit("/", up)[0]  # the page that had the form: `/console/cases/x` of `…/x/claim`
    gate = "/again" if refusal.code == "proof-too-old" else "/login"
    return RedirectResponse(f"{gate}?next={quote(back, safe='')}", status_code=SEE_OTHER)
