"""Puts the site together.

Owns: `build`, from options to an ASGI application, and what an error looks like.
Promises: the site starts and serves whether or not the node answers; stopping it loses nothing.
Never does: hold rules of its own.
"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException as StarletteHTTPException

from . import reading, sample, screening, store, writing
from .guards import Guards
from .node import Node
from .options import Options
from .sender import Sender
from .store import Store
from .visit import Agora

HERE = Path(__file__).parent
WORDS = {
    404: "There is nothing here.",
    405: "That does not work here.",
    410: "This is gone.",
    451: "This is not shown where you are.",
}


def build(options: Options, *, pause_s_first: float | None = None) -> FastAPI:
    """The site, its data in place. `pause_s_first` shortens the sender's pauses in tests."""
    keep = Store(options.folder)
    node = Node(options.node_url, options.api_key) if options.node_url else None
    sender = None
    if node:
        sender = Sender(keep, node) if pause_s_first is None else Sender(keep, node, pause_s_first=pause_s_first)
    _prepare(keep, options)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        if sender:
            sender.start()
        yield
        if sender and node:
            sender.stop()
            node.close()

    site = FastAPI(title="Agora", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    site.state.agora = Agora(options, keep, _templates(), sender)
    site.mount("/static", StaticFiles(directory=HERE / "static"))
    site.include_router(reading.router)
    site.include_router(writing.router)
    site.add_exception_handler(StarletteHTTPException, _error_page)
    site.add_exception_handler(RequestValidationError, _error_page)
    site.add_exception_handler(sqlite3.OperationalError, _error_page)
    site.add_middleware(Guards)
    return site


def _prepare(keep: Store, options: Options) -> None:
    with keep.write() as db:
        if options.sample and not store.users(db):
            sample.fill(db)
        if options.mode:
            store.set_fact(db, "mode", options.mode)
        if options.node_url:
            screening.backfill(db, options.public_url)


def _error_page(request: Request, error: Exception) -> Response:
    """A plain page with a sentence; redirects keep their way."""
    status, sentence = 422, "The form was not complete."
    if isinstance(error, RequestValidationError) and error.errors()[0]["loc"][0] == "path":
        status, sentence = 404, ""
    elif isinstance(error, sqlite3.OperationalError):
        status, sentence = 503, "The site cannot save anything at the moment. Nothing was changed."
    elif isinstance(error, StarletteHTTPException):
        if error.headers and "Location" in error.headers:
            return Response(status_code=error.status_code, headers=error.headers)
        status = error.status_code
        sentence = error.detail if isinstance(error, HTTPException) and error.detail not in _PHRASES else ""
    agora: Agora = request.app.state.agora
    parts = {"status": status, "sentence": sentence or WORDS.get(status, "That did not work.")}
    return agora.templates.TemplateResponse(request, "error.html", parts, status_code=status)


_PHRASES = {"Not Found", "Gone", "Method Not Allowed", "Unavailable For Legal Reasons"}


def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(directory=HERE / "templates")
    templates.env.filters["when"] = lambda at: datetime.fromisoformat(at).strftime("%-d %B %Y, %H:%M UTC")
    templates.env.filters["clock"] = lambda at: datetime.fromisoformat(at).strftime("%H:%M:%S UTC")
    templates.env.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    return templates
