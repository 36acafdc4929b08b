"""The node as seen from here: five calls over HTTP.

Owns: the API key in use, time-outs, and telling apart what a failed call means.
Promises: every call ends in an answer of a known shape, `Silent` (ask again later) or `Refused` (never ask again).
Never does: decide what an answer means for a post; that is `screening`.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

import httpx

VERDICTS = ("allow", "hold", "reject", "unknown")
FINAL_STATUSES = frozenset({400, 409, 413, 415, 422})
"""Answers about this very message. Any other failure (a wrong key or address, overload, a restart) may pass."""
ANSWER_BYTES_MAX = 2**20
FINAL_CODES = frozenset({"no-such-item"})
"""A 404 may be a wrong address, which somebody will correct; this one is about the message."""
CONNECT_S_MAX = 2.0

Fail = Literal["open", "closed"]


class Silent(Exception):
    """No usable answer; ask again. `is_down`: nobody opened at all. `wait_s`: it asked for a pause."""

    def __init__(self, why: str, *, is_down: bool = False, wait_s: float = 0) -> None:
        """`why` is a sentence for the integration page."""
        super().__init__(why)
        self.is_down = is_down
        self.wait_s = wait_s


class Refused(Exception):
    """The node understood and will never take this message; `problem` says why (RFC 9457)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        """`problem`: the node's own words."""
        super().__init__(str(problem.get("detail") or problem.get("title") or "refused"))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict: allow, hold, reject or unknown. `raw` is the whole JSON, for the integration page."""

    verdict: str
    reason: str | None
    until: str | None
    statement_url: str | None
    raw: dict[str, Any]


class Node:
    """One node, one key. Safe to use from several threads."""

    def __init__(self, url: str, api_key: str) -> None:
        """`url` without a trailing slash."""
        self.url = url
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": "agora/1"},
            trust_env=False,
            follow_redirects=False,
        )

    def screen(self, body: dict[str, Any], deadline_ms: int) -> Answer:
        """Ask about one item. The node answers `unknown` when it cannot within `deadline_ms`."""
        timeout_s = deadline_ms / 1000 + 1
        return answer_from(self._call("POST", "/api/v1/screen", timeout_s, json={**body, "deadline_ms": deadline_ms}))

    def upload(self, content: bytes, media_type: str, timeout_s: float) -> str:
        """Hand over a picture; the key (SHA-256) by which a screening request names it."""
        answer = self._call("POST", "/api/v1/media", timeout_s, content=content, headers={"Content-Type": media_type})
        if not isinstance(answer.get("blob"), str):
            raise Silent("the node took the picture and named no blob")
        return str(answer["blob"])

    def tell(self, body: dict[str, Any]) -> dict[str, Any]:
        """Report an event: an item deleted, an account created or changed."""
        return self._call("POST", "/api/v1/events", 10, json=body)

    def charter(self) -> dict[str, Fail]:
        """Per kind of content, `text` and `media`: what no verdict means."""
        fail = self._call("GET", "/api/v1/charter", 5).get("fail")
        fail = fail if isinstance(fail, dict) else {}
        return {kind: "closed" if fail.get(kind) == "closed" else "open" for kind in ("text", "media")}

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _call(self, method: str, path: str, timeout_s: float, **request: Any) -> dict[str, Any]:
        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S_MAX))
        try:
            with self._http.stream(method, path, timeout=timeout, **request) as response:
                content = _read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Silent(f"cannot connect: {error}", is_down=True) from None
        except httpx.HTTPError as error:
            raise Silent(f"{type(error).__name__}: {error}") from None
        return _understand(response, content)


def answer_from(message: dict[str, Any]) -> Answer:
    """The verdict in an answer to `screen`, or in a webhook `verdict.ready`.

    Raises:
        Silent: it holds no verdict we know.

    """
    verdict, reasons = message.get("verdict"), message.get("reasons")
    if verdict not in VERDICTS:
        raise Silent("the answer holds no verdict")
    first = reasons[0] if isinstance(reasons, list) and reasons and isinstance(reasons[0], dict) else {}
    return Answer(
        verdict=str(verdict),
        reason=_text(first.get("message")),
        until=_text(message.get("until")),
        statement_url=link(message.get("statement_url")),
        raw=message,
    )


def link(url: object) -> str | None:
    """`url` when it is a web address; what else stands in a message must never become a link."""
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _read(response: httpx.Response) -> bytes:
    content = b""
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > ANSWER_BYTES_MAX:
            raise Silent("the answer does not end")
    return content


def _understand(response: httpx.Response, content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    answer = answer if isinstance(answer, dict) else None
    if response.is_success and answer is not None:
        return answer
    if response.status_code in FINAL_STATUSES or (answer or {}).get("code") in FINAL_CODES:
        raise Refused(answer or {"status": response.status_code, "title": "refused without a reason"})
    wait = response.headers.get("retry-after", "")
    why = f"answered {response.status_code}" if answer is not None or not response.is_success else "not JSON"
    raise Silent(why, wait_s=min(int(wait), 60) if wait.isdigit() else 0)
