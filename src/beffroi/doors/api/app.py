"""The JSON application: the route table as FastAPI routes.

Owns: how a row of the table becomes a route; the OpenAPI document.
Promises: every route authorises by a dependency, answers errors as problem details, and declares them.
Never does: anything a handler should do.
"""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from beffroi.ground.kernel.errors import BeffroiError

from ..web.access import allow
from . import problems
from .routes import ROUTES, Route
from .strict import StrictRequest, UnsupportedMediaType, media_type_of, strict_route

_OPAQUE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"format": "binary", "type": "string"}}},
    }
}
_RAW_TYPES = ("image/", "video/", "audio/", "application/octet-stream", "application/pdf", "text/")


def routes() -> APIRouter:
    """All rows of the table."""
    router = APIRouter()
    for row in ROUTES:
        router.add_api_route(
            row.path,
            row.handler,
            methods=[row.method],
            status_code=row.status,
            response_model=row.answer,
            response_class=PlainTextResponse if row.text else JSONResponse,
            responses=_refusals(row),
            dependencies=[Depends(_file(row.raw_bytes_max))] if row.raw_bytes_max else [],
            route_class_override=strict_route(allow(row.permission, row.rate)),
            operation_id=row.handler.__name__,
            summary=(row.handler.__doc__ or "").partition("\n")[0],
            openapi_extra=(_OPAQUE if row.raw_bytes_max else {}) | _security(row),
        )
    return router


def handle_errors(app: FastAPI) -> None:
    """Answer every error as a problem."""
    app.add_exception_handler(BeffroiError, problems.on_beffroi_error)
    app.add_exception_handler(RequestValidationError, problems.on_validation_error)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(Exception, problems.on_unexpected)


def _file(bytes_max: int) -> Any:
    async def read(request: Request) -> None:
        """The body of an upload: any type of file, bounded while it arrives."""
        if not media_type_of(request).startswith(_RAW_TYPES):
            raise UnsupportedMediaType("not-a-file-type", "send the file with its own Content-Type")
        raw = StrictRequest(request.scope, request.receive)
        raw.body_bytes_max = bytes_max
        request.state.body = await raw.body()

    return read


def _security(row: Route) -> dict[str, Any]:
    return {} if row.permission is None else {"security": [{"apiKey": []}], "x-permission": row.permission.value}


def _refusals(row: Route) -> dict[int | str, dict[str, Any]]:
    statuses = {429, 500, *row.refuses} | ({401, 403} if row.permission is not None else set())
    if row.body or "{" in row.path:
        statuses |= {400, 422}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {status: {"description": problems.title(status), "content": content} for status in sorted(statuses)}
