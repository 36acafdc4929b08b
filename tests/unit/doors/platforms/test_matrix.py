"""The Matrix connector against scripted answers; what it does to a real Synapse is shown in tests/matrix."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from beffroi.actions.model import Verification
from beffroi.doors.platforms import (
    ActKind,
    Connector,
    Done,
    Expect,
    Outcome,
    PlatformAct,
    PlatformItem,
    Refused,
    Retry,
    StatementLink,
    Unknown,
    VerdictReady,
    connectors,
)
from beffroi.doors.platforms.matrix import Matrix, MatrixSettings, build
from beffroi.doors.platforms.matrix_events import link_to
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import REPORTS_AT_ONCE_MAX
from beffroi.ground.net import Outbound, Policy, UnknownOutcome
from tests.attack.ssrf.traps import Trap, answer, read_request, reset

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
ROOM, EVENT, FILE = "!weir:tower.example", "$e1", "mxc://tower.example/abc"
LINK = link_to(ROOM, EVENT)
Answers = Callable[[str, str], tuple[int, object]]


class Script:
    """A homeserver that answers by method and path, and remembers what it was asked."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, dict[str, object]]] = []

    def __call__(self, connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        method, path = head.decode().split("\r\n")[0].split(" ")[:2]
        self.asked.append((method, path, json.loads(body or b"{}")))
        status, told = self.answers(method, path)
        connection.sendall(answer(json.dumps(told).encode(), status=f"{status} X"))

    @property
    def calls(self) -> list[str]:
        """Method and path without its first parts, in order."""
        return [f"{method} {path.partition('/v')[2].partition('/')[2]}" for method, path, _ in self.asked]


def connected(trap: Trap, **settings: object) -> Matrix:
    outbound = Outbound(Policy.read(own=[trap.pair]))
    return build({"url": f"http://{trap.pair}/", "token": "syt_x"} | settings, outbound, FakeClock())


def item_act(kind: ActKind, **more: object) -> PlatformAct:
    given = {"key": "rst_1-1", "at": AT, "item": PlatformItem(EVENT, 1), "account": "@bert:tower.example", "url": LINK}
    return PlatformAct(kind, **given | more)


def account_act(kind: ActKind, **more: object) -> PlatformAct:
    return PlatformAct(kind, **{"key": "rst_1-1", "at": AT, "account": "@bert:tower.example"} | more)


def event(content: dict[str, object]) -> dict[str, object]:
    told = {"room_id": ROOM, "sender": "@bert:tower.example", "content": content, "origin_server_ts": 5}
    return {"event": told}


def play(act: PlatformAct | VerdictReady, answers: Answers, **settings: object) -> tuple[Outcome, Script]:
    script = Script(answers)
    with Trap(script) as trap:
        return connected(trap, **settings).perform(act), script


def has_event(content: dict[str, object], *, otherwise: tuple[int, object] = (200, {})) -> Answers:
    return lambda method, path: (200, event(content)) if "fetch_event" in path else otherwise


# ── settings ──


def test_it_is_found_by_its_name_and_declares_only_what_it_does():
    assert connectors()["matrix"] is build
    assert {"hold", "label", "disable", "restrict_territories", "purge_caches"}.isdisjoint(Matrix.capabilities)


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"url": "ftp://x", "token": "t"}, "url"),
        ({"url": "", "token": "t"}, "url"),
        ({"url": "https://x", "token": ""}, "token"),
        ({"url": "https://x", "token": "t", "suspend_by": "magic"}, "suspend_by"),
        ({"url": "https://x", "token": "t", "colour": "red"}, "colour"),
    ],
)
def test_wrong_settings_are_named_and_not_shown(settings, where):
    with pytest.raises(Invalid) as refused:
        MatrixSettings.read(settings)
    assert refused.value.where == where
    assert "magic" not in refused.value.message


# ── acts ──


def test_a_picture_alone_is_quarantined_and_not_redacted():
    content = {"msgtype": "m.image", "body": "a.png", "url": FILE}
    outcome, script = play(item_act(ActKind.ITEM_REMOVE, media=(FILE,)), has_event(content))
    assert outcome == Done("done")
    assert script.calls == [f"GET fetch_event/%24{EVENT[1:]}", "POST media/quarantine/tower.example/abc"]


def test_words_are_redacted_after_their_edits():
    def answers(method: str, path: str) -> tuple[int, object]:
        if "relations" in path:
            return 200, {"chunk": [{"event_id": "$e2"}]}
        return has_event({"body": "words"})(method, path)

    outcome, script = play(item_act(ActKind.ITEM_REMOVE), answers)
    assert outcome == Done("done")
    redactions = [call for call in script.calls if "redact" in call]
    assert [call.split("/redact/")[1] for call in redactions] == ["%24e2/rst_1-1-0", "%24e1/rst_1-1-1"]


