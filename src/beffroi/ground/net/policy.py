"""What may be called: schemes, ports, hosts, and the operator's own.

Owns: reading a URL into a `Target` (one WHATWG parse, the only one), and `Policy`, which admits or blocks it.
Promises: after `read_url`, `0x7f.1`, `2130706433` and `①②⑦.⓪.⓪.①` all are `127.0.0.1`; nothing parses the URL again.
Never does: resolve names; addresses are judged where the connection is made (`wire`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self

import ada_url

from ..kernel.errors import Invalid
from ..kernel.limits import URL_CHARS_MAX
from .addresses import Address, Allowed, verdict
from .errors import Blocked

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HIGH_PORT_MIN = 1024
_PAIR = re.compile(r"(?P<host>[^*:/?#@\s]+|\[[0-9a-fA-F:.]+\]):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, in the normal form of the WHATWG URL standard."""

    scheme: str
    host: str
    """ASCII, lower case, IDN as punycode, IPv6 without brackets."""
    port: int
    path: str
    """Path and query as they stand on the request line."""
    href: str
    """The whole address without its fragment."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port (RFC 6454)."""
        return self.scheme, self.host, self.port

    @property
    def pair(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def where(self) -> str:
        """`host:port`, for people and errors."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the Host field: the port only where it is not the scheme's own."""
        return _bracketed(self.host) if self.port == _DEFAULT_PORTS[self.scheme] else self.where


@dataclass(frozen=True, slots=True)
class Policy:
    """What one node may call. The default is the public internet over https on port 443."""

    own: frozenset[tuple[str, int]] = frozenset()
    """The operator's own `(host, port)` pairs: plain http, any port and private addresses are open to exactly these."""
    plain_hosts: frozenset[str] = frozenset()
    """Public hosts that may be called over plain http."""
    high_ports: bool = False
    """Whether ports from 1024 are open besides 80 and 443."""
    authorities_pem: str = field(default="", repr=False)
    """Certificates of further authorities to trust, in PEM, besides the public ones."""

    @classmethod
    def read(
        cls,
        *,
        own: Iterable[str] = (),
        plain_hosts: Iterable[str] = (),
        high_ports: bool = False,
        authorities_pem: str = "",
    ) -> Self:
        """The policy of settings: `own` as `host:port`, hosts as people write them.

        Raises:
            Invalid: an entry is not exactly a host and a port, or not exactly a host.

        """
        pairs = frozenset(_read_pair(text) for text in own)
        hosts = frozenset(_read_pair(f"{text}:80")[0] for text in plain_hosts)
        return cls(own=pairs, plain_hosts=hosts, high_ports=high_ports, authorities_pem=authorities_pem)

    def admit(self, target: Target) -> Target:
        """The same target, if its scheme and port are open to it.

        Raises:
            Blocked: `plain-http-not-allowed` or `port-not-allowed`.

        """
        if target.pair in self.own:
            return target
        if target.scheme == "http" and target.host not in self.plain_hosts:
            raise Blocked("plain-http-not-allowed", target.where)
        if target.port not in _DEFAULT_PORTS.values() and not (self.high_ports and target.port >= _HIGH_PORT_MIN):
            raise Blocked("port-not-allowed", target.where)
        return target

    def admit_address(self, target: Target, address: Address) -> Address:
        """The same address, if a connection for `target` may go there.

        Raises:
            Blocked: `address-…`, see `addresses.Reason`.

        """
        judged = verdict(address)
        if isinstance(judged, Allowed) or (judged.openable and target.pair in self.own):
            return address
        raise Blocked(f"address-{judged.reason}", target.where)


def read_url(url: str) -> Target:
    """Parse `url` by the WHATWG standard, as browsers do.

    Raises:
        Blocked: `url-too-long`, `url-malformed`, `scheme-not-allowed`, `userinfo-in-url`, `port-not-allowed`.

    """
    if len(url) > URL_CHARS_MAX:
        raise Blocked("url-too-long")
    try:
        parsed = ada_url.URL(url)
    except (ValueError, UnicodeEncodeError):
        raise Blocked("url-malformed") from None
    scheme = parsed.protocol.removesuffix(":")
    if scheme not in _DEFAULT_PORTS:
        raise Blocked("scheme-not-allowed")
    host = parsed.hostname.removeprefix("[").removesuffix("]")
    port = int(parsed.port) if parsed.port else _DEFAULT_PORTS[scheme]
    if parsed.username or parsed.password:
        raise Blocked("userinfo-in-url", f"{_bracketed(host)}:{port}")
    if port == 0:
        raise Blocked("port-not-allowed", f"{_bracketed(host)}:{port}")
    path = parsed.pathname + parsed.search
    return Target(scheme, host, port, path, f"{scheme}://{parsed.host}{path}")


def next_target(policy: Policy, here: Target, location: str) -> Target:
    """Where a redirect from `here` leads, admitted anew.

    Raises:
        Blocked: besides all the above `redirect-downgrade` (https to http) and `redirect-inward` (from anywhere
            else to one of the operator's own hosts, which strangers must not make us call).

    """
    try:
        there = read_url(ada_url.join_url(here.href, location))
    except (ValueError, UnicodeEncodeError):
        raise Blocked("url-malformed", here.where) from None
    if here.scheme == "https" and there.scheme == "http":
        raise Blocked("redirect-downgrade", there.where)
    if there.pair in policy.own and here.pair not in policy.own:
        raise Blocked("redirect-inward", there.where)
    return policy.admit(there)


def literal(host: str) -> Address | None:
    """The address that `host` itself is, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _read_pair(text: str) -> tuple[str, int]:
    parts = _PAIR.fullmatch(text.strip())
    try:
        target = read_url(f"http://{text.strip()}/") if parts else None
    except Blocked:
        target = None
    if target is None:
        raise Invalid("not-a-host-and-port", f"{text[:80]!r} is not a host and a port", where="own")
    return target.pair


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
