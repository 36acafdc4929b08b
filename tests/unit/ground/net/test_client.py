"""`Outbound` against real loopback servers that behave and misbehave."""

import gzip
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from beffroi.ground.kernel.limits import (
    OUTBOUND_CONNECTS_MAX,
    OUTBOUND_HEAD_BYTES_MAX,
    OUTBOUND_HEAD_LINES_MAX,
    OUTBOUND_REDIRECTS_MAX,
)
from beffroi.ground.net import (
    Answer,
    AnswerTooLarge,
    AnswerUnreadable,
    Blocked,
    Outbound,
    Policy,
    UnknownOutcome,
    Unreachable,
)
from tests.attack.ssrf.traps import Script, Sentinel, Trap, answer, endless, read_request, reset, says, silent


def call(script: Script, *, method: str = "get", body_bytes_max: int = 2**20, total_s: float = 10) -> Answer:
    """One call to a server that plays `script`."""
    with Trap(script) as trap:
        outbound = Outbound(Policy.read(own=[trap.pair]))
        if method == "get":
            return outbound.get(trap.url(), body_bytes_max=body_bytes_max, total_s=total_s)
        return outbound.post(trap.url(), b"{}", body_bytes_max=body_bytes_max, total_s=total_s)


# ── what goes well ──


def test_put_is_post_by_another_name() -> None:
    seen: list[bytes] = []
    with Trap(says(answer(b"kept", status="201 Created"), seen)) as trap:
        got = Outbound(Policy.read(own=[trap.pair])).put(trap.url("/p"), b"body", headers={"X-A": "1"})
    assert (got.status, got.body) == (201, b"kept")
    assert seen[0].startswith(b"PUT /p HTTP/1.1\r\n")
    assert seen[0].endswith(b"\r\n\r\nbody")
    with pytest.raises(Blocked):
        Outbound(Policy.read()).put("http://127.0.0.1:1/", b"")


def test_an_answer_is_whole() -> None:
    got = call(says(answer(b"hello", "X-Mixed: Case", "X-Mixed: Twice", status="418 Teapot")))
    assert (got.status, got.body, got.header("x-mixed")) == (418, b"hello", "Case")
    assert [value for name, value in got.headers if name == "x-mixed"] == ["Case", "Twice"]
    assert got.header("x-none") is None
    assert 0 <= got.elapsed_s < 10


def test_the_request_line_and_fields() -> None:
    seen: list[bytes] = []
    with Trap(says(answer(), seen)) as trap:
        outbound = Outbound(Policy.read(own=[trap.pair]))
        outbound.get(trap.url("/a b?q=ü#fragment"))
        outbound.post(trap.url("/p"), b"body", headers={"Content-Type": "text/plain", "User-Agent": "other"})
    get, post = (request.decode().split("\r\n") for request in seen)
    assert get[0] == "GET /a%20b?q=%C3%BC HTTP/1.1"
    assert sorted(get[1:-2], key=str.lower) == [
        "accept-encoding: gzip", "accept: */*", "connection: close", f"host: {trap.pair}", "user-agent: beffroi",
    ]  # fmt: skip
    assert post[0] == "POST /p HTTP/1.1"
    assert {"Content-Length: 4", "content-type: text/plain", "user-agent: other"} <= set(post)
    assert post[-1] == "body"


def test_chunks_and_gzip() -> None:
    zipped = gzip.compress(b"hello " * 1000)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (zipped[:10], zipped[10:]))
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunks + b"0\r\n\r\n"
    assert call(says(raw)).body == b"hello " * 1000


def test_ipv6() -> None:
    with Trap(says(answer(b"six")), host="::1") as trap:
        assert Outbound(Policy.read(own=[trap.pair])).get(trap.url()).body == b"six"


def test_the_next_checked_address_is_tried_when_one_fails(sentinel: Sentinel) -> None:
    with Trap(says(answer(b"here"))) as trap:
        outbound = Outbound(
            Policy.read(own=[f"a.example:{trap.port}"]), resolver=lambda h, p: ["127.0.0.9", "127.0.0.1"]
        )
        assert outbound.get(f"http://a.example:{trap.port}/").body == b"here"
    assert sentinel.connects == ["127.0.0.9", "127.0.0.1"]


