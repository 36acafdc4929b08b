"""What a look proves and what it does not."""

import pytest

from beffroi.actions.model import Verification
from beffroi.doors.platforms import Expect
from beffroi.doors.platforms.sight import judge, look, look_from
from beffroi.ground.net import Outbound, Policy
from tests.attack.ssrf.traps import Script, Trap, answer, endless, read_request, reset, says, silent
from tests.unit.doors.platforms.receiver import Receiver, split

V = Verification


@pytest.mark.parametrize("status", [404, 410, 451])
def test_gone_for_the_public(status: int) -> None:
    assert judge(status, Expect.NOT_VISIBLE, moved=False).verification is V.VERIFIED
    assert judge(status, Expect.VISIBLE, moved=False).verification is V.STILL_HIDDEN
    assert judge(status, Expect.NOT_VISIBLE, moved=True).verification is V.VERIFIED


def test_there_for_the_public() -> None:
    assert judge(200, Expect.VISIBLE, moved=False).verification is V.VERIFIED
    assert judge(200, Expect.NOT_VISIBLE, moved=False).verification is V.STILL_VISIBLE


@pytest.mark.parametrize("expect", Expect)
@pytest.mark.parametrize("status", [100, 201, 204, 206, 300, 304, 400, 401, 403, 418, 429, 500, 502, 503])
def test_everything_else_proves_nothing(status: int, expect: Expect) -> None:
    seen = judge(status, expect, moved=False)
    assert (seen.verification, seen.reason) == (V.NOT_VERIFIABLE, f"status-{status}")


@pytest.mark.parametrize("expect", Expect)
def test_another_page_proves_nothing(expect: Expect) -> None:
    seen = judge(200, expect, moved=True)
    assert (seen.verification, seen.reason) == (V.NOT_VERIFIABLE, "redirected")


def outbound(*traps: Trap | Receiver) -> Outbound:
    return Outbound(Policy.read(own=[trap.pair for trap in traps]))


def test_the_visitor_is_logged_out_and_past_caches(receiver: Receiver) -> None:
    receiver.pages["/p/17"] = answer(b"page", "Set-Cookie: seen=1")
    for _ in range(2):
        assert look(outbound(receiver), receiver.url("/p/17"), Expect.VISIBLE).verification is V.VERIFIED
    for headers in receiver.looked:
        assert headers["cache-control"] == "no-cache"
        assert {"cookie", "authorization", "webhook-signature"}.isdisjoint(headers)


def moves(to: str, then: bytes) -> Script:
    def script(connection) -> None:
        first, _, _ = split(read_request(connection))
        is_first = first.startswith("GET /p/17 ")
        connection.sendall(answer(b"", f"Location: {to}", status="302 Found") if is_first else then)

    return script


@pytest.mark.parametrize(
    ("to", "then", "verification"),
    [
        ("/login?next=/p/17", answer(b"please log in"), V.NOT_VERIFIABLE),
        ("/", answer(b"home"), V.NOT_VERIFIABLE),
        ("/p/17?welcome", answer(b"wall"), V.NOT_VERIFIABLE),
        ("/p/17/", answer(b"the item"), V.STILL_VISIBLE),
        ("/p/17/", answer(b"", status="404 Not Found"), V.VERIFIED),
        ("/removed", answer(b"", status="451 Unavailable"), V.VERIFIED),
        ("/login", answer(b"", status="401 Unauthorized"), V.NOT_VERIFIABLE),
        ("https://127.0.0.1/p/17", b"", V.NOT_VERIFIABLE),
        ("https://169.254.169.254/", b"", V.NOT_VERIFIABLE),
        ("file:///etc/passwd", b"", V.NOT_VERIFIABLE),
        ("/p/17", b"", V.NOT_VERIFIABLE),
    ],
)
def test_redirects(to: str, then: bytes, verification: Verification) -> None:
    with Trap(moves(to, then)) as trap:
        assert look(outbound(trap), trap.url("/p/17"), Expect.NOT_VISIBLE).verification is verification


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (silent, "answer-timeout"),
        (reset, "answer-cut"),
        (says(b"nonsense\r\n\r\n"), "answer-malformed"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.02), "answer-timeout"),
        (endless(b"HTTP/1.1 404 Not Found\r\n", b"X: y\r\n" * 500), "answer-too-large"),
    ],
)
def test_no_answer_proves_nothing(script: Script, reason: str) -> None:
    with Trap(script) as trap:
        seen = look(outbound(trap), trap.url("/p/17"), Expect.NOT_VISIBLE, total_s=0.5)
    assert (seen.verification, seen.reason) == (V.NOT_VERIFIABLE, reason)


def test_a_closed_address_is_not_looked_at() -> None:
    seen = look(Outbound(Policy()), "https://127.0.0.1/p/17", Expect.NOT_VISIBLE)
    assert (seen.verification, seen.reason) == (V.NOT_VERIFIABLE, "address-loopback")


def test_a_page_without_end_is_seen_all_the_same() -> None:
    with Trap(endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536))) as trap:
        assert look(outbound(trap), trap.url("/p/17"), Expect.NOT_VISIBLE).verification is V.STILL_VISIBLE


def test_territories_are_seen_from_inside_only(receiver: Receiver) -> None:
    def seen(territories: tuple[str, ...], vantage: str | None) -> tuple[Verification, str]:
        url = receiver.url("/p/17")
        sighting = look_from(outbound(receiver), url, Expect.NOT_VISIBLE, territories, vantage)
        return sighting.verification, sighting.reason

    assert seen((), None) == (V.VERIFIED, "status-404")
    assert seen(("AT",), "AT") == (V.VERIFIED, "status-404")
    assert seen(("AT", "BE"), "AT") == (V.NOT_VERIFIABLE, "seen-from-AT-only")
    assert seen(("AT",), "BE") == (V.NOT_VERIFIABLE, "seen-from-elsewhere")
    assert seen(("AT",), None) == (V.NOT_VERIFIABLE, "seen-from-elsewhere")
    receiver.pages["/p/17"] = answer(b"here")
    assert seen(("AT", "BE"), "AT") == (V.STILL_VISIBLE, "status-200")
