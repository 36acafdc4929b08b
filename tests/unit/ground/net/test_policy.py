"""Reading URLs and admitting them."""

import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import URL_CHARS_MAX
from beffroi.ground.net.errors import Blocked
from beffroi.ground.net.policy import Policy, Target, next_target, read_url


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://Example.COM", Target("https", "example.com", 443, "/", "https://example.com/")),
        ("https://example.com:443/a/../b?q=ü#f", Target("https", "example.com", 443, "/b?q=%C3%BC", "https://example.com/b?q=%C3%BC")),
        ("http://0x7f.1:8101/p/1", Target("http", "127.0.0.1", 8101, "/p/1", "http://127.0.0.1:8101/p/1")),
        ("https://[2606:4700:0::1111]/", Target("https", "2606:4700::1111", 443, "/", "https://[2606:4700::1111]/")),
        ("https://münchen.example/", Target("https", "xn--mnchen-3ya.example", 443, "/", "https://xn--mnchen-3ya.example/")),
    ],
)  # fmt: skip
def test_one_normal_form(url: str, target: Target) -> None:
    assert read_url(url) == target


def test_authority_names_the_port_only_where_it_is_unusual() -> None:
    assert read_url("https://a.example:443/").authority == "a.example"
    assert read_url("http://a.example:443/").authority == "a.example:443"
    assert read_url("https://[2606:4700::1111]:8443/").authority == "[2606:4700::1111]:8443"


def test_length_at_the_limit_and_one_beyond() -> None:
    start = "https://a.example/"
    assert read_url(start + "x" * (URL_CHARS_MAX - len(start))).host == "a.example"
    with pytest.raises(Blocked) as refusal:
        read_url(start + "x" * (URL_CHARS_MAX - len(start) + 1))
    assert refusal.value.reason == "url-too-long"


@pytest.mark.parametrize(("port", "high", "admitted"), [
    (80, False, True), (443, False, True), (1024, False, False), (8443, True, True), (1023, True, False),
    (1024, True, True), (22, True, False), (65535, True, True),
])  # fmt: skip
def test_ports(port: int, high: bool, admitted: bool) -> None:
    target = read_url(f"https://a.example:{port}/")
    if admitted:
        assert Policy(high_ports=high).admit(target) is target
    else:
        with pytest.raises(Blocked) as refusal:
            Policy(high_ports=high).admit(target)
        assert refusal.value.reason == "port-not-allowed"


def test_plain_http_for_named_hosts_only() -> None:
    policy = Policy.read(plain_hosts=["Old.Example"])
    assert policy.admit(read_url("http://old.example/")).host == "old.example"
    for url in ("http://older.example/", "http://sub.old.example/", "http://old.example.evil.example/"):
        with pytest.raises(Blocked):
            policy.admit(read_url(url))


def test_own_pairs_are_read_as_urls_are() -> None:
    policy = Policy.read(own=["Site.Example:8080", "[::1]:8101", " 127.0.0.1:80 "])
    assert policy.own == {("site.example", 8080), ("::1", 8101), ("127.0.0.1", 80)}


@pytest.mark.parametrize("text", [
    "", "127.0.0.1", "127.0.0.1:", ":8080", "127.0.0.1:0", "127.0.0.1:99999", "*:8080", "http://127.0.0.1:80",
    "127.0.0.1:80/path", "user@127.0.0.1:80", "::1:80", "[::1]", "a b:80", "127.0.0.0/8:80",
])  # fmt: skip
def test_an_own_pair_is_exactly_a_host_and_a_port(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Policy.read(own=[text])
    assert refusal.value.code == "not-a-host-and-port"


def test_certificates_do_not_stand_in_a_printed_policy() -> None:
    assert "PEM" not in repr(Policy.read(authorities_pem="PEM"))


def test_redirects_are_read_against_where_they_came_from() -> None:
    here = read_url("https://a.example/x/y?z")
    assert next_target(Policy(), here, "../b").href == "https://a.example/b"
    assert next_target(Policy(), here, "//c.example/").href == "https://c.example/"
    assert next_target(Policy(), here, "").href == "https://a.example/x/y?z"


def test_no_redirect_from_https_to_http() -> None:
    policy = Policy.read(plain_hosts=["a.example"])
    with pytest.raises(Blocked) as refusal:
        next_target(policy, read_url("https://a.example/"), "http://a.example/")
    assert refusal.value.reason == "redirect-downgrade"


def test_own_hosts_may_redirect_among_themselves() -> None:
    policy = Policy.read(own=["127.0.0.1:1", "127.0.0.1:2"])
    assert next_target(policy, read_url("http://127.0.0.1:1/"), "http://127.0.0.1:2/").port == 2
