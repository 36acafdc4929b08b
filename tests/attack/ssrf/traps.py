"""What the attack tests are made of: servers that misbehave on loopback, and a sentinel at every connect.

The sentinel sees each connect and each name look-up of this process, whoever makes it, and lets it go on.
"""

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import Any, Self

import pytest

Script = Callable[[socket.socket], None]


@dataclass(slots=True)
class Sentinel:
    """The addresses of connects and the names of look-ups, in order, refused ones included."""

    connects: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)

    def watch(self, patch: pytest.MonkeyPatch) -> Self:
        """Stand before the real calls; each still happens (and the suite's audit hook refuses what is not loopback)."""
        connect, look_up = socket.socket.connect, socket.getaddrinfo

        def connecting(connection: socket.socket, address: Any) -> None:
            self.connects.append(str(address[0]))
            connect(connection, address)

        def looking_up(host: Any, *more: Any, **named: Any) -> Any:
            self.lookups.append(str(host))
            return look_up(host, *more, **named)

        patch.setattr(socket.socket, "connect", connecting)
        patch.setattr(socket, "getaddrinfo", looking_up)
        return self


class Trap:
    """A loopback server: plays `script` to each connection and counts what it sent and saw."""

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.bind((host, 0))
        self._listener.listen(64)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._script = script
        self._threads: list[Thread] = []
        self._open: list[socket.socket] = []

    @property
    def pair(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.pair}{path}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)

    def _start(self, run: Callable[[], None]) -> None:
        thread = Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                self._open.append(connection)
                self._start(partial(self._play, connection))

    def _play(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._script(connection)


def read_request(connection: socket.socket) -> bytes:
    """The request up to its empty line, and as much of a body as it announces."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    announced = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(announced[0].split(b":")[1]) if announced else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(raw: bytes, seen: list[bytes] | None = None) -> Script:
    """A server that reads the request, answers `raw` and closes; requests are kept in `seen`."""

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        if seen is not None:
            seen.append(request)
        connection.sendall(raw)

    return script


def answer(body: bytes = b"", *lines: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    head = "".join(f"{line}\r\n" for line in lines)
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def endless(first: bytes, again: bytes, *, pause_s: float = 0.0, sent: list[int] | None = None) -> Script:
    """A server that says `first` and then `again` for ever, or until it is cut off."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.settimeout(pause_s or None)
        connection.sendall(first)
        while True:
            if pause_s:
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(1):
                        return
            connection.sendall(again)
            if sent is not None:
                sent.append(len(again))

    return script


def silent(connection: socket.socket) -> None:
    """A server that takes everything and never says a word."""
    while connection.recv(65536):
        pass


def reset(connection: socket.socket) -> None:
    """A server that reads the request and resets the connection."""
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
