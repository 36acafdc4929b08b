"""The webhook connector against a receiver that verifies and then hangs, lies, redirects, breaks or cuts."""

import gzip
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from beffroi.actions.model import Verification
from beffroi.doors.platforms import (
    ActKind,
    Capability,
    Connector,
    Done,
    Expect,
    Outcome,
    PlatformAct,
    PlatformItem,
    Refused,
    Retry,
    Unknown,
    VerdictReady,
)
from beffroi.doors.platforms.signing import fresh_secret
from beffroi.doors.platforms.webhook import BY_CONTRACT, Webhook, WebhookSettings, build
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.net import Outbound, Policy
from tests.attack.ssrf.traps import Trap, answer, endless, says, silent
from tests.unit.doors.platforms.receiver import Behave, Receiver, replies

Connect = Callable[..., Webhook]


# ── a receiver that behaves ──


def test_a_signed_message_arrives_and_is_done(webhook: Webhook, receiver: Receiver, removal: PlatformAct) -> None:
    connector: Connector = webhook
    assert connector.perform(removal) == Done("done")
    (got,) = receiver.received
    assert got.verified
    assert got.headers["webhook-id"] == "rst_01-1"
    assert got.headers["content-type"] == "application/json"
    assert got.message["type"] == "item.remove"
    assert got.message["timestamp"] == "2026-06-01T08:00:00.000000Z"
    assert got.message["data"]["item"] == {"platform_id": "p-17", "version": 2}


def test_every_try_is_the_same_message_under_the_same_key(
    webhook: Webhook, receiver: Receiver, removal: PlatformAct
) -> None:
    receiver.behave = replies("503 Service Unavailable")
    assert webhook.perform(removal) == Retry("status-503")
    receiver.behave = replies(body=b'{"outcome":"already"}')
    assert webhook.perform(removal) == Done("already")
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.verified
    assert second.verified


def test_a_late_verdict(webhook: Webhook, receiver: Receiver, removal: PlatformAct) -> None:
    late = VerdictReady(
        "itm_1-v1", removal.at, PlatformItem("p-17", 1), "hold", ({"code": "near-copy", "distance": 6},)
    )
    assert webhook.perform(late) == Done("done")
    assert receiver.received[0].message["type"] == "verdict.ready"
    receiver.behave = replies("410 Gone")
    assert webhook.perform(late) == Done("gone")


# ── keys ──


def test_both_secrets_sign_while_one_replaces_the_other(
    connect: Connect, receiver: Receiver, removal: PlatformAct
) -> None:
    assert connect(secrets=[fresh_secret(), receiver.secret]).perform(removal) == Done("done")
    assert connect(secrets=[receiver.secret, fresh_secret()]).perform(removal) == Done("done")
    assert all(len(got.headers["webhook-signature"].split(" ")) == 2 for got in receiver.received)


def test_a_receiver_with_another_secret_refuses(connect: Connect, receiver: Receiver, removal: PlatformAct) -> None:
    assert connect(secrets=[fresh_secret()]).perform(removal) == Refused("status-401", final=True)
    assert not receiver.received[0].verified


# ── receivers that do not behave ──


