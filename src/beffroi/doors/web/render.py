"""From a view to a page.

Owns: which language and theme a visitor gets, and the one call that renders.
Promises: `render` is all a handler needs; it reads the request, `app.state.front` (who the node is, its clock) and
`request.state` (`shell` and `person_language`, put there by the door's dependency; both may be missing).
Never does: read the database.
"""

from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from beffroi.ground.kernel.clock import Clock

from .csrf import SAFE_METHODS
from .environment import environment
from .languages import Language, choose
from .shell import Node, Page, Shell
from .words import TOLD

SEE_OTHER = 303
_THEMES = ("light", "dark")


class Front(Protocol):
    """What every page needs of the running program; see `front`."""

    @property
    def node(self) -> Node:
        """Who this node is."""
        ...

    @property
    def clock(self) -> Clock:
        """The node's clock."""
        ...


def render(
    request: Request, template: str, view: object = None, *, status: int = 200, language: Language | None = None
) -> HTMLResponse:
    """The page `template` showing `view`, in the visitor's language or in `language`."""
    page = page_of(request, language or language_of(request))
    shell: Shell | None = getattr(request.state, "shell", None)
    body = (
        environment(page.language.tag, page.node.zone).get_template(template).render(view=view, page=page, shell=shell)
    )
    headers = {"Content-Language": page.language.tag, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(body, status_code=status, headers=headers)


def page_of(request: Request, language: Language) -> Page:
    """How this request's page is shown."""
    front: Front = request.app.state.front
    theme = request.cookies.get("theme", "")
    return Page(
        node=front.node,
        language=language,
        now=front.clock.now(),
        path=request.url.path,
        theme=theme if theme in _THEMES else "",
        has_letter_keys=request.cookies.get("keys") != "off",
        told=TOLD.get(request.query_params.get("did", "")),
        is_answer=request.method not in SAFE_METHODS,
    )


def language_of(request: Request) -> Language:
    """The address asks first, then what the person set, then what this browser remembers, then its header."""
    return choose(
        request.query_params.get("lang"),
        getattr(request.state, "person_language", None),
        request.cookies.get("lang"),
        accept=request.headers.get("accept-language"),
    )


def see_other(path: str, did: str | None = None, **query: str) -> RedirectResponse:
    """Go and look at `path` after a form; `did` is a key of `TOLD`, which the next page says in words."""
    asked = ({"did": did} if did else {}) | query
    return RedirectResponse(f"{path}?{urlencode(asked)}" if asked else path, status_code=SEE_OTHER)


def local_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` if it is a path on this node, else `otherwise`: a link to another site is never followed."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc:
        return otherwise
    return quote(parts.path, safe="/-_.~%") + (f"?{parts.query}" if parts.query else "")