def test_without_power_in_the_room_it_is_done_in_the_sender_s_name_and_the_token_is_ended():
    def answers(method: str, path: str) -> tuple[int, object]:
        if "login" in path:
            return 200, {"access_token": "syt_puppet"}
        if "redact" in path and not any("login" in asked for _, asked, _ in script.asked):
            return 403, {"errcode": "M_FORBIDDEN"}
        return has_event({"body": "words"})(method, path)

    script = Script(answers)
    with Trap(script) as trap:
        assert connected(trap).perform(item_act(ActKind.ITEM_REMOVE)) == Done("done")
    assert script.calls[-1] == "POST logout"
    [login] = [body for _, path, body in script.asked if "login" in path]
    assert 0 < int(str(login["valid_until_ms"])) - FakeClock().now().timestamp() * 1000 <= 60_000


def test_where_nobody_can_redact_a_setting_must_change():
    answers = lambda method, path: (  # noqa: E731
        (403, {}) if "redact" in path or "login" in path else has_event({"body": "words"})(method, path)
    )
    outcome, _ = play(item_act(ActKind.ITEM_REMOVE), answers)
    assert outcome == Refused("no-power-in-this-room", final=False)


def test_what_is_gone_is_gone_and_its_files_are_still_quarantined():
    nothing = lambda method, path: (404, {})  # noqa: E731
    assert play(item_act(ActKind.ITEM_REMOVE), nothing)[0] == Done("gone")
    kept = lambda method, path: (404, {}) if "fetch_event" in path else (200, {})  # noqa: E731
    assert play(item_act(ActKind.ITEM_REMOVE, media=(FILE, "p-17", "")), kept)[0] == Done("done")


def test_the_address_of_an_item_wins_over_its_name():
    outcome, script = play(item_act(ActKind.ITEM_REMOVE, item=PlatformItem("$old", 1)), has_event({"body": "words"}))
    assert outcome == Done("done")
    assert script.calls[0] == "GET fetch_event/%24e1"
    _, script = play(item_act(ActKind.ITEM_REMOVE, item=PlatformItem("$old", 1), url=None), has_event({"body": "x"}))
    assert script.calls[0] == "GET fetch_event/%24old"


def test_a_redaction_is_never_said_to_be_undone():
    def answers(method: str, path: str) -> tuple[int, object]:
        if "/context/" in path:
            return 200, {"event": {"content": {}, "unsigned": {"redacted_because": {}}}}
        return has_event({"body": "words", "url": FILE})(method, path)

    outcome, script = play(item_act(ActKind.ITEM_RESTORE, lifts=ActKind.ITEM_REMOVE), answers)
    assert outcome == Refused("a-redaction-cannot-be-undone", final=True)
    assert "POST media/unquarantine/tower.example/abc" in script.calls
    gone = lambda method, path: (404, {})  # noqa: E731
    assert play(item_act(ActKind.ITEM_RESTORE, lifts=ActKind.ITEM_HOLD), gone)[0] == Done("never-sent")


@pytest.mark.parametrize(("how", "path"), [("suspend", "suspend/%40bert"), ("lock", "users/%40bert")])
def test_an_account_is_suspended_as_set(how, path):
    for kind, is_on in ((ActKind.ACCOUNT_SUSPEND, True), (ActKind.ACCOUNT_RESTORE, False)):
        outcome, script = play(account_act(kind), lambda method, path: (200, {}), suspend_by=how)
        assert outcome == Done("done")
        [(method, asked, body)] = script.asked
        assert (method, path in asked, next(iter(body.values()))) == ("PUT", True, is_on)


def test_undoing_a_warning_touches_no_account():
    act = account_act(ActKind.ACCOUNT_RESTORE, lifts=ActKind.ACCOUNT_WARN)
    outcome, script = play(act, lambda method, path: (200, {}))
    assert (outcome, script.asked) == (Done("done"), [])


def test_people_are_told_under_the_same_key_every_time():
    link = StatementLink("https://node.example/s/x", "C-1", "en", "Your post", "Read why.")
    act = account_act(ActKind.USER_INFORM, statement=link)
    outcome, script = play(act, lambda method, path: (200, {}))
    assert outcome == Done("done")
    [(method, path, body)] = script.asked
    assert (method, path) == ("PUT", "/_synapse/admin/v1/send_server_notice/rst_1-1")
    assert body["content"]["body"] == "Your post\nRead why.\nhttps://node.example/s/x"
    off = {"error": "Server notices are not enabled on this server"}
    assert play(act, lambda method, path: (400, off))[0] == Refused("no-server-notices", final=False)
    elsewhere = {"error": "Server notices can only be sent to local users"}
    assert play(act, lambda method, path: (400, elsewhere))[0] == Refused("no-server-notices", final=True)


