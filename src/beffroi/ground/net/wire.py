"""One request's connection: resolved by us, checked, made to the checked address, metered.

Owns: `Gate`, the network side of one request (a backend of httpcore), and its `Deadline`.
Promises: what httpcore hands over as host is resolved once, every address is judged, and the socket is connected
to one of exactly those, so that a name that changes its mind in between changes nothing; `sent` is true from the
moment the first byte of a request might have left; no read or write outlives the deadline.
Never does: reuse a connection for a second request, open a Unix socket.
"""

import socket
import ssl
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from ..kernel.clock import Clock
from ..kernel.errors import ensure
from ..kernel.limits import (
    OUTBOUND_CONNECT_S_MAX,
    OUTBOUND_CONNECTS_MAX,
    OUTBOUND_HEAD_BYTES_MAX,
    OUTBOUND_READ_S_MAX,
)
from .addresses import Address
from .errors import AnswerTooLarge, Blocked
from .lookup import Lookups
from .policy import Policy, Target, literal

_FRAMING_BYTES = 4096
"""Status line, colons and line ends, which the limit on a head's names and values does not count."""


class Deadline:
    """The end of one call, on the monotonic clock."""

    def __init__(self, clock: Clock, total_s: float) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._total_s = total_s

    def left_s(self, at_most: float) -> float:
        """Seconds left, `at_most` so many.

        Raises:
            httpcore.TimeoutException: none are left.

        """
        left = self._total_s - self.elapsed_s()
        if left <= 0:
            raise httpcore.TimeoutException("the call's total time is over")
        return min(left, at_most)

    def elapsed_s(self) -> float:
        """Seconds since the call began."""
        return self._clock.monotonic() - self._began


class Gate(httpcore.NetworkBackend):
    """The way out for one request to `target`."""

    def __init__(self, policy: Policy, target: Target, lookups: Lookups, deadline: Deadline) -> None:
        self._policy = policy
        self._target = target
        self._lookups = lookups
        self.deadline = deadline
        self._stream: httpcore.NetworkStream | None = None
        self.where = target.where
        self.sent = False
        self.read_bytes = 0
        self.read_bytes_max = OUTBOUND_HEAD_BYTES_MAX + _FRAMING_BYTES

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the checked addresses of `host`; httpcore's own timeout gives way to the deadline.

        Raises:
            Blocked: any address of the host is closed, not only the one we would have taken.
            Unreachable: there are none.

        """
        del timeout, local_address
        ensure((host, port) == self._target.pair, "wrong-target", "httpcore asks for another host than the request's")
        addresses = self._checked_addresses()
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses[:OUTBOUND_CONNECTS_MAX]:
            try:
                self._stream = self._connected(address, socket_options)
                return Metered(self._stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Never.

        Raises:
            Blocked: always.

        """
        del path, timeout, socket_options
        raise Blocked("unix-socket", self.where)

    def close(self) -> None:
        """Close the connection, if there is one; closing twice is fine."""
        if self._stream is not None:
            self._stream.close()

    def _checked_addresses(self) -> tuple[Address, ...]:
        host, port = self._target.pair
        itself = literal(host)
        found = (itself,) if itself else self._lookups.addresses(host, port, self.connect_s())
        return tuple(self._policy.admit_address(self._target, address) for address in found)

    def _connected(
        self, address: Address, socket_options: Iterable[httpcore.SOCKET_OPTION] | None
    ) -> httpcore.NetworkStream:
        stream = httpcore.SyncBackend().connect_tcp(
            str(address), self._target.port, timeout=self.connect_s(), socket_options=socket_options
        )
        reached = ip_address(stream.get_extra_info("server_addr")[0])
        if reached != address:
            stream.close()
        ensure(reached == address, "wrong-address", "the socket is connected to another address than the checked one")
        return stream

    def connect_s(self) -> float:
        """Seconds that one step of connecting may take now."""
        return self.deadline.left_s(OUTBOUND_CONNECT_S_MAX)

    def read_s(self) -> float:
        """Seconds that one read or write may take now."""
        return self.deadline.left_s(OUTBOUND_READ_S_MAX)


class Metered(httpcore.NetworkStream):
    """A stream under its gate's deadline and byte count; `plain` carries a TLS handshake, not yet the request."""

    def __init__(self, plain: httpcore.NetworkStream, gate: Gate) -> None:
        self._plain = plain
        self._gate = gate

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next piece.

        Raises:
            AnswerTooLarge: the bytes allowed so far are used up and more are wanted.

        """
        del timeout
        gate = self._gate
        room = gate.read_bytes_max - gate.read_bytes
        if room <= 0:
            raise AnswerTooLarge("answer-too-large", gate.where)
        piece = self._plain.read(min(max_bytes, room), gate.read_s())
        gate.read_bytes += len(piece)
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, and remember that we did, even where the writing fails half way.

        Not through the stream's own `write`, whose time begins again with every piece a slow reader takes.
        """
        del timeout
        connection = self._plain.get_extra_info("socket")
        rest = memoryview(buffer)
        while rest:
            connection.settimeout(self._gate.read_s())
            self._gate.sent = True
            rest = rest[_send(connection, rest) :]

    def close(self) -> None:
        """Close the socket."""
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The stream under TLS; the certificate must be `server_hostname`'s."""
        del timeout
        secured = self._plain.start_tls(ssl_context, server_hostname, self._gate.connect_s())
        return Metered(secured, self._gate)

    def get_extra_info(self, info: str) -> Any:
        """What the socket knows about itself."""
        return self._plain.get_extra_info(info)


def _send(connection: socket.socket, rest: memoryview) -> int:
    try:
        return connection.send(rest)
    except TimeoutError as error:
        raise httpcore.WriteTimeout("the other side stopped reading") from error
    except OSError as error:
        raise httpcore.WriteError("the connection broke while sending") from error
