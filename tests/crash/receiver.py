"""A platform for crash tests: takes webhooks, applies each key once, and remembers every one it was sent.

Owns: a loopback HTTP server in a thread.
Promises: what it answered 200 to was applied; the same `webhook-id` again is answered `already`.
"""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """The server, and what reached it."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.applied: dict[str, dict[str, object]] = {}
        self._guard = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self._answer(200, json.dumps({"outcome": receiver.take(self.headers["webhook-id"], body)}).encode())

            def do_GET(self) -> None:
                self._answer(410 if receiver.is_hidden(self.path) else 200, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, key: str, body: dict[str, object]) -> str:
        """Apply once."""
        with self._guard:
            self.sent[key] += 1
            if key in self.applied:
                return "already"
            self.applied[key] = body
            return "done"

    def is_hidden(self, path: str) -> bool:
        """Whether the last act on the item at `/p/<id>` took it away."""
        name = path.rpartition("/")[2]
        with self._guard:
            acts = [b["type"] for b in self.applied.values() if _item(b) == name and str(b["type"]).startswith("item.")]
        return bool(acts) and acts[-1] == "item.remove"

    def removed(self) -> list[str]:
        """Platform ids of items it was told to remove, as often as it applied it."""
        with self._guard:
            return [_item(b) for b in self.applied.values() if b["type"] == "item.remove"]

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def _item(body: dict[str, object]) -> str:
    data = body["data"]
    assert isinstance(data, dict)
    item = data.get("item") or {}
    return str(item.get("platform_id", ""))
