"""What a Matrix event says and points to, and the links by which people name it.

Owns: reading the content of events, of whatever type; matrix: and matrix.to links.
Promises: pure; every string that a client may show is found, in whatever key it stands; nothing outside the Matrix
grammar becomes an address.
Never does: input or output.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from beffroi.ground.kernel.limits import MATRIX_DEPTH_MAX, MEDIA_PER_ITEM_MAX, PLATFORM_ID_CHARS_MAX

_FILE: Final = re.compile(r"mxc://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/[A-Za-z0-9_-]{1,255}")
"""Matrix specification, content repository: server name and opaque id."""
_TAGS: Final = re.compile(r"<[^>]*>")
_FILE_NAME: Final = re.compile(r"[\w().-]{1,120}\.\w{1,5}")
"""What says no more than which file it is; anything with a space in it may be a sentence."""
_NOT_WORDS: Final = frozenset(
    ("msgtype", "format", "mimetype", "url", "thumbnail_url", "rel_type", "event_id", "m.mentions", "m.in_reply_to")
)
_NAMES: Final = frozenset(("filename", "body"))
_ID: Final = r"[^/?#&\s]+"
_MATRIX_TO: Final = re.compile(rf"https://matrix\.to/#/({_ID})/({_ID})(?:\?.*)?")
_MATRIX_URI: Final = re.compile(rf"matrix:(roomid|r)/({_ID})/e/({_ID})(?:\?.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """An event and the room it stands in; a room may be named by its alias (`#…`)."""

    room: str
    event: str


def words_of(content: Mapping[str, Any], *, names: bool = True) -> tuple[str, ...]:
    """Every string a client may show, each once; without `names`, plain names of files are left out."""
    found = dict.fromkeys(text for key, value in _strings(content) if (text := _shown(key, value).strip()))
    if names or not files_of(content):
        return tuple(found)
    only_names = {value.strip() for key, value in _strings(content) if key in _NAMES and _FILE_NAME.fullmatch(value)}
    return tuple(text for text in found if text not in only_names)


def files_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Every mxc address in it, in the order of its keys, each once; also those inside HTML and running text."""
    found = dict.fromkeys(match[0] for _, value in _strings(content) for match in _FILE.finditer(value))
    return tuple(found)[:MEDIA_PER_ITEM_MAX]


def place_of(url: str) -> Place | None:
    """Where a matrix: URI (specification, appendix "URIs") or a matrix.to link leads; None if not to an event."""
    written = url.strip()
    if link := _MATRIX_TO.fullmatch(written):
        return _place(unquote(link[1]), unquote(link[2]))
    if uri := _MATRIX_URI.fullmatch(written):
        sigil = "!" if uri[1].lower() == "roomid" else "#"
        return _place(sigil + unquote(uri[2]), "$" + unquote(uri[3]))
    return None


def link_to(room: str, event: str) -> str:
    """The matrix: URI of an event in a room (by its id)."""
    return f"matrix:roomid/{quote(room.removeprefix('!'), safe=':')}/e/{quote(event.removeprefix('$'), safe=':')}"


def _place(room: str, event: str) -> Place | None:
    is_place = room[:1] in {"!", "#"} and event.startswith("$") and len(event) <= PLATFORM_ID_CHARS_MAX
    return Place(room, event) if is_place else None


def _strings(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """`(key, string)` of everything inside, depth first."""
    if isinstance(value, str):
        yield key, value
    elif depth < MATRIX_DEPTH_MAX:
        if isinstance(value, Mapping):
            for inner, each in value.items():
                yield from _strings(each, str(inner), depth + 1)
        elif isinstance(value, list | tuple):
            for each in value:
                yield from _strings(each, key, depth + 1)


def _shown(key: str, value: str) -> str:
    if key in _NOT_WORDS:
        return ""
    return html.unescape(_TAGS.sub("", value)) if key == "formatted_body" else value
