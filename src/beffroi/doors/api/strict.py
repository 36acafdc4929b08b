"""Bodies as they are read: bounded while they arrive, JSON without ambiguity.

Owns: the request class of the API's routes.
Promises: a body over the route's limit is refused before it is whole; duplicate keys, NaN, deep nesting and
lone surrogates are refused by name; a JSON route takes `application/json` only.
Never does: buffer what it will refuse.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from beffroi.ground.kernel.errors import BeffroiError, Refusal, TooLarge
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import JSON_BYTES_MAX

from . import problems


class UnsupportedMediaType(Refusal):
    """The Content-Type is not one the route takes."""

    status = 415


class StrictRequest(Request):
    """A request whose body is bounded and whose JSON is strict."""

    body_bytes_max = JSON_BYTES_MAX

    async def body(self) -> bytes:
        """The bytes, or `TooLarge` as soon as they are too many."""
        if not hasattr(self, "_body"):
            pieces, size = [], 0
            async for piece in self.stream():
                size += len(piece)
                if size > self.body_bytes_max:
                    raise TooLarge("body-too-large", f"the body is over {self.body_bytes_max} bytes")
                pieces.append(piece)
            self._body = b"".join(pieces)
        return self._body

    async def json(self) -> Any:
        """The value; see `kernel.json.parse`."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise UnsupportedMediaType("not-json-type", "send Content-Type: application/json")
        return parse(await self.body(), size_max=self.body_bytes_max)


class StrictRoute(APIRoute):
    """A route that reads by `StrictRequest` and answers our own refusals as they are."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind ours."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(StrictRequest(request.scope, request.receive))
            except BeffroiError:
                raise
            except Exception as error:
                # FastAPI wraps whatever reading the body raised in its own 400.
                if isinstance(error.__cause__, BeffroiError):
                    return problems.on_beffroi_error(request, error.__cause__)
                raise

        return handle