def test_no_more_addresses_are_tried_than_allowed(sentinel: Sentinel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        addresses = [f"127.0.0.{n}" for n in range(1, OUTBOUND_CONNECTS_MAX + 2)]
        outbound = Outbound(Policy.read(own=[f"a.example:{port}"]), resolver=lambda host, port: addresses)
        with pytest.raises(Unreachable):
            outbound.get(f"http://a.example:{port}/")
    assert sentinel.connects == addresses[:OUTBOUND_CONNECTS_MAX]


def test_a_body_that_nobody_wants_is_left_unread() -> None:
    got = call(endless(b"HTTP/1.1 404 Not Found\r\nContent-Encoding: br\r\n\r\n", bytes(65536)), body_bytes_max=0)
    assert (got.status, got.body) == (404, b"")


def test_many_threads_share_one_client() -> None:
    def echo(connection: socket.socket) -> None:
        path = read_request(connection).split(b" ")[1]
        connection.sendall(answer(path))

    with Trap(echo) as trap, ThreadPoolExecutor(16) as pool:
        outbound = Outbound(Policy.read(own=[trap.pair]))
        paths = [f"/{n}" for n in range(200)]
        assert [a.body.decode() for a in pool.map(lambda path: outbound.get(trap.url(path)), paths)] == paths


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_proxies_of_the_environment_are_ignored(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Trap(says(answer(b"proxy"))) as proxy, Trap(says(answer(b"direct"))) as trap:
        monkeypatch.setenv(variable, proxy.url())
        assert Outbound(Policy.read(own=[trap.pair])).get(trap.url()).body == b"direct"
        assert proxy.accepted == 0


def test_no_key_log_is_written_for_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", os.fspath(tmp_path / "keys"))
    assert Outbound(Policy())._tls.keylog_filename is None


# ── nothing was sent: Unreachable ──


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Unreachable) as failure:
            Outbound(Policy.read(own=[f"127.0.0.1:{port}"])).post(f"http://127.0.0.1:{port}/", b"{}")
    assert (failure.value.reason, failure.value.where) == ("connection-failed", f"127.0.0.1:{port}")


def test_the_name_is_unknown() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Unreachable) as failure:
        Outbound(Policy(), resolver=unknown).get("https://a.example/")
    assert failure.value.reason == "dns-failure"


# ── sent, and no complete answer: UnknownOutcome ──

