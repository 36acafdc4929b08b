"""A mail server for tests: RFC 5321 over a real socket, which keeps what it is handed, or refuses it as told.

Owns: `MailBox`.
Promises: listens on loopback alone; every answer can be set for the next command of its name.
Never does: deliver anything.
"""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any


@dataclass
class MailBox:
    """What arrived, and what to answer: `says` by command (`MAIL`, `RCPT`, `DATA`, `.`); `hangs_up` after one."""

    port: int = 0
    came: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    hangs_up: str = ""
    user: str = ""
    tls: ssl.SSLContext | None = None

    @property
    def messages(self) -> list[EmailMessage]:
        """What arrived, read."""
        return [message_from_bytes(raw, policy=default) for raw in self.came]  # type: ignore[misc]


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"
    timeout = 10

    def handle(self) -> None:
        box, sender, to = self.server.box, "", ""
        self._say("220 mail.example ready")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line.split(" ")[0].upper()
            if verb == "STARTTLS" and box.tls is not None:
                self._say("220 go ahead")
                self.connection = box.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                continue
            if verb == "EHLO":
                self._say(
                    f"250-mail.example\r\n250{'-STARTTLS' if box.tls else ' 8BITMIME'}"
                    + ("\r\n250 8BITMIME" if box.tls else "")
                )
                continue
            sender = line.partition(":")[2] if verb == "MAIL" else sender
            to = line.partition(":")[2] if verb == "RCPT" else to
            if box.hangs_up == verb:
                return
            if verb == "DATA" and "DATA" not in box.says:
                self._say("354 go on")
                letter = self._read()
                if box.hangs_up == ".":
                    return
                if "." not in box.says:
                    box.came.append(letter)
                    box.envelopes.append((sender, to))
                self._say(box.says.get(".", "250 taken"))
                continue
            self._say("221 bye" if verb == "QUIT" else box.says.get(verb, "250 fine"))
            if verb == "QUIT":
                return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def _read(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off is what some tests are about."""

    def __init__(self, box: MailBox) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.box = box


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailBox]:
    """A mail server on a free port of loopback."""
    box = MailBox(tls=tls)
    with _Server(box) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
