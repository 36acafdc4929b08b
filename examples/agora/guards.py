"""What stands before every page: size, origin, and the headers that keep a browser strict.

Owns: `Guards`, one ASGI wrapper around the site.
Promises: no body over the limit is read to its end; a form sent from another site changes nothing; no page runs
a script, none is cached by anybody, so what was removed is nowhere still shown.
Never does: know who is visiting.
"""

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PICTURE_BYTES_MAX = 8 * 2**20
BODY_BYTES_MAX = PICTURE_BYTES_MAX + 256 * 1024
"""A picture and the rest of its form."""
TOO_LARGE = f"Too large: at most {PICTURE_BYTES_MAX // 2**20} MB."
HOOK_PATH = "/hooks/beffroi"

STRICT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class Guards:
    """Wraps the site."""

    def __init__(self, site: ASGIApp) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in {"GET", "HEAD"} and scope["path"] != HOOK_PATH and not _is_own_form(scope, headers):
            await PlainTextResponse("This form was sent from another site.", 403)(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await PlainTextResponse(TOO_LARGE, 413)(scope, receive, send)
            return
        await self._site(scope, _bounded(receive), _strict(send))


def _is_own_form(scope: Scope, headers: Headers) -> bool:
    """Browsers name the page a form came from; programs name none, and carry no visitor's cookie."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    return origin == f"{scope['scheme']}://{headers.get('host', '')}"


def _bounded(receive: Receive) -> Receive:
    """`receive`, which gives up once more than the limit has come, whatever length was announced."""
    seen_bytes = 0

    async def bounded() -> Message:
        nonlocal seen_bytes
        message = await receive()
        seen_bytes += len(message.get("body", b""))
        if seen_bytes > BODY_BYTES_MAX:
            raise HTTPException(413, TOO_LARGE)
        return message

    return bounded


def _strict(send: Send) -> Send:
    async def strict(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in STRICT.items():
                headers.setdefault(name, value)
        await send(message)

    return strict