CUT = [
    b"",
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
]
MALFORMED = [
    b"\x00\x01\x02\r\n\r\n",
    b"hello\r\n\r\n",
    b"ICY 200 OK\r\n\r\n",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"HTTP/1.1 99 Low\r\n\r\n",
    b"HTTP/1.1 1000 High\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffffffff\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"SSH-2.0-OpenSSH_9.9\r\n",
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("raw", CUT + MALFORMED)
def test_no_complete_answer(raw: bytes, method: str) -> None:
    with pytest.raises(UnknownOutcome) as failure:
        call(says(raw), method=method)
    assert failure.value.reason == "answer-malformed"


def test_a_reset_connection() -> None:
    with pytest.raises(UnknownOutcome) as failure:
        call(reset, method="post")
    assert failure.value.reason == "answer-cut"


SLOW = {
    "silence": silent,
    "head drips": endless(b"HTTP/1.1 200 OK\r\n", b"X", pause_s=0.02),
    "head lines drip": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.02),
    "body drips": endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", pause_s=0.02),
    "chunks drip": endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", pause_s=0.02),
    "for ever early hints": endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", pause_s=0.02),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_slow_answers_end_at_the_total_time(script: Script) -> None:
    with pytest.raises(UnknownOutcome) as failure:
        call(script, total_s=0.4)
    assert failure.value.reason == "answer-timeout"


@pytest.mark.slow
@pytest.mark.parametrize("pause_s", [30, 0.02], ids=["never", "drop by drop"])
def test_a_server_that_hardly_reads_a_large_request(pause_s: float) -> None:
    end = Event()

    def deaf(connection: socket.socket) -> None:
        while not end.wait(pause_s) and connection.recv(8192):
            pass

    with Trap(deaf) as trap:
        with pytest.raises(UnknownOutcome) as failure:
            Outbound(Policy.read(own=[trap.pair])).post(trap.url(), bytes(64 * 2**20), total_s=0.4)
        end.set()
    assert failure.value.reason == "answer-timeout"


@pytest.mark.slow
def test_the_total_time_spans_all_hops() -> None:
    with Trap(endless(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n", b"X: y\r\n", pause_s=0.02)) as trap:
        with pytest.raises(UnknownOutcome):
            Outbound(Policy.read(own=[trap.pair])).get(trap.url(), follow=5, total_s=0.4)
        assert trap.accepted == 1


# ── answered, but unreadable ──


@pytest.mark.parametrize("size", [1000, 1001])
def test_body_at_the_limit_and_one_beyond(size: int) -> None:
    if size == 1000:
        assert len(call(says(answer(bytes(size))), body_bytes_max=1000).body) == 1000
        return
    with pytest.raises(AnswerTooLarge) as failure:
        call(says(answer(bytes(size))), body_bytes_max=1000)
    assert (failure.value.reason, failure.value.answer_status) == ("body-too-large", 200)


HUGE = {
    "announced": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
    "until closed": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("first", HUGE.values(), ids=HUGE)
def test_a_huge_body_is_left_unread(first: bytes) -> None:
    sent: list[int] = []
    with pytest.raises(AnswerTooLarge) as failure:
        call(endless(first, bytes(2**16), sent=sent), body_bytes_max=2**20)
    assert failure.value.answer_status == 200
    assert sum(sent) < 32 * 2**20  # what the machine's socket buffers took, not what a sender would like to send


def test_chunk_framing_is_counted_too() -> None:
    chunk = b"1;" + b"e" * 5000 + b"\r\nx\r\n"
    with pytest.raises(AnswerTooLarge) as failure:
        call(endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk), body_bytes_max=10_000)
    assert (failure.value.reason, failure.value.answer_status) == ("answer-too-large", 200)


def test_a_gzip_bomb() -> None:
    bomb = gzip.compress(bytes(64 * 2**20), 9)
    with pytest.raises(AnswerTooLarge) as failure:
        call(says(answer(bomb, "Content-Encoding: gzip", status="201 Created")), method="post")
    assert (failure.value.reason, failure.value.answer_status) == ("body-too-large", 201)


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd"])
def test_a_coding_nobody_asked_for(coding: str) -> None:
    with pytest.raises(AnswerUnreadable) as failure:
        call(says(answer(b"x", f"Content-Encoding: {coding}")))
    assert (failure.value.reason, failure.value.answer_status) == ("content-coding-unknown", 200)


HEADS = {
    "one long line": endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096),
    "many lines": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
    "early hints": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
}


@pytest.mark.parametrize("script", HEADS.values(), ids=HEADS)
def test_endless_heads(script: Script) -> None:
    with pytest.raises(AnswerTooLarge) as failure:
        call(script)
    assert (failure.value.reason, failure.value.answer_status) == ("answer-too-large", None)


def test_head_at_its_limits_and_one_beyond() -> None:
    own_lines, own_bytes = 1, len("Content-Length0")
    for extra in (0, 1):
        lines = ["X: y"] * (OUTBOUND_HEAD_LINES_MAX - own_lines + extra)
        wide = "X: " + "y" * (OUTBOUND_HEAD_BYTES_MAX - own_bytes - 1 + extra)
        for head in (lines, [wide]):
            if extra:
                with pytest.raises(AnswerTooLarge) as failure:
                    call(says(answer(b"", *head)))
                assert (failure.value.reason, failure.value.answer_status) == ("head-too-large", 200)
            else:
                assert call(says(answer(b"", *head))).status == 200


# ── redirects (the hostile ones are in tests/attack/ssrf) ──


def test_a_redirect_is_an_answer_unless_asked() -> None:
    moved = says(answer(b"moved", "Location: /b", status="302 Found"))
    assert call(moved).status == 302
    assert call(moved, method="post").status == 302


@pytest.mark.parametrize("hops", [1, OUTBOUND_REDIRECTS_MAX])
def test_a_chain_as_long_as_asked_and_one_longer(hops: int) -> None:
    def chain(connection: socket.socket) -> None:
        left = int(read_request(connection).split(b" ")[1][1:])
        connection.sendall(answer(b"", f"Location: /{left - 1}", status="302 Found") if left else answer(b"end"))

    with Trap(chain) as trap:
        outbound = Outbound(Policy.read(own=[trap.pair]))
        got = outbound.get(trap.url(f"/{hops}"), follow=hops)
        assert (got.body, got.url) == (b"end", trap.url("/0"))
        with pytest.raises(Blocked) as refusal:
            outbound.get(trap.url(f"/{hops + 1}"), follow=hops)
    assert refusal.value.reason == "redirect-limit"


def test_a_redirect_to_nowhere_is_an_answer() -> None:
    with Trap(says(answer(b"lost", status="302 Found"))) as trap:
        assert Outbound(Policy.read(own=[trap.pair])).get(trap.url(), follow=3).body == b"lost"


@pytest.mark.parametrize("follow", [-1, OUTBOUND_REDIRECTS_MAX + 1])
def test_nobody_follows_further_than_the_limit(follow: int) -> None:
    with pytest.raises(ValueError, match="follow"):
        Outbound(Policy()).get("https://a.example/", follow=follow)