def cut(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{")


def hundred_megabytes(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
    for _ in range(1600):
        connection.sendall(bytes(65536))


def drips(connection: socket.socket) -> None:
    endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause_s=0.02)(_Again(connection))  # type: ignore[arg-type]


class _Again:
    """The same connection, whose request has been read."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


BOMB = gzip.compress(bytes(8 * 2**20))
BEHAVIOUR: dict[str, tuple[Behave, Outcome]] = {
    "done without a body": (replies("204 No Content"), Done("done")),
    "accepted": (replies("202 Accepted", b"{}"), Done("done")),
    "gone, says the body": (replies(body=b'{"outcome":"gone"}'), Done("gone")),
    "gone, says the status": (replies("410 Gone"), Done("gone")),
    "no JSON": (replies(body=b"<html>fine</html>"), Done("unreadable")),
    "JSON of another shape": (replies(body=b"[1,2]"), Done("unreadable")),
    "a word nobody knows": (replies(body=b'{"outcome":"perhaps"}'), Done("unreadable")),
    "the key twice": (replies(body=b'{"outcome":"done","outcome":"gone"}'), Done("unreadable")),
    "deep JSON": (replies(body=b"[" * 10_000), Done("unreadable")),
    "not UTF-8": (replies(body=b"\xff\xfe"), Done("unreadable")),
    "100 MB": (hundred_megabytes, Done("body-too-large")),
    "a gzip bomb": (replies("200 OK", BOMB, "Content-Encoding: gzip"), Done("body-too-large")),
    "brotli": (replies("200 OK", b"x", "Content-Encoding: br"), Done("content-coding-unknown")),
    "500 with 100 kB": (replies("500 Internal Server Error", bytes(100_000)), Retry("status-500")),
    "400": (replies("400 Bad Request"), Refused("status-400", final=True)),
    "404": (replies("404 Not Found"), Refused("status-404", final=True)),
    "409": (replies("409 Conflict", b'{"reason":"version"}'), Refused("status-409", final=True)),
    "408": (replies("408 Request Timeout"), Retry("status-408")),
    "429": (replies("429 Too Many Requests", b"", "Retry-After: 17"), Retry("status-429", 17)),
    "500": (replies("500 Internal Server Error"), Retry("status-500")),
    "503 for a day and more": (replies("503 Unavailable", b"", "Retry-After: 999999999"), Retry("status-503", 86_400)),
    "cut": (cut, Unknown("answer-malformed")),
    "closed at once": (lambda connection: None, Unknown("answer-malformed")),
    "garbage": (lambda connection: connection.sendall(b"what?\r\n\r\n"), Unknown("answer-malformed")),
    "hangs": (silent, Unknown("answer-timeout")),
    "drips": (drips, Unknown("answer-timeout")),
}


@pytest.mark.parametrize(("behave", "outcome"), BEHAVIOUR.values(), ids=BEHAVIOUR)
def test_what_becomes_of_it(
    behave: Behave, outcome: Outcome, connect: Connect, receiver: Receiver, removal: PlatformAct
) -> None:
    receiver.behave = behave
    waits = isinstance(outcome, Unknown)
    assert connect(total_s=0.5 if waits else 10).perform(removal) == outcome
    assert [got.verified for got in receiver.received] == [True]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_signed_message_follows_no_redirect(
    status: str, webhook: Webhook, receiver: Receiver, removal: PlatformAct
) -> None:
    with Trap(says(answer(b"trapped"))) as elsewhere:
        receiver.behave = replies(status, b"", f"Location: {elsewhere.url()}")
        assert webhook.perform(removal) == Refused("redirected", final=False)
        assert elsewhere.accepted == 0


def test_nobody_listens(connect: Connect, receiver: Receiver, removal: PlatformAct) -> None:
    connector = connect()
    receiver.__exit__()
    assert connector.perform(removal) == Retry("connection-failed")
    assert receiver.received == []


def test_a_hook_that_the_policy_does_not_open(receiver: Receiver, removal: PlatformAct) -> None:
    settings = {"hook_url": receiver.hook_url, "secrets": [receiver.secret]}
    closed = build(settings, Outbound(Policy()), SystemClock())
    assert closed.perform(removal) == Refused("plain-http-not-allowed", final=False)
    assert receiver.received == []


# ── capabilities ──


def test_what_is_not_declared_is_not_asked(connect: Connect, receiver: Receiver, removal: PlatformAct) -> None:
    connector = connect(capabilities=["remove", "verify"])
    suspension = replace(removal, kind=ActKind.ACCOUNT_SUSPEND, item=None, account="u-3")
    assert connector.capabilities == {Capability.REMOVE, Capability.VERIFY}
    assert connector.perform(suspension) == Refused("not-declared", final=True)
    assert receiver.received == []


def test_the_contract_has_a_message_for_each_act() -> None:
    assert {kind.needs for kind in ActKind} | {Capability.VERIFY} == BY_CONTRACT


def test_nothing_is_located(webhook: Webhook) -> None:
    assert webhook.locate("https://platform.example/p/17") is None


# ── the receiver that lies ──


def test_done_but_still_visible(webhook: Webhook, receiver: Receiver, removal: PlatformAct) -> None:
    receiver.pages["/p/17"] = answer(b"still here")
    assert webhook.perform(removal) == Done("done")
    assert webhook.verify(receiver.url("/p/17"), Expect.NOT_VISIBLE).verification is Verification.STILL_VISIBLE
    del receiver.pages["/p/17"]
    assert webhook.verify(receiver.url("/p/17"), Expect.NOT_VISIBLE).verification is Verification.VERIFIED


# ── settings ──


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "hook_url"),
        ({"secrets": []}, "secrets"),
        ({"secrets": ["hush"]}, "secrets"),
        ({"secrets": [fresh_secret()] * 3}, "secrets"),
        ({"secrets": [fresh_secret()], "capabilities": ["fly"]}, "capabilities.0"),
        ({"secrets": [fresh_secret()], "capabilities": ["locate_by_url"]}, "capabilities"),
        ({"secrets": [fresh_secret()], "vantage": "Austria"}, "vantage"),
        ({"secrets": [fresh_secret()], "total_s": 3600}, "total_s"),
        ({"secrets": [fresh_secret()], "colour": "red"}, "colour"),
    ],
)
def test_wrong_settings_are_named_and_not_shown(settings: dict[str, Any], where: str) -> None:
    given = {"hook_url": "https://platform.example/hook"} | settings if settings else {"secrets": [fresh_secret()]}
    with pytest.raises(Invalid) as refusal:
        WebhookSettings.read(given)
    assert (refusal.value.code, refusal.value.where) == ("webhook-settings", where)
    assert "hush" not in str(refusal.value)


def test_secrets_are_not_printed() -> None:
    secret = fresh_secret()
    settings = WebhookSettings.read({"hook_url": "https://platform.example/hook", "secrets": [secret]})
    assert secret not in repr(settings)
