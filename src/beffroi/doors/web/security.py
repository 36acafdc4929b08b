"""The headers that every answer carries.

Owns: the content security policy and its companions.
Promises: nothing runs, loads or is framed that this node did not serve itself; no page's address leaks; a picture that
somebody opens by its own address stands in a sandbox, without an origin.
Never does: loosen anything for one page; a page that needs more is built differently.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "style-src 'self'; "
    "script-src 'self'; "
    "img-src 'self'; "
    "connect-src 'self'; "
    "font-src 'self'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
}

TLS_HEADERS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
"""Two years (RFC 6797); only where the operator says that the world comes over TLS."""


class SecurityHeaders:
    """ASGI middleware: sets `HEADERS` on every answer, and `no-store` where the handler said nothing of caching."""

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        """Wrap `app`; `is_https`: whether the world reaches it over TLS."""
        self.app = app
        self._headers = HEADERS | TLS_HEADERS if is_https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; only the head of an answer changes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if headers.get("Content-Type", "").startswith("image/"):
                    headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; sandbox"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)
