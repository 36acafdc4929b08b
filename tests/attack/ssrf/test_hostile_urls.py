"""Hostile URLs against a node whose operator opened exactly one loopback pair: nothing leaves, no trap is hit.

Each row: the URL, what the name service would answer, the reason of the refusal. `{trap}` is the port of a
listening trap on 127.0.0.1 and ::1 that nobody opened; `{own}` the port of the operator's own site.
"""

from collections.abc import Iterator, Sequence

import pytest

from beffroi.ground.net import Blocked, Outbound, Policy
from tests.attack.ssrf.traps import Sentinel, Trap, answer, says

NAMES = {
    "loop.attacker.example": ["127.0.0.1"],
    "loop6.attacker.example": ["::1"],
    "mixed.attacker.example": ["1.1.1.1", "127.0.0.1"],
    "mixed6.attacker.example": ["2606:4700::1111", "fd00::1"],
    "metadata.attacker.example": ["169.254.169.254"],
    "ten.attacker.example": ["10.0.0.7"],
    "mapped.attacker.example": ["::ffff:10.0.0.7"],
    "scoped.attacker.example": ["fe80::1%lo"],
    "many.attacker.example": [f"1.1.1.{n}" for n in range(40)],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "foo.localhost": ["127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "xn--lcalhost-n4a": ["127.0.0.1"],
    "kubernetes.default.svc": ["10.96.0.1"],
}

ADDRESSES = [
    # loopback in every spelling browsers take
    ("https://127.0.0.1/", "loopback"),
    ("https://127.0.0.1./", "loopback"),
    ("https://127.1/", "loopback"),
    ("https://127.0.1/", "loopback"),
    ("https://127.255.255.254/", "loopback"),
    ("https://2130706433/", "loopback"),
    ("https://017700000001/", "loopback"),
    ("https://0177.0.0.1/", "loopback"),
    ("https://0177.0x0.0.1/", "loopback"),
    ("https://0x7f000001/", "loopback"),
    ("https://0x7f.0x0.0x0.0x1/", "loopback"),
    ("https://0X7F.1/", "loopback"),
    ("https://%31%32%37.0.0.1/", "loopback"),
    ("https://127%2e0%2e0%2e1/", "loopback"),
    ("https://①②⑦.⓪.⓪.①/", "loopback"),
    ("https://127。0。0。1/", "loopback"),
    ("https://１２７.０.０.１/", "loopback"),
    ("https://127.0.0.\u00ad1/", "loopback"),
    ("https://127.0.0.1\\@public.example/", "loopback"),
    ("https://127.0.0.1#@public.example/", "loopback"),
    ("https://127.0.0.1?@public.example/", "loopback"),
    ("https:127.0.0.1/", "loopback"),
    ("https:\\\\127.0.0.1\\", "loopback"),
    ("https:////127.0.0.1/", "loopback"),
    (" \t\nhttps://127.0.\n0.1/ ", "loopback"),
    ("HtTpS://127.0.0.1:443/", "loopback"),
    ("https://[::1]/", "loopback"),
    ("https://[0:0:0:0:0:0:0:1]/", "loopback"),
    ("https://[0000::0001]/", "loopback"),
    ("https://[::]/", "unspecified"),
    ("https://0/", "unspecified"),
    ("https://0.0.0.0/", "unspecified"),
    ("https://0.1.2.3/", "unspecified"),
    # IPv4 inside IPv6
    ("https://[::ffff:127.0.0.1]/", "v4-mapped"),
    ("https://[::ffff:7f00:1]/", "v4-mapped"),
    ("https://[::ffff:1.1.1.1]/", "v4-mapped"),
    ("https://[::ffff:0:127.0.0.1]/", "v4-mapped"),
    ("https://[::127.0.0.1]/", "v4-compatible"),
    ("https://[64:ff9b::127.0.0.1]/", "nat64"),
    ("https://[64:ff9b::a9fe:a9fe]/", "nat64"),
    ("https://[64:ff9b:1::10.0.0.1]/", "nat64"),
    ("https://[2002:7f00:1::]/", "6to4"),
    ("https://[2002:a9fe:a9fe::1]/", "6to4"),
    ("https://[2001:0:7f00:1::]/", "teredo"),
    # private and shared
    ("https://10.0.0.1/", "private"),
    ("https://10.255.255.255/", "private"),
    ("https://0xa.1/", "private"),
    ("https://012.0.0.1/", "private"),
    ("https://172.16.0.1/", "private"),
    ("https://172.31.255.255/", "private"),
    ("https://192.168.1.1/", "private"),
    ("https://3232235777/", "private"),
    ("https://100.64.0.1/", "shared"),
    ("https://100.127.255.255/", "shared"),
    ("https://[fc00::1]/", "unique-local"),
    ("https://[fdff:ffff::1]/", "unique-local"),
    ("https://[fec0::1]/", "site-local"),
    ("https://169.254.1.1/", "link-local"),
    ("https://[fe80::1]/", "link-local"),
    # cloud metadata
    ("https://169.254.169.254/latest/meta-data/", "metadata"),
    ("https://2852039166/", "metadata"),
    ("https://0xA9FEA9FE/", "metadata"),
    ("https://0251.0376.0251.0376/", "metadata"),
    ("https://169.254.170.2/v2/credentials", "metadata"),
    ("https://100.100.100.200/", "metadata"),
    ("https://168.63.129.16/", "metadata"),
    ("https://[fd00:ec2::254]/", "metadata"),
    ("https://[fe80::a9fe:a9fe]/", "metadata"),
    ("https://192.0.0.192/", "metadata"),
    # everything else that is not the public internet
    ("https://192.0.0.8/", "reserved"),
    ("https://192.88.99.1/", "6to4"),
    ("https://192.0.2.1/", "documentation"),
    ("https://198.51.100.1/", "documentation"),
    ("https://203.0.113.1/", "documentation"),
    ("https://[2001:db8::1]/", "documentation"),
    ("https://[3fff::1]/", "documentation"),
    ("https://198.18.0.1/", "benchmarking"),
    ("https://[2001:2::1]/", "benchmarking"),
    ("https://224.0.0.1/", "multicast"),
    ("https://239.255.255.250/", "multicast"),
    ("https://[ff02::1]/", "multicast"),
    ("https://240.0.0.1/", "reserved"),
    ("https://255.255.255.255/", "broadcast"),
    ("https://[100::1]/", "discard"),
    ("https://[4000::1]/", "reserved"),
    ("https://[5f00::1]/", "reserved"),
    # names that lead there
    ("https://localhost/", "loopback"),
    ("https://LOCALHOST/", "loopback"),
    ("https://ⓛocalhost/", "loopback"),
    ("https://localhost./", "loopback"),
    ("https://foo.localhost/", "loopback"),
    ("https://127.0.0.1.nip.example/", "loopback"),
    ("https://loop.attacker.example/", "loopback"),
    ("https://loop6.attacker.example/", "loopback"),
    ("https://mixed.attacker.example/", "loopback"),
    ("https://mixed6.attacker.example/", "unique-local"),
    ("https://metadata.attacker.example/", "metadata"),
    ("https://metadata.google.internal/computeMetadata/v1/", "metadata"),
    ("https://ten.attacker.example/", "private"),
    ("https://mapped.attacker.example/", "v4-mapped"),
    ("https://scoped.attacker.example/", "link-local"),
    ("https://kubernetes.default.svc/api", "private"),
]

SHAPES = [
    ("", "url-malformed"),
    ("/relative", "url-malformed"),
    ("//127.0.0.1/", "url-malformed"),
    ("https://", "url-malformed"),
    ("https://:443/", "url-malformed"),
    ("https://[::1/", "url-malformed"),
    ("https://[fe80::1%25lo]/", "url-malformed"),
    ("https://256.256.256.256/", "url-malformed"),
    ("https://1.2.3.4.5/", "url-malformed"),
    ("https://0x100000000/", "url-malformed"),
    ("https://127.0.0.1:65536/", "url-malformed"),
    ("https://127.0.0.1:-1/", "url-malformed"),
    ("https://exa mple.com/", "url-malformed"),
    ("https://exa%00mple.com/", "url-malformed"),
    ("https://a\ud800b.example/", "url-malformed"),
    ("https://example.com/" + "a" * 5000, "url-too-long"),
    ("https://example.com:0/", "port-not-allowed"),
    ("https://example.com:22/", "port-not-allowed"),
    ("https://example.com:25/", "port-not-allowed"),
    ("https://example.com:6379/", "port-not-allowed"),
    ("http://example.com/", "plain-http-not-allowed"),
    ("http://169.254.169.254/", "plain-http-not-allowed"),
    ("https://user@example.com/", "userinfo-in-url"),
    ("https://user:secret@example.com/", "userinfo-in-url"),
    ("https://:secret@example.com/", "userinfo-in-url"),
    ("https://example.com@127.0.0.1/", "userinfo-in-url"),
    ("https://many.attacker.example/", "too-many-addresses"),
    *((f"{scheme}", "scheme-not-allowed") for scheme in (
        "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_PING",
        "dict://127.0.0.1:11211/stat", "ldap://127.0.0.1/", "data:text/plain,hello", "javascript:alert(1)",
        "unix:///var/run/docker.sock", "ws://127.0.0.1/", "wss://127.0.0.1/", "jar:https://127.0.0.1!/", "blob:https://x/1",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", "netdoc:///etc/passwd", "ssh://127.0.0.1/",
    )),
]  # fmt: skip

NEAR_MISSES = [
    ("http://127.0.0.1:{trap}/", "plain-http-not-allowed"),
    ("https://127.0.0.1:{trap}/", "port-not-allowed"),
    ("http://127.0.0.2:{own}/", "plain-http-not-allowed"),
    ("http://localhost:{own}/", "plain-http-not-allowed"),
    ("http://loop.attacker.example:{own}/", "plain-http-not-allowed"),
    ("http://[::1]:{own}/", "plain-http-not-allowed"),
    ("http://[::ffff:127.0.0.1]:{own}/", "plain-http-not-allowed"),
    ("http://0.0.0.0:{own}/", "plain-http-not-allowed"),
    ("http://user@127.0.0.1:{own}/", "userinfo-in-url"),
    ("ftp://127.0.0.1:{own}/", "scheme-not-allowed"),
    ("http://127.0.0.1/", "plain-http-not-allowed"),
]


def names(host: str, port: int) -> Sequence[str]:
    return NAMES[host]


@pytest.fixture
def own() -> Iterator[Trap]:
    with Trap(says(answer(b"own"))) as trap:
        yield trap


@pytest.fixture
def trap() -> Iterator[Trap]:
    with Trap(says(answer(b"trapped"))) as trap:
        yield trap


def test_there_are_more_than_eighty_rows_and_none_twice() -> None:
    urls = [url for url, _ in ADDRESSES + SHAPES + NEAR_MISSES]
    assert len(urls) == len(set(urls)) >= 130


@pytest.mark.parametrize(("url", "reason"), ADDRESSES, ids=ascii)
def test_closed_addresses_are_not_called(url: str, reason: str, own: Trap, sentinel: Sentinel) -> None:
    outbound = Outbound(Policy.read(own=[own.pair], high_ports=True), resolver=names)
    with pytest.raises(Blocked) as refusal:
        outbound.get(url, follow=3)
    assert refusal.value.reason == f"address-{reason}"
    assert sentinel.connects == []


@pytest.mark.parametrize(("url", "reason"), SHAPES, ids=lambda text: ascii(text)[:60])
def test_odd_urls_are_not_called(url: str, reason: str, own: Trap, sentinel: Sentinel) -> None:
    outbound = Outbound(Policy.read(own=[own.pair]), resolver=names)
    with pytest.raises(Blocked) as refusal:
        outbound.get(url)
    assert refusal.value.reason == reason
    assert sentinel.connects == []


@pytest.mark.parametrize(("url", "reason"), NEAR_MISSES)
def test_an_open_pair_opens_nothing_beside_it(url: str, reason: str, own: Trap, trap: Trap, sentinel: Sentinel) -> None:
    outbound = Outbound(Policy.read(own=[own.pair]), resolver=names)
    with pytest.raises(Blocked) as refusal:
        outbound.post(url.format(own=own.port, trap=trap.port), b"{}")
    assert refusal.value.reason == reason
    assert (own.accepted, trap.accepted, sentinel.connects) == (0, 0, [])


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1"]
)
def test_even_an_open_pair_never_reaches_metadata_or_odd_ranges(address: str, sentinel: Sentinel) -> None:
    outbound = Outbound(Policy.read(own=["site.example:8080"]), resolver=lambda host, port: [address])
    with pytest.raises(Blocked):
        outbound.get("http://site.example:8080/")
    assert sentinel.connects == []


def test_the_open_pair_itself_answers(own: Trap, sentinel: Sentinel) -> None:
    """The counter-test: the same set-up does connect where it may."""
    outbound = Outbound(Policy.read(own=[own.pair]), resolver=names)
    assert outbound.get(f"http://0x7f.1:{own.port}/").body == b"own"
    assert sentinel.connects == ["127.0.0.1"]
