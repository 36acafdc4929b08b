"""`verdict` at the edges of every range."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.net.addresses import _CLOSED, ALLOWED, Closed, Reason, verdict

PUBLIC = [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "168.63.129.15", "168.63.129.17", "2606:4700::1111", "2001:200::1", "2a00:1450::1", "2003::1",
    "2001:db7::1", "2001:db9::1",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_allowed(text: str) -> None:
    assert verdict(ip_address(text)) is ALLOWED


@pytest.mark.parametrize(("text", "reason"), _CLOSED)
def test_both_ends_of_every_range_are_closed(text: str, reason: Reason) -> None:
    network = ip_network(text)
    for address in (network.network_address, network.broadcast_address):
        judged = verdict(address)
        assert isinstance(judged, Closed)
    assert any(verdict(address) == Closed(reason) for address in (network.network_address, network.broadcast_address))


def test_every_reason_has_a_range() -> None:
    assert {reason for _, reason in _CLOSED} == set(Reason)


@pytest.mark.parametrize(
    ("text", "openable"),
    [("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("192.168.0.1", True), ("100.64.0.1", True),
     ("fd12::1", True), ("169.254.169.254", False), ("100.100.100.200", False), ("fd00:ec2::254", False),
     ("169.254.1.1", False), ("224.0.0.1", False), ("0.0.0.1", False),
     ("::ffff:10.0.0.1", False), ("fe80::1%lo", False)],
)  # fmt: skip
def test_what_an_operator_may_open(text: str, openable: bool) -> None:
    judged = verdict(ip_address(text))
    assert isinstance(judged, Closed)
    assert judged.openable is openable


def test_an_address_of_one_link_is_closed_whatever_it_says() -> None:
    assert verdict(ip_address("2606:4700::1111%eth0")) == Closed(Reason.LINK_LOCAL)


@given(st.ip_addresses(v=4))
def test_whatever_is_allowed_is_global_by_the_standard_library_v4(address: IPv4Address) -> None:
    assert verdict(address) is not ALLOWED or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=6))
def test_whatever_is_allowed_is_global_by_the_standard_library_v6(address: IPv6Address) -> None:
    assert verdict(address) is not ALLOWED or (address.is_global and int(address) >> 125 == 1)


@given(st.ip_addresses(v=4))
def test_no_form_that_carries_an_ipv4_address_is_allowed(address: IPv4Address) -> None:
    carried = int(address)
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::"):
        assert verdict(IPv6Address(int(IPv6Address(prefix)) | carried)) is not ALLOWED
    assert verdict(IPv6Address(0x2002 << 112 | carried << 80)) is not ALLOWED
    assert verdict(IPv6Address(0x20010000 << 96 | carried << 64 | carried ^ 0xFFFFFFFF)) is not ALLOWED
