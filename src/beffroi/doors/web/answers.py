"""Every answer is counted, and every refusal has its line in the log.

Owns: the ASGI middleware around all doors; the counters behind `/metrics`.
Promises: routes are named as their table names them, never by the address that was asked for, which may hold a token
or somebody's name; a refusal's line has its code and the id of who asked, and nothing of what was sent.
Never does: change an answer.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.log import note
from beffroi.staff.permissions import PUBLIC

_log = logging.getLogger("beffroi.refusal")
_REFUSED_MIN = 400
_FAULT = 500
_NO_ROUTE = "none"
_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Meters:
    """What one process counts."""

    def __init__(self) -> None:
        """All at zero."""
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "beffroi_answers", "Answers, by route and status.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "beffroi_answer_seconds",
            "Seconds until the head of an answer, by route.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )


class Answers:
    """ASGI middleware; `routes` is asked once, after all doors have joined."""

    def __init__(self, app: ASGIApp, meters: Meters, clock: Clock, routes: Callable[[], Iterable[BaseRoute]]) -> None:
        """Wrap `app`."""
        self.app, self._meters, self._clock, self._routes = app, meters, clock, routes
        self._paths: dict[Any, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; note the status of the answer when it begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        began = self._clock.monotonic()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], self._clock.monotonic() - began)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception:
            self._note(scope, _FAULT, self._clock.monotonic() - began)  # answered further out, by `problems`
            raise

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        method, route = _method(scope["method"]), self._path(scope)
        self._meters.answers.labels(method, route, str(status)).inc()
        self._meters.seconds.labels(method, route).observe(took_s)
        if status >= _REFUSED_MIN:
            note(_log, logging.INFO, [_line(scope["state"], method, route, status)])

    def _path(self, scope: Scope) -> str:
        """As the table has it: FastAPI leaves its route in the scope, Starlette only the endpoint."""
        known: str | None = getattr(scope.get("route"), "path", None)
        if known is not None:
            return known
        if not self._paths:
            self._paths = {
                getattr(route, "endpoint", None): getattr(route, "path", _NO_ROUTE) for route in self._routes()
            }
        return self._paths.get(scope["endpoint"], _NO_ROUTE) if "endpoint" in scope else _NO_ROUTE


def _method(given: str) -> str:
    """Anybody may send any word as a method; there must not be a counter for each."""
    return given if given in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _line(state: dict[str, Any], method: str, route: str, status: int) -> dict[str, object]:
    actor = state.get("principal", PUBLIC).actor
    return {
        "refused": state.get("refusal") or f"http-{status}",
        "status": status,
        "method": method,
        "route": route,
        "actor": str(actor),
    }
