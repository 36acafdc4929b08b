"""Tiles: the form in which the tree is published (C2SP tlog-tiles).

Owns: the names of tiles and entry bundles, and their bytes.
Promises: one name per resource; what is not the canonical name is refused.
Never does: read a tile; `store` does.

A tile of level L, index N holds up to 256 hashes of subtrees of height 8·L; an entry bundle holds
up to 256 leaves, each behind its length in two bytes, high byte first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import LEDGER_TILE_LEVEL_MAX

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
_INDEX_CHARS = 28
"""Six groups name 10**18 tiles, more than a tree of 2**63 leaves has."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: `level` (None for an entry bundle), `index`, and `width` 1 to 256 (256: complete)."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, for example `tile/0/x001/x234/067.p/5`."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_index_path(self.index)}{partial}"


def parse_tile(path: str) -> Tile:
    """The tile that a path names.

    Raises:
        Invalid: not a tile path, or not the canonical one.

    """
    found = _PATH.fullmatch(path)
    if found is None or len(found[2]) > _INDEX_CHARS:
        raise Invalid("not-a-tile", "this is not the path of a tile", where="path")
    level = None if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or TILE_WIDTH))
    if tile.path != path or tile.width > TILE_WIDTH or (level or 0) > LEDGER_TILE_LEVEL_MAX:
        raise Invalid("not-a-tile", "this is not the canonical path of a tile", where="path")
    return tile


def width_at(tile_level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * tile_level) - index * TILE_WIDTH))


def tiles_at(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, level by level."""
    level = 0
    while size >> TILE_HEIGHT * level:
        count = size >> TILE_HEIGHT * level
        for index in range(-(-count // TILE_WIDTH)):
            yield Tile(level, index, width_at(level, index, size))
        level += 1


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """The tile's content: its hashes one after another."""
    return b"".join(hashes)


def bundle_bytes(leaves: Sequence[bytes]) -> bytes:
    """The entry bundle's content (each leaf below 64 KiB)."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def parse_bundle(raw: bytes) -> list[bytes]:
    """The leaves in an entry bundle.

    Raises:
        Invalid: it ends inside a leaf.

    """
    leaves, at = [], 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if end > len(raw) or at + 2 > len(raw):
            raise Invalid("bundle-cut-short", f"the entry bundle ends inside the entry at byte {at}")
        leaves.append(raw[at + 2 : end])
        at = end
    return leaves


def _index_path(index: int) -> str:
    """`001`, `x001/234`, `x001/x234/067`: three digits a step, all but the last marked."""
    groups = []
    while True:
        index, rest = divmod(index, 1000)
        groups.append(f"{rest:03d}")
        if not index:
            break
    last, *higher = groups
    return "/".join([f"x{group}" for group in reversed(higher)] + [last])
