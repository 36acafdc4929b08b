"""Bodies as they are read: bounded while they arrive, JSON without ambiguity.

Owns: the request class of the API's routes.
Promises: a body over the route's limit is refused before it is whole; duplicate keys, NaN, deep nesting and
lone surrogates are refused by name; a JSON route takes `application/json` only.
Never does: buffer what it will refuse.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from beffroi.ground.kernel.errors import BeffroiError, Refusal, TooLarge
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import JSON_BYTES_MAX
from beffroi.staff.permissions import Principal

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
        return parse(await self.body(), size_max=self.body_bytes_max)


def strict_route(let_in: Callable[[Request], Principal]) -> type[APIRoute]:
    """A kind of route that first asks `let_in`, then reads by `StrictRequest`, then answers refusals as they are.

    FastAPI reads a body before it asks dependencies; a stranger's body is not worth reading.
    """

    class StrictRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            inner = super().get_route_handler()
            wants_json = self.body_field is not None

            async def handle(request: Request) -> Response:
                request.state.principal = await run_in_threadpool(let_in, request)
                if wants_json and media_type_of(request) != "application/json":
                    raise UnsupportedMediaType("not-json-type", "send Content-Type: application/json")
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

    return StrictRoute


def media_type_of(request: Request) -> str:
    """The Content-Type without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
