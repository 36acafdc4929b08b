"""The node as seen from inside Synapse: a few calls over HTTP, none of which holds the reactor.

Owns: the API key in use, the bodies of requests, and reading answers.
Promises: bodies are made in a thread; a call ends in an answer of a known shape or in `Silent`.
Never does: wait longer than its caller allows; time limits are the caller's.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from synapse.module_api import ModuleApi, make_deferred_yieldable
from twisted.internet.defer import CancelledError
from twisted.web.client import readBody
from twisted.web.http_headers import Headers

VERDICTS = ("allow", "hold", "reject", "unknown")
INLINE_BYTES_MAX = 5 * 2**20
"""Files that travel inside the question, in all; base64 makes a third more of it, and the node takes 8 MiB of JSON."""
FILE_BYTES_MAX = 64 * 2**20
"""One file that the node takes."""
_OK = 200
_CREATED = 201
_FINAL = frozenset((400, 404, 409, 413, 415, 422))


class Silent(Exception):
    """No usable answer. `is_final`: the same question will get no other."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        """`why` is for the log and holds nothing that was posted."""
        super().__init__(why)
        self.is_final = is_final


@dataclass(frozen=True)
class File:
    """A file of a message: its mxc address, its type, its bytes."""

    mxc: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """A verdict: allow, hold, reject or unknown, with the link to the statement of reasons."""

    verdict: str
    statement_url: str | None
    until: str | None


class Node:
    """One node, one key."""

    def __init__(self, url: str, api_key: str, api: ModuleApi) -> None:
        """`url` without a slash at its end."""
        self._url, self._key, self._api = url, api_key, api

    async def screen(self, item: dict[str, Any], files: Sequence[File], deadline_ms: int) -> Answer:
        """Ask about one item.

        Raises:
            Silent: no verdict.

        """
        body = await self._with_files({"deadline_ms": deadline_ms, "item": item}, item, files)
        said = await self._call("POST", "/api/v1/screen", body)
        if said.get("verdict") not in VERDICTS:
            raise Silent("the answer holds no verdict")
        return Answer(said["verdict"], _link(said.get("statement_url")), said.get("until"))

    async def screen_later(self, name: str, item: dict[str, Any], files: Sequence[File]) -> None:
        """Hand over what is public already; nobody waits, and no rule acts on it."""
        page = {"cursor": item["platform_id"], "items": [item]}
        body = await self._with_files(page, item, files)
        await self._call("PUT", f"/api/v1/backfill/{quote(name, safe='')}", body)

    async def tell(self, event: dict[str, Any], about: dict[str, Any], files: Sequence[File] = ()) -> None:
        """Report what is no post; a file of it becomes the avatar of `about`."""
        if files:
            about["avatar"] = (await self._given(files))[0]
        await self._call("POST", "/api/v1/events", json.dumps(event).encode())

    async def charter(self) -> dict[str, str]:
        """Per kind, `text` and `media`: what no verdict means."""
        fail = (await self._call("GET", "/api/v1/charter", None)).get("fail")
        if not isinstance(fail, dict):
            raise Silent("the answer holds no charter")
        return {kind: "closed" if fail.get(kind) == "closed" else "open" for kind in ("text", "media")}

    async def _with_files(self, body: dict[str, Any], item: dict[str, Any], files: Sequence[File]) -> bytes:
        item["media"] = await self._given(files)
        return await self._api.defer_to_thread(lambda: json.dumps(body).encode())

    async def _given(self, files: Sequence[File]) -> list[dict[str, str]]:
        """The files as the API wants them: inside the question while they are small, sent ahead otherwise."""
        is_inline = sum(len(file.content) for file in files) <= INLINE_BYTES_MAX
        return [await (self._inline(file) if is_inline else self._ahead(file)) for file in files]

    async def _inline(self, file: File) -> dict[str, str]:
        read = await self._api.defer_to_thread(lambda: base64.b64encode(file.content).decode())
        return {"platform_id": file.mxc, "media_type": file.media_type[:100], "data": read}

    async def _ahead(self, file: File) -> dict[str, str]:
        said = await self._call("POST", "/api/v1/media", file.content, "application/octet-stream")
        return {"platform_id": file.mxc, "media_type": file.media_type[:100], "blob": str(said.get("blob"))}

    async def _call(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> dict[str, Any]:
        headers = Headers({"Authorization": [f"Bearer {self._key}"], "Content-Type": [kind]})
        try:
            response = await self._api.http_client.request(method, self._url + path, body, headers)
            raw = await make_deferred_yieldable(readBody(response))
        except CancelledError:  # by the caller's time limit, which says so itself
            raise
        except Exception as error:  # noqa: BLE001 (whatever the network does means the same)
            raise Silent(f"no answer: {type(error).__name__}") from None
        if response.code not in {_OK, _CREATED}:
            raise Silent(f"answered {response.code}", is_final=response.code in _FINAL)
        try:
            said = json.loads(raw)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Silent("the answer is not a JSON object")
        return said


def _link(url: Any) -> str | None:
    """`url` when it is a web address; what else stands in an answer must never become a link."""
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None
