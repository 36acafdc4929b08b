"""Every error as `application/problem+json` (RFC 9457).

Owns: the translation of our exceptions, of pydantic's and of Starlette's into problems.
Promises: a stable `code`, a type under `/problems/`, no traceback, no personal data; 5xx says nothing of how.
Never does: hide a bug: an unexpected exception is logged with its traceback and answered 500.
"""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from beffroi.ground.kernel.errors import BeffroiError, TooMany

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}


def problem(status: int, code: str, detail: str, facts: Mapping[str, object] | None = None) -> dict[str, Any]:
    """The body of a problem."""
    body = {"type": f"/problems/{code}", "title": title(status), "status": status}
    return body | {"detail": detail, "code": code} | {k: v for k, v in (facts or {}).items() if v not in ("", None)}


def title(status: int) -> str:
    """The title of a status."""
    return _TITLES.get(status, "Error")


def of_error(error: BeffroiError) -> dict[str, Any]:
    """The body for one of our errors."""
    if error.status >= 500:  # noqa: PLR2004 (HTTP's own number)
        return problem(error.status, error.code, error.message)
    return problem(error.status, error.code, error.message, error.facts)


def response(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem response."""
    return JSONResponse(dict(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def on_beffroi_error(request: Request, error: Exception) -> JSONResponse:
    """Ours."""
    assert isinstance(error, BeffroiError)  # noqa: S101 (registered for this type only)
    request.state.refusal = error.code
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else {}
    if error.status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = 'Bearer realm="beffroi"'
    if error.status >= 500:  # noqa: PLR2004
        _log.error("answered %s: %s", error.status, error.code)
    return response(error.status, of_error(error), headers)


def on_validation_error(request: Request, error: Exception) -> JSONResponse:
    """Pydantic's: where and why, never the value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    request.state.refusal = "invalid-request"
    first = [
        {"where": "/".join(str(part) for part in e["loc"]), "message": e["msg"], "kind": e["type"]}
        for e in error.errors()[:20]
    ]
    detail = f"{first[0]['where']}: {first[0]['message']}" if first else "the request is invalid"
    return response(422, problem(422, "invalid-request", detail, {"errors": first}))


def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Starlette's own: no such path, wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "no-such-path", 405: "method-not-allowed"}.get(error.status_code, "http-error")
    request.state.refusal = code
    return response(error.status_code, problem(error.status_code, code, str(error.detail)), error.headers)


def on_unexpected(request: Request, error: Exception) -> JSONResponse:
    """A bug of ours."""
    request.state.refusal = "unexpected"
    _log.exception("unexpected %s", type(error).__name__, exc_info=error)
    return response(500, problem(500, "unexpected", "something went wrong here; it was logged"))
