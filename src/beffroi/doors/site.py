"""Pages onto the application: the tables of console and public pages, static files, the stream, headers, errors.

Owns: how the HTML doors join the application that serves the JSON API.
Promises: every answer of the process carries the security headers; an error is a page where a page was asked for.
Never does: anything a table or a handler should do.
"""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beffroi.flow.house import House

from .api import problems
from .console.routes import ROUTES as CONSOLE
from .console.session import signed_in
from .console.shell import dress
from .public.routes import ROUTES as PUBLIC
from .web import static_files
from .web.answers import Answers, Meters
from .web.changes import Streams
from .web.door import endpoints
from .web.faults import fault_page
from .web.front import Front
from .web.security import SecurityHeaders

_MACHINES = ("/api/", "/health", "/metrics")


def attach(app: FastAPI, house: House) -> None:
    """Serve the pages of `house` from `app`, whose state holds what the handlers need."""
    app.state.front = Front(house)
    app.state.streams = Streams(house.changes, house.clock)
    app.router.routes += [*static_files.ROUTES, *endpoints(PUBLIC), *endpoints(CONSOLE, signed_in, dress)]
    app.router.routes.append(Route("/console/changes", changes, methods=["GET"]))
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_middleware(SecurityHeaders, is_https=house.settings.public_url.startswith("https://"))
    app.state.meters = Meters()
    app.add_middleware(Answers, meters=app.state.meters, clock=house.clock, routes=lambda: app.routes)


async def changes(request: Request) -> Response:
    """The stream that says `changed`, for who is signed in."""
    if signed_in(request, request.app.state.house).kind != "person":
        return Response(status_code=401)
    streams: Streams = request.app.state.streams
    return streams.open(request)


def on_http_exception(request: Request, error: Exception) -> Response:
    """No such path, wrong method: a page for people, a problem for machines."""
    if request.url.path.startswith(_MACHINES) or not isinstance(error, HTTPException):
        return problems.on_http_exception(request, error)
    return fault_page(request, error.status_code)