def test_parts_of_a_profile_are_cleared_and_an_avatar_comes_back():
    avatar = PlatformItem("profile-avatar-0123", 1)
    everything = lambda method, path: (200, {})  # noqa: E731
    outcome, script = play(item_act(ActKind.ITEM_REMOVE, item=avatar, url=None, media=(FILE,)), everything)
    assert outcome == Done("done")
    assert script.asked[-1][2] == {"avatar_url": ""}
    outcome, script = play(item_act(ActKind.ITEM_RESTORE, item=avatar, url=None, media=(FILE,)), everything)
    assert (outcome, script.asked[-1][2]) == (Done("done"), {"avatar_url": FILE})
    name = PlatformItem("profile-profile_name-0123", 1)
    assert play(item_act(ActKind.ITEM_RESTORE, item=name, url=None), everything)[0] == Refused(
        "a-name-is-set-again-by-its-owner", final=True
    )


def test_what_is_not_declared_is_refused_and_a_late_verdict_is_too_late():
    nobody = lambda method, path: (500, {})  # noqa: E731
    assert play(item_act(ActKind.ITEM_HOLD), nobody)[0] == Refused("not-declared", final=True)
    late = VerdictReady("v", AT, PlatformItem(EVENT, 1), "allow", ())
    outcome, script = play(late, nobody)
    assert (outcome, script.asked) == (Done("too-late"), [])


def test_failures_become_outcomes():
    act = account_act(ActKind.ACCOUNT_SUSPEND)
    assert play(act, lambda method, path: (503, {}))[0] == Retry("status-503")
    with Trap(reset) as trap:
        assert isinstance(connected(trap).perform(act), Unknown)
    assert isinstance(connected(trap).perform(act), Retry)  # nobody listens any more
    blocked = build({"url": "http://127.0.0.1:1", "token": "t"}, Outbound(Policy.read()), FakeClock())
    assert blocked.perform(act) == Refused("plain-http-not-allowed", final=False)


# ── looking ──


@pytest.mark.parametrize(
    ("status", "expect", "means"),
    [
        (404, Expect.NOT_VISIBLE, Verification.VERIFIED),
        (200, Expect.NOT_VISIBLE, Verification.STILL_VISIBLE),
        (200, Expect.VISIBLE, Verification.VERIFIED),
        (404, Expect.VISIBLE, Verification.STILL_HIDDEN),
        (403, Expect.NOT_VISIBLE, Verification.NOT_VERIFIABLE),
    ],
)
def test_a_picture_is_looked_at_by_a_guest(status, expect, means):
    def answers(method: str, path: str) -> tuple[int, object]:
        if "register" in path:
            return 200, {"access_token": "guest"}
        return (status, {}) if "download" in path else has_event({"body": "a.png", "url": FILE})(method, path)

    script = Script(answers)
    with Trap(script) as trap:
        connector: Connector = connected(trap)
        assert connector.verify(LINK, expect).verification is means
        connector.verify(LINK, expect)
    assert len([path for _, path, _ in script.asked if "register" in path]) == 1


def test_without_a_visitor_nothing_is_called_seen():
    answers = lambda method, path: (403, {}) if "register" in path else has_event({"body": "x"})(method, path)  # noqa: E731
    with Trap(Script(answers)) as trap:
        assert connected(trap).verify(LINK, Expect.NOT_VISIBLE).reason == "no-visitor"
        assert connected(trap).verify("https://example.org", Expect.VISIBLE).reason == "not-a-matrix-link"
    assert connected(trap).verify(LINK, Expect.VISIBLE).reason == "server-did-not-answer"


# ── reports ──


def reports(count: int) -> Answers:
    def answers(method: str, path: str) -> tuple[int, object]:
        if "event_reports" in path:
            start = int(path.rpartition("from=")[2])
            numbers = list(range(count, 0, -1))[start : start + 100]
            rows = [
                {"id": n, "room_id": ROOM, "event_id": EVENT, "user_id": "@c:t", "reason": f"r{n}"} for n in numbers
            ]
            return 200, {"event_reports": rows, "total": count}
        return has_event({"body": "words"})(method, path)

    return answers


@pytest.mark.parametrize(("after", "first"), [("", 1), ("0", 1), ("nonsense", 1), ("230", 231), ("7", 8)])
def test_reports_are_read_from_the_oldest_unread_on(after, first):
    with Trap(Script(reports(250))) as trap:
        found = connected(trap).reports(after)
    assert [report.cursor for report in found] == [
        str(n) for n in range(first, min(first + REPORTS_AT_ONCE_MAX, 251))
    ]  # fmt: skip
    assert (found[0].reporter, found[0].reason, found[0].url) == ("@c:t", f"r{first}", LINK)
    assert found[0].item.text == "words"


def test_when_all_are_read_there_are_none():
    with Trap(Script(reports(3))) as trap:
        assert connected(trap).reports("3") == ()


def test_reports_that_cannot_be_read_are_asked_for_again():
    with Trap(Script(lambda method, path: (500, {}))) as trap, pytest.raises(UnknownOutcome):
        connected(trap).reports("")
