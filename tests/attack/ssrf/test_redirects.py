"""Redirects as a way in: each hop is a new call, and a stranger cannot send us home."""

import socket

import pytest

from beffroi.ground.net import Blocked, Outbound, Policy
from beffroi.ground.net.policy import next_target, read_url
from tests.attack.ssrf.traps import Sentinel, Trap, answer, read_request, says

FORBIDDEN = [
    ("https://169.254.169.254/latest/", "address-metadata"),
    ("https://127.0.0.1/", "address-loopback"),
    ("https://0x7f.1/", "address-loopback"),
    ("//[::1]/", "plain-http-not-allowed"),
    ("https://[::1]/", "address-loopback"),
    ("https://loop.example/", "address-loopback"),
    ("http://127.0.0.1:{trap}/", "plain-http-not-allowed"),
    ("file:///etc/passwd", "scheme-not-allowed"),
    ("gopher://127.0.0.1:6379/_", "scheme-not-allowed"),
    ("javascript:alert(1)", "scheme-not-allowed"),
    ("https://user:pw@example.com/", "userinfo-in-url"),
    ("https://example.com:22/", "port-not-allowed"),
    ("https://[", "url-malformed"),
]


@pytest.mark.parametrize(("location", "reason"), FORBIDDEN)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_hop_to_a_closed_place_is_not_made(location: str, reason: str, status: str, sentinel: Sentinel) -> None:
    with Trap(says(answer(b"trapped"))) as trap:
        first = says(answer(b"", f"Location: {location.format(trap=trap.port)}", status=status))
        with Trap(first) as own:
            outbound = Outbound(Policy.read(own=[own.pair]), resolver=lambda host, port: ["127.0.0.1"])
            with pytest.raises(Blocked) as refusal:
                outbound.get(own.url(), follow=5)
        assert refusal.value.reason == reason
        assert (sentinel.connects, trap.accepted) == (["127.0.0.1"], 0)


def test_a_stranger_cannot_send_us_to_our_own_site() -> None:
    """Judged without a socket: nobody on loopback can play a stranger with a public address."""
    policy = Policy.read(own=["127.0.0.1:8101"], plain_hosts=["stranger.example"])
    with pytest.raises(Blocked) as refusal:
        next_target(policy, read_url("http://stranger.example/"), "http://127.0.0.1:8101/")
    assert refusal.value.reason == "redirect-inward"


def test_a_loop_ends() -> None:
    with Trap(says(answer(b"", "Location: /again", status="302 Found"))) as own:
        with pytest.raises(Blocked) as refusal:
            Outbound(Policy.read(own=[own.pair])).get(own.url(), follow=5)
        assert refusal.value.reason == "redirect-limit"
        assert own.accepted == 6


def test_credentials_stay_with_their_origin() -> None:
    seen: list[bytes] = []
    sent = {"Authorization": "Bearer secret", "Signature": "sig1=:x:", "X-Odd": "secret", "Accept": "text/html"}
    with (
        Trap(says(answer(b"end"), seen)) as second,
        Trap(says(answer(b"", f"Location: {second.url()}", status="307 Temporary"), seen)) as first,
    ):
        outbound = Outbound(Policy.read(own=[first.pair, second.pair]))
        assert outbound.get(first.url(), headers=sent, follow=1).body == b"end"
    assert b"Bearer secret" in seen[0]
    assert b"secret" not in seen[1].lower()
    assert b"sig1" not in seen[1].lower()
    assert b"accept: text/html" in seen[1].lower()


def test_credentials_go_along_within_one_origin() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        seen.append(request)
        moved = answer(b"", "Location: /b", status="302 Found")
        connection.sendall(answer(b"end") if request.startswith(b"GET /b") else moved)

    with Trap(script) as own:
        outbound = Outbound(Policy.read(own=[own.pair]))
        assert outbound.get(own.url("/a"), headers={"Authorization": "Bearer mine"}, follow=1).url == own.url("/b")
    assert all(b"Bearer mine" in request for request in seen)
