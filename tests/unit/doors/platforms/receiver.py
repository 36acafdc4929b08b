"""A platform's webhook receiver on loopback: it verifies as receivers do, and then behaves or does not."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

from tests.attack.ssrf.traps import Trap, answer, read_request

Behave = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Received:
    """One message: its header fields in lower case, its bytes, whether the signature was good."""

    headers: dict[str, str]
    body: bytes
    verified: bool

    @property
    def message(self) -> Any:
        return json.loads(self.body)


def split(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Request line, header fields in lower case, body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, body


def replies(status: str = "200 OK", body: bytes = b"", *lines: str) -> Behave:
    return lambda connection: connection.sendall(answer(body, *lines, status=status))


@dataclass
class Receiver:
    """Answers webhooks as `behave` says; pages of items answer with `pages[path]`, else 404."""

    secret: str
    behave: Behave = field(default_factory=lambda: replies(body=b'{"outcome":"done"}'))
    pages: dict[str, bytes] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    looked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._trap = Trap(self._serve)

    def __enter__(self) -> Self:
        self._trap.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._trap.__exit__()

    @property
    def pair(self) -> str:
        return self._trap.pair

    @property
    def hook_url(self) -> str:
        return self._trap.url("/hook")

    def url(self, path: str) -> str:
        return self._trap.url(path)

    def _serve(self, connection: socket.socket) -> None:
        first, headers, body = split(read_request(connection))
        method, path, _ = first.split(" ")
        if method == "GET":
            self.looked.append(headers)
            connection.sendall(self.pages.get(path, answer(b"not here", status="404 Not Found")))
            return
        self.received.append(Received(headers, body, self._verifies(headers, body)))
        if self.received[-1].verified:
            self.behave(connection)
        else:
            connection.sendall(answer(b"", status="401 Unauthorized"))

    def _verifies(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True
