"""Static files: style, modules, mark, under a path that names their content.

Owns: `static/` and its address `/static/<digest>/…`; one digest over all of it, so that modules import
each other by relative names.
Promises: what stands under a digest never changes, so browsers keep it for a year; only these files are served.
Never does: read a path that a visitor wrote.
"""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_DIGEST_CHARS = 16
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    body: bytes
    media_type: str


def load(folder: Traversable) -> dict[str, StaticFile]:
    """Every file of `folder` by name; a kind of file that is not listed in `_TYPES` is left out."""
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _TYPES:
            found[entry.name] = StaticFile(entry.read_bytes(), _TYPES[suffix])
    return found


def digest(loaded: dict[str, StaticFile]) -> str:
    """The name of this content: 64 bits of SHA-256 in hex over names and bytes."""
    state = sha256()
    for name, file in loaded.items():
        state.update(f"{name}\0{len(file.body)}\0".encode() + file.body)
    return state.hexdigest()[:_DIGEST_CHARS]


FILES = load(files("beffroi.doors.web") / "static")
PREFIX = f"/static/{digest(FILES)}"


def static_url(name: str) -> str:
    """The address of a file; a name that does not exist is a mistake of ours and raises `KeyError`."""
    _ = FILES[name]
    return f"{PREFIX}/{name}"


def serve(request: Request) -> Response:
    """The file, or 404; an old digest gets 404 too, because its content is gone."""
    name, asked = request.path_params["name"], request.path_params["digest"]
    if name not in FILES or not PREFIX.endswith(f"/{asked}"):
        return Response(status_code=404)
    file = FILES[name]
    return Response(file.body, media_type=file.media_type, headers={"Cache-Control": _FOREVER})


def favicon(_request: Request) -> Response:
    """Browsers ask for it whatever the page says."""
    return Response(FILES["mark.svg"].body, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


ROUTES = (
    Route("/static/{digest}/{name}", serve, methods=["GET"]),
    Route("/favicon.ico", favicon, methods=["GET"]),
)
