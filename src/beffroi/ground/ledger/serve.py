"""The ledger as the public reads it: a path in, bytes out (C2SP tlog-tiles).

Owns: what stands under `/ledger/`.
Promises: nothing beyond the newest checkpoint is shown; a tile, once shown, never changes.
Never does: HTTP; `doors.public` does.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from beffroi.ground.kernel.errors import Invalid, NotFound

from . import store
from .tiles import TILE_WIDTH, Tile, bundle_bytes, parse_tile, tile_bytes, width_at

_CHECKPOINT_CACHE = "public, max-age=2"
"""It changes at every beat; the specification allows a few seconds."""
_TILE_CACHE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Resource:
    """What to answer with."""

    content: bytes
    media_type: str
    cache_control: str


def resource(conn: Connection, path: str) -> Resource:
    """What stands at `path` below `/ledger/`: `checkpoint`, `tile/…` or `tile/entries/…`.

    Raises:
        NotFound: nothing does, or not yet.

    """
    newest = store.latest_checkpoint(conn)
    if newest is None:
        raise NotFound("no-such-resource", "the ledger has no checkpoint yet")
    if path == "checkpoint":
        return Resource(newest.note.encode(), "text/plain; charset=utf-8", _CHECKPOINT_CACHE)
    try:
        tile = parse_tile(path)
    except Invalid:
        raise NotFound("no-such-resource", "the ledger has nothing of this name") from None
    if tile.width > width_at(tile.level or 0, tile.index, newest.size):
        raise NotFound("no-such-resource", "the log has not grown this far")
    return Resource(_content(conn, tile), "application/octet-stream", _TILE_CACHE)


def _content(conn: Connection, tile: Tile) -> bytes:
    if tile.level is not None:
        return tile_bytes(store.tile_hashes(conn, tile.level, tile.index, tile.width))
    begin = tile.index * TILE_WIDTH
    return bundle_bytes(store.leaves(conn, begin, begin + tile.width))
