"""A real site on loopback, and a stand-in for a node that can be slow, down, or lie.

Owns: `Site`, `StandInNode`, and how they are started.
Promises: the site under test is the one that `python -m examples.agora` serves; only the node is played.
Never does: replace the real node in end-to-end tests.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from standardwebhooks import Webhook

from examples.agora.options import Options
from examples.agora.site import build

SECRET = "whsec_" + "YWdvcmEtdGVzdHMtdXNlLXRoaXMtc2VjcmV0LW9ubHk="
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ALLOW: dict[str, Any] = {"verdict": "allow", "item": "itm_1", "version": 1, "reasons": [], "rule": None}


def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something becomes true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)


@dataclass
class StandInNode:
    """Speaks the node's contract. Change `says` and `status`; clear `gate` to make it wait; `stop` and `start`."""

    says: Callable[[dict[str, Any]], Any] = lambda body: ALLOW
    event: dict[str, Any] = field(default_factory=lambda: {"accepted": True})
    fail: dict[str, str] = field(default_factory=lambda: {"text": "open", "media": "open"})
    status: int = 200
    heard: list[tuple[str, Any]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        node = self
        self.gate.set()

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                node.gate.wait(20)
                if self.headers["Authorization"] != "Bearer key":
                    self._answer(401, {"code": "unauthenticated"})
                elif self.path == "/api/v1/media":
                    node.heard.append(("media", raw))
                    self._answer(201, {"blob": "b" * 64, "size_bytes": len(raw)})
                else:
                    body = json.loads(raw)
                    node.heard.append((self.path.rpartition("/")[2], body))
                    answer = node.says(body) if self.path.endswith("screen") else node.event
                    self._answer(node.status, answer)

            def do_GET(self) -> None:
                self._answer(200, {"fail": node.fail})

            def _answer(self, status: int, body: Any) -> None:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                pass  # a caller that gave up waiting

        self._server = Server(("127.0.0.1", self.port), Door)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.gate.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self) -> list[dict[str, Any]]:
        return [body for kind, body in self.heard if kind == "screen"]

    def told(self) -> list[dict[str, Any]]:
        return [body for kind, body in self.heard if kind == "events"]


class Site:
    """A running site. `client` is nobody; `member` is somebody; `hook` is the node calling."""

    _webhooks = count(1)

    def __init__(self, url: str, app: Any) -> None:
        self.url, self.app = url, app
        self.client = self._client()
        self._clients = [self.client]

    def member(self, name: str = "Mara") -> httpx.Client:
        client = self._client()
        self._clients.append(client)
        assert client.post("/login", data={"name": name}).status_code == 303
        return client

    def post(self, member: httpx.Client, text: str = "A kettle.", picture: bytes | None = None) -> str:
        """The path of a new post."""
        files = {"picture": ("../../x.html", picture, "text/html")} if picture else None
        answer = member.post("/posts", data={"text": text}, files=files)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def status(self, path: str, **headers: str) -> int:
        """As a logged-out visitor sees it."""
        return self.client.get(path, headers=headers).status_code

    def hook(self, kind: str, about: dict[str, Any], *, key: str = "", at: datetime | None = None) -> httpx.Response:
        at = at or datetime.now(UTC)
        raw = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": about})
        return self.send(raw, key or f"msg_{next(self._webhooks)}")

    def send(self, raw: str, key: str, *, secret: str = SECRET, at: datetime | None = None) -> httpx.Response:
        return self.client.post("/hooks/beffroi", content=raw, headers=self.sign(raw, key, secret=secret, at=at))

    @staticmethod
    def sign(raw: str, key: str, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
        at = at or datetime.now(UTC)
        signature = Webhook(secret).sign(key, at, raw)
        return {"webhook-id": key, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=20, verify=False)  # noqa: S501 - plain HTTP


class Server(uvicorn.Server):
    """Looks every hundredth of a second, not every tenth, whether it shall stop."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await self.on_tick(0)
            await asyncio.sleep(0.01)


@contextmanager
def running(folder: Path, node_url: str | None = None, **more: Any) -> Iterator[Site]:
    """The site on a free port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings: dict[str, Any] = {"sample": False, "api_key": "key", "hook_secret": SECRET} | more
        options = Options(folder=folder, port=0, public_url=url, node_url=node_url, **settings)
        app = build(options, pause_s_first=0.05)
        server = Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        site = Site(url, app)
        try:
            until(lambda: server.started)
            yield site
        finally:
            site.close()
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()
