"""Calls to a homeserver that is down, slow, rude, wrong or hostile; the real one is met in tests/matrix."""

import json

import pytest

from beffroi.doors.platforms import Refused, Retry
from beffroi.doors.platforms.matrix_server import Failed, Server, body_of, good, mxc_path, objects
from beffroi.ground.kernel.limits import MATRIX_ANSWER_BYTES_MAX, RETRY_AFTER_S_MAX
from beffroi.ground.net import Answer, AnswerTooLarge, Blocked, Outbound, Policy, Unreachable
from tests.attack.ssrf.traps import Trap, answer, says

STATUSES = {200: "200 OK", 401: "401 No", 403: "403 No", 404: "404 No", 400: "400 No", 429: "429 Slow", 502: "502 Bad"}


def said(status: int, body: object = None) -> bytes:
    return answer(json.dumps({} if body is None else body).encode(), status=STATUSES[status])


def met(raw: bytes, seen: list[bytes] | None = None) -> tuple[Trap, Server]:
    trap = Trap(says(raw, seen))
    return trap, Server(f"http://{trap.pair}", "syt_secret", Outbound(Policy.read(own=[trap.pair])))


def an_answer(status: int, body: bytes) -> Answer:
    return Answer(status, (), body, "http://x/", 0.0)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (401, {"errcode": "M_UNKNOWN_TOKEN"}, Refused("status-401 M_UNKNOWN_TOKEN", final=False)),
        (403, {"errcode": "M_FORBIDDEN"}, Refused("status-403 M_FORBIDDEN", final=False)),
        (400, {"errcode": 7}, Refused("status-400", final=True)),
        (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}, Retry("status-429 M_LIMIT_EXCEEDED", 2)),
        (429, {"retry_after_ms": 10**15}, Retry("status-429", RETRY_AFTER_S_MAX)),
        (429, {"retry_after_ms": "soon"}, Retry("status-429", None)),
        (502, {}, Retry("status-502", None)),
    ],
)
def test_what_a_bad_answer_means(status, body, means):
    with pytest.raises(Failed) as failed:
        good(an_answer(status, json.dumps(body).encode()))
    assert failed.value.outcome == means


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"a":1,"a":2}', b"{" * 1000, b'"x"'])
def test_nonsense_is_no_body(body):
    assert body_of(an_answer(200, body)) == {}


def test_the_token_goes_along_and_another_or_none_in_its_place():
    seen: list[bytes] = []
    trap, server = met(said(200), seen)
    with trap:
        for token in (None, "other", ""):
            server.ask("PUT", "/x", {"a": 1}, token)
    assert [b"syt_secret" in each for each in seen] == [True, False, False]
    assert [b"Bearer other" in each for each in seen] == [False, True, False]
    assert [b"authorization" in each.lower() for each in seen] == [True, True, False]
    assert all(each.startswith(b"PUT /x ") and each.endswith(b'{"a":1}') for each in seen)


def test_an_event_is_read_and_a_missing_one_is_none():
    told = {"event": {"room_id": "!r", "sender": "@s:t", "content": {"body": "x"}, "origin_server_ts": 1000}}
    trap, server = met(said(200, told))
    with trap:
        event = server.event("$a/b?c")
        assert (event.room, event.sender, event.has_words, event.files) == ("!r", "@s:t", True, ())
    trap, server = met(said(404))
    with trap:
        assert server.event("$a") is None


@pytest.mark.parametrize("told", [{}, {"event": []}, {"event": {"content": "x"}}])
def test_an_event_of_no_known_shape_is_unknown(told):
    trap, server = met(said(200, told))
    with trap, pytest.raises(Failed) as failed:
        server.event("$a")
    assert failed.value.outcome.reason == "answer-malformed"


@pytest.mark.parametrize(
    ("told", "is_open"),
    [
        ({"join_rules": "public", "history_visibility": "shared"}, True),
        ({"join_rules": "invite", "history_visibility": "world_readable"}, True),
        ({"join_rules": "knock", "history_visibility": "shared"}, False),
        ({"join_rules": None}, False),
        ({}, False),
    ],
)
def test_a_room_is_open_where_anybody_may_join_or_read(told, is_open):
    trap, server = met(said(200, told))
    with trap:
        assert server.is_open("!r") is is_open


def test_a_server_that_will_not_say_is_not_called_open():
    trap, server = met(said(502))
    with trap:
        assert server.is_open("!r") is False


def test_a_file_that_cannot_be_had_has_no_bytes():
    trap, server = met(answer(b"bytes", "Content-Type: image/png"))
    with trap:
        file = server.file("mxc://t/x")
        assert (file.content, file.media_type, file.platform_id) == (b"bytes", "image/png", "mxc://t/x")
    trap, server = met(said(404))
    with trap:
        assert server.file("mxc://t/x").content is None
    assert server.file("mxc://t/x").content is None  # nobody listens any more


def test_what_is_seen_of_a_file():
    for status, seen in ((200, True), (404, False), (403, None), (502, None)):
        trap, server = met(said(status))
        with trap:
            assert server.shows_file("mxc://t/x", "visitor") is seen


def test_answers_and_addresses_are_bounded():
    trap, server = met(answer(b"x" * (MATRIX_ANSWER_BYTES_MAX + 1)))
    with trap, pytest.raises(AnswerTooLarge):
        server.ask("GET", "/x")
    with pytest.raises(Unreachable):
        server.ask("GET", "/x")
    with pytest.raises(Blocked):
        Server("http://127.0.0.1:1", "t", Outbound(Policy.read())).ask("GET", "/x")


def test_paths_cannot_be_climbed():
    assert mxc_path("mxc://a/../../b") == "a/..%2F..%2Fb"
    assert mxc_path("mxc://a?b/c#d") == "a%3Fb/c%23d"


def test_only_objects_are_objects():
    assert objects([{"a": 1}, 2, None]) == [{"a": 1}]
    assert objects(None) == []
    assert objects(7) == []
