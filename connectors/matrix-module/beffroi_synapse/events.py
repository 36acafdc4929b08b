"""What an event says and points to, and how the node is asked about it.

Owns: which events are asked about, the shape of a question, and whether a room is open.
Promises: pure; every string that a client may show is handed over, in whatever key it stands, and every file that any
of them names.
Never does: judge what it says.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

ASKED = frozenset(
    (
        "m.room.message",
        "m.sticker",
        "m.reaction",
        "m.poll.start",
        "org.matrix.msc3381.poll.start",
        "m.room.name",
        "m.room.topic",
        "m.room.avatar",
    )
)
"""What people write and show. Redactions, bans, policies, memberships and ciphertext are not among it."""
FILES_MAX = 32
"""Files the node takes with one item."""
_FILE = re.compile(r"mxc://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/[A-Za-z0-9_-]{1,255}")
_TAGS = re.compile(r"<[^>]*>")
_NOT_WORDS = frozenset(
    ("msgtype", "format", "mimetype", "url", "thumbnail_url", "rel_type", "event_id", "m.mentions", "m.in_reply_to")
)
_DEPTH_MAX = 16
_TEXT_CHARS_MAX = 200_000


def words_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Every string a client may show, each once."""
    return tuple(dict.fromkeys(text for key, value in _strings(content) if (text := _shown(key, value).strip())))


def files_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Every mxc address in it, each once; also those inside HTML and running text."""
    return tuple(dict.fromkeys(match[0] for _, value in _strings(content) for match in _FILE.finditer(value)))


def question(event: Any, *, is_local: bool) -> dict[str, Any]:
    """The item that an event is, as the node's API wants it, without its files."""
    relates = event.content.get("m.relates_to")
    parent = relates.get("event_id") if isinstance(relates, Mapping) else None
    return {
        "platform_id": event.event_id,
        "account": {"platform_id": event.sender},
        "kind": "post",
        "visibility": "public",
        "origin": "local" if is_local else "remote",
        "text": "\n".join(words_of(event.content))[:_TEXT_CHARS_MAX],
        "url": link_to(event.room_id, event.event_id),
        "parent": parent if isinstance(parent, str) and 0 < len(parent) <= 255 else None,  # noqa: PLR2004 (Matrix's)
        "thread": event.room_id,
        "posted_at": datetime.fromtimestamp(event.origin_server_ts / 1000, UTC).isoformat(),
    }


def link_to(room: str, event: str) -> str:
    """The matrix: URI of an event (Matrix specification, appendix "URIs")."""
    return f"matrix:roomid/{quote(room.removeprefix('!'), safe=':')}/e/{quote(event.removeprefix('$'), safe=':')}"


def likeness(event: Any) -> str:
    """The same for the same words and files by the same person in the same room: sent again after a refusal."""
    said = json.dumps([*words_of(event.content), *files_of(event.content)], ensure_ascii=True)
    return hashlib.sha256(f"{event.room_id}\n{event.sender}\n{event.type}\n{said}".encode()).hexdigest()


def is_open(join_rules: Any, history: Any) -> bool:
    """Whether anybody may join, or read without joining; both are the room's state events or None."""
    rule = join_rules.content.get("join_rule") if join_rules is not None else None
    visibility = history.content.get("history_visibility") if history is not None else None
    return rule == "public" or visibility == "world_readable"


def _strings(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif depth < _DEPTH_MAX:
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
