"""Which IP addresses belong to the public internet, and why the others do not.

Owns: the table of closed ranges, each with the document that sets it apart, and `verdict`.
Promises: pure; whatever is neither listed nor public by the standard library's reading is closed too;
IPv6 forms that carry an IPv4 address are closed whatever they carry, since a gateway would unwrap them.
Never does: resolve a name or know of a port; opening a range for the operator's own host is `policy`.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address


class Reason(StrEnum):
    """Why an address is closed."""

    BENCHMARKING = "benchmarking"
    BROADCAST = "broadcast"
    DISCARD = "discard"
    DOCUMENTATION = "documentation"
    LINK_LOCAL = "link-local"
    LOOPBACK = "loopback"
    METADATA = "metadata"
    MULTICAST = "multicast"
    NAT64 = "nat64"
    PRIVATE = "private"
    RESERVED = "reserved"
    SHARED = "shared"
    SITE_LOCAL = "site-local"
    SIX_TO_FOUR = "6to4"
    TEREDO = "teredo"
    UNIQUE_LOCAL = "unique-local"
    UNSPECIFIED = "unspecified"
    V4_COMPATIBLE = "v4-compatible"
    V4_MAPPED = "v4-mapped"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A public unicast address."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Not to be called, because of `reason`."""

    reason: Reason

    @property
    def openable(self) -> bool:
        """Whether an operator's own host may stand there; cloud metadata, say, never."""
        return self.reason in _OPENABLE


ALLOWED: Final = Allowed()

_OPENABLE: Final = frozenset({Reason.LOOPBACK, Reason.PRIVATE, Reason.SHARED, Reason.UNIQUE_LOCAL})

_CLOSED: Final[tuple[tuple[str, Reason], ...]] = (
    # Services that hand credentials to whoever asks from inside a cloud; they come before the ranges around them.
    ("169.254.169.254/32", Reason.METADATA),  # AWS, Azure, Google, DigitalOcean, OpenStack, Oracle, Hetzner
    ("169.254.169.253/32", Reason.METADATA),  # AWS resolver and time
    ("169.254.170.2/32", Reason.METADATA),  # AWS ECS task credentials
    ("169.254.170.23/32", Reason.METADATA),  # AWS EKS pod credentials
    ("169.254.0.23/32", Reason.METADATA),  # Tencent
    ("169.254.42.42/32", Reason.METADATA),  # Scaleway
    ("100.100.100.200/32", Reason.METADATA),  # Alibaba
    ("168.63.129.16/32", Reason.METADATA),  # Azure wire server: publicly numbered, reachable only from inside
    ("192.0.0.192/32", Reason.METADATA),  # Oracle classic
    ("fd00:ec2::/32", Reason.METADATA),  # AWS over IPv6: ::254 metadata, ::253 resolver, ::23 pods
    ("fd20:ce::/32", Reason.METADATA),  # Google over IPv6
    ("fd00:42::42/128", Reason.METADATA),  # Scaleway over IPv6
    ("fe80::a9fe:a9fe/128", Reason.METADATA),  # OpenStack over IPv6
    # IPv4: IANA special-purpose address registry (RFC 6890) and its sources
    ("0.0.0.0/8", Reason.UNSPECIFIED),  # RFC 1122 §3.2.1.3; Linux takes it for this host
    ("10.0.0.0/8", Reason.PRIVATE),  # RFC 1918
    ("100.64.0.0/10", Reason.SHARED),  # RFC 6598, carrier-grade NAT
    ("127.0.0.0/8", Reason.LOOPBACK),  # RFC 1122
    ("169.254.0.0/16", Reason.LINK_LOCAL),  # RFC 3927
    ("172.16.0.0/12", Reason.PRIVATE),  # RFC 1918
    ("192.0.0.0/24", Reason.RESERVED),  # RFC 6890, protocol assignments
    ("192.0.2.0/24", Reason.DOCUMENTATION),  # RFC 5737
    ("192.31.196.0/24", Reason.RESERVED),  # RFC 7535, AS112
    ("192.52.193.0/24", Reason.RESERVED),  # RFC 7450, AMT relays
    ("192.88.99.0/24", Reason.SIX_TO_FOUR),  # RFC 7526, former 6to4 relays
    ("192.168.0.0/16", Reason.PRIVATE),  # RFC 1918
    ("192.175.48.0/24", Reason.RESERVED),  # RFC 7534, AS112
    ("198.18.0.0/15", Reason.BENCHMARKING),  # RFC 2544
    ("198.51.100.0/24", Reason.DOCUMENTATION),  # RFC 5737
    ("203.0.113.0/24", Reason.DOCUMENTATION),  # RFC 5737
    ("224.0.0.0/4", Reason.MULTICAST),  # RFC 5771
    ("255.255.255.255/32", Reason.BROADCAST),  # RFC 919
    ("240.0.0.0/4", Reason.RESERVED),  # RFC 1112 §4
    # IPv6: the same registry
    ("::/128", Reason.UNSPECIFIED),  # RFC 4291 §2.5.2
    ("::1/128", Reason.LOOPBACK),  # RFC 4291 §2.5.3
    ("::ffff:0:0/96", Reason.V4_MAPPED),  # RFC 4291 §2.5.5.2
    ("::ffff:0:0:0/96", Reason.V4_MAPPED),  # RFC 2765, the older "translated" form
    ("::/96", Reason.V4_COMPATIBLE),  # RFC 4291 §2.5.5.1
    ("64:ff9b::/96", Reason.NAT64),  # RFC 6052
    ("64:ff9b:1::/48", Reason.NAT64),  # RFC 8215
    ("100::/64", Reason.DISCARD),  # RFC 6666
    ("2001::/32", Reason.TEREDO),  # RFC 4380
    ("2001:2::/48", Reason.BENCHMARKING),  # RFC 5180
    ("2001:db8::/32", Reason.DOCUMENTATION),  # RFC 3849
    ("2001::/23", Reason.RESERVED),  # RFC 2928, protocol assignments, ORCHID among them
    ("2002::/16", Reason.SIX_TO_FOUR),  # RFC 3056
    ("2620:4f:8000::/48", Reason.RESERVED),  # RFC 7534, AS112
    ("3fff::/20", Reason.DOCUMENTATION),  # RFC 9637
    ("5f00::/16", Reason.RESERVED),  # RFC 9602, segment routing
    ("fc00::/7", Reason.UNIQUE_LOCAL),  # RFC 4193
    ("fe80::/10", Reason.LINK_LOCAL),  # RFC 4291 §2.5.6
    ("fec0::/10", Reason.SITE_LOCAL),  # RFC 3879
    ("ff00::/8", Reason.MULTICAST),  # RFC 4291 §2.7
)

_CLOSED_NETWORKS: Final[tuple[tuple[IPv4Network | IPv6Network, Reason], ...]] = tuple(
    (ip_network(text), reason) for text, reason in _CLOSED
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""RFC 4291 §2.5.4: all that IANA has opened so far; the rest of IPv6 is unassigned."""


def verdict(address: Address) -> Allowed | Closed:
    """Whether `address` may be called; the first range of the table that holds it gives the reason."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return Closed(Reason.LINK_LOCAL)
    for network, reason in _CLOSED_NETWORKS:
        if address.version == network.version and address in network:
            return Closed(reason)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return Closed(Reason.RESERVED)
    return ALLOWED if address.is_global else Closed(Reason.RESERVED)
