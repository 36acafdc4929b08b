"""One Matrix homeserver as the connector calls it: Synapse's admin API and the client API.

Owns: the calls, whose token each is made with, and what an answer that is not a good one means.
Promises: nothing is sent but through `ground.net`; answers are bounded and read strictly; a bad answer becomes the
outcome that it means to an act.
Never does: repeat a call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from beffroi.content.model import MediaGiven
from beffroi.ground.kernel.errors import BeffroiError
from beffroi.ground.kernel.json import canonical, parse
from beffroi.ground.kernel.limits import (
    MATRIX_ANSWER_BYTES_MAX,
    MEDIA_BYTES_MAX,
    RETRY_AFTER_S_MAX,
    WEBHOOK_TOTAL_S_MAX,
)
from beffroi.ground.net import Answer, Outbound

from .capabilities import Outcome, Refused, Retry, Unknown
from .matrix_events import files_of, words_of

ADMIN: Final = "/_synapse/admin"
CLIENT: Final = "/_matrix/client"
NOBODY: Final = ""
"""The token of a call that is made without one."""
OK: Final = 200
BAD_REQUEST: Final = 400
FORBIDDEN: Final = frozenset({401, 403})
NOT_FOUND: Final = 404
_TOO_MANY: Final = 429


class Failed(Exception):
    """The server answered, and not what was asked for; `outcome` is what that means to an act."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(repr(outcome))
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the server keeps it: with the content that was sent, until a redaction is pruned."""

    id: str
    room: str
    sender: str
    content: Mapping[str, Any]
    sent_at: datetime

    @property
    def files(self) -> tuple[str, ...]:
        """The files it points to, as mxc addresses."""
        return files_of(self.content)

    @property
    def has_words(self) -> bool:
        """Whether something would stay visible with all its files gone."""
        return bool(words_of(self.content, names=False))


class Server:
    """One homeserver and the token of an administrator."""

    def __init__(self, url: str, token: str, outbound: Outbound) -> None:
        """`url` without a slash at its end."""
        self._url, self._token, self._outbound = url, token, outbound

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Answer:
        """One call, with the administrator's token unless another one is given.

        Raises:
            Blocked, Unreachable, UnknownOutcome, AnswerUnreadable: see `ground.net`.

        """
        url, headers = self._url + path, {"Content-Type": "application/json"} | self._credentials(token)
        if method == "GET":
            return self._outbound.get(
                url, headers=headers, body_bytes_max=MATRIX_ANSWER_BYTES_MAX, total_s=WEBHOOK_TOTAL_S_MAX
            )
        send = self._outbound.post if method == "POST" else self._outbound.put
        return send(
            url,
            canonical(dict(body or {})),
            headers=headers,
            body_bytes_max=MATRIX_ANSWER_BYTES_MAX,
            total_s=WEBHOOK_TOTAL_S_MAX,
        )

    def expect(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The same, where only a good answer will do.

        Raises:
            Failed: any other.

        """
        return good(self.ask(method, path, body))

    def event(self, event_id: str) -> Event | None:
        """An event, whoever may see it; None where the server has none of that id."""
        answer = self.ask("GET", f"{ADMIN}/v1/fetch_event/{quoted(event_id)}")
        if answer.status == NOT_FOUND:
            return None
        told = good(answer).get("event")
        if not isinstance(told, dict) or not isinstance(told.get("content"), dict):
            raise Failed(Unknown("answer-malformed"))
        return Event(
            id=event_id,
            room=str(told.get("room_id")),
            sender=str(told.get("sender")),
            content=told["content"],
            sent_at=datetime.fromtimestamp(int(told.get("origin_server_ts") or 0) / 1000, UTC),
        )

    def is_redacted(self, event: Event) -> bool:
        """Whether members see the event without its content."""
        path = f"{ADMIN}/v1/rooms/{quoted(event.room)}/context/{quoted(event.id)}?limit=0"
        shown = self.expect("GET", path).get("event")
        return isinstance(shown, dict) and "redacted_because" in (shown.get("unsigned") or {})

    def is_open(self, room: str) -> bool:
        """Whether anybody may join or read it; only then what is said there is public."""
        answer = self.ask("GET", f"{ADMIN}/v1/rooms/{quoted(room)}")
        told = body_of(answer) if answer.status == OK else {}
        return told.get("join_rules") == "public" or told.get("history_visibility") == "world_readable"

    def file(self, mxc: str) -> MediaGiven:
        """A file; without bytes where it cannot be had."""
        url = self._url + download_path(mxc)
        try:
            answer = self._outbound.get(url, headers=self._credentials(None), body_bytes_max=MEDIA_BYTES_MAX)
        except BeffroiError:
            return MediaGiven(mxc)
        content = answer.body if answer.status == OK else None
        return MediaGiven(mxc, (answer.header("content-type") or "")[:100], content)

    def shows_file(self, mxc: str, token: str) -> bool | None:
        """Whether the holder of `token` gets the file; None where the answer proves nothing."""
        url = self._url + download_path(mxc)
        answer = self._outbound.get(url, headers=self._credentials(token), body_bytes_max=0)
        return {OK: True, NOT_FOUND: False}.get(answer.status)

    def shows_words(self, event: Event, token: str) -> bool | None:
        """Whether the holder of `token` reads what it says; None where they cannot look into the room at all."""
        room = f"{CLIENT}/v3/rooms/{quoted(event.room)}"
        if self.ask("GET", f"{room}/state/m.room.history_visibility/", token=token).status != OK:
            return None
        answer = self.ask("GET", f"{room}/event/{quoted(event.id)}", token=token)
        content = None if answer.status == NOT_FOUND else good(answer).get("content")
        return bool(words_of(content, names=False)) if isinstance(content, dict) else False

    def _credentials(self, token: str | None) -> dict[str, str]:
        used = self._token if token is None else token
        return {"Authorization": f"Bearer {used}"} if used else {}


def good(answer: Answer) -> Mapping[str, Any]:
    """The body of a good answer.

    Raises:
        Failed: any other, with what it means to an act.

    """
    said = body_of(answer)
    if answer.status // 100 == 2:  # noqa: PLR2004 (HTTP's own number)
        return said
    code = said.get("errcode")
    reason = f"status-{answer.status}" + (f" {code}"[:60] if isinstance(code, str) else "")
    if answer.status == _TOO_MANY:
        pause = said.get("retry_after_ms")
        seconds = min(int(pause / 1000) + 1, RETRY_AFTER_S_MAX) if isinstance(pause, int | float) else None
        raise Failed(Retry(reason, seconds))
    if answer.status // 100 == 4:  # noqa: PLR2004
        raise Failed(Refused(reason, final=answer.status not in FORBIDDEN))  # another token mends those
    raise Failed(Retry(reason))


def body_of(answer: Answer) -> Mapping[str, Any]:
    """The JSON object of an answer; empty where there is none."""
    try:
        said = parse(answer.body, size_max=MATRIX_ANSWER_BYTES_MAX)
    except BeffroiError:
        return {}
    return said if isinstance(said, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a JSON array; nothing where it is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, Iterable) else []


def download_path(mxc: str) -> str:
    """Where the client API serves a file."""
    return f"{CLIENT}/v1/media/download/{mxc_path(mxc)}"


def mxc_path(mxc: str) -> str:
    """`server/id` of an mxc address, quoted for a path."""
    server, _, media = mxc.removeprefix("mxc://").partition("/")
    return f"{quoted(server)}/{quoted(media)}"


def quoted(part: str) -> str:
    """One segment of a path."""
    return quote(part, safe="")
