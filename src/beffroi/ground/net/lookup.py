"""From a name to its addresses, within a time.

Owns: the system's resolver behind `Resolver`, and `Lookups`, which bounds how long and how many.
Promises: every address of the answer is handed on, so that every one can be checked.
Never does: judge an address, cache an answer.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread

from ..kernel.limits import OUTBOUND_ADDRESSES_MAX, OUTBOUND_LOOKUPS_MAX
from .addresses import Address
from .errors import Blocked, Unreachable

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to textual addresses; raises OSError where there are none."""


def system(host: str, port: int) -> Sequence[str]:
    """What the operating system answers: /etc/hosts, DNS, whatever else it is set up with."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Lookups:
    """Look-ups by one resolver, at most `OUTBOUND_LOOKUPS_MAX` at once."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._free = BoundedSemaphore(OUTBOUND_LOOKUPS_MAX)

    def addresses(self, host: str, port: int, within_s: float) -> tuple[Address, ...]:
        """Every address of `host`, in the resolver's order, each once.

        The resolver cannot be interrupted: after `within_s` its thread is left behind to end by itself.

        Raises:
            Unreachable: `dns-failure`, `dns-timeout` or `dns-busy`.
            Blocked: `too-many-addresses`.

        """
        where = f"{host}:{port}"
        if not self._free.acquire(blocking=False):
            raise Unreachable("dns-busy", where)
        answer: SimpleQueue[Sequence[str] | None] = SimpleQueue()
        Thread(target=self._ask, args=(host, port, answer), name="look-up", daemon=True).start()
        try:
            texts = answer.get(timeout=within_s)
        except Empty:
            raise Unreachable("dns-timeout", where) from None
        if not texts:
            raise Unreachable("dns-failure", where)
        if len(set(texts)) > OUTBOUND_ADDRESSES_MAX:
            raise Blocked("too-many-addresses", where)
        return tuple(ip_address(text) for text in dict.fromkeys(texts))

    def _ask(self, host: str, port: int, answer: SimpleQueue[Sequence[str] | None]) -> None:
        """Runs in its own thread; None stands for every way of failing (UnicodeError: a label is empty or too long)."""
        texts: Sequence[str] | None = None
        try:
            texts = self._resolver(host, port)
        except (OSError, UnicodeError):
            texts = None
        finally:
            self._free.release()
            answer.put(texts)
