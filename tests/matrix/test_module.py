"""The module's settings and what it reads of an event; no Synapse is needed for these."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

PLACE = Path(__file__).parents[2] / "connectors/matrix-module/beffroi_synapse"
GOOD = {"node_url": "https://node.example/", "api_key": "k"}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"beffroi_synapse_{name}", PLACE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


settings, events = load("settings"), load("events")


def test_settings_have_safe_defaults(tmp_path: Path) -> None:
    read = settings.Settings.read(GOOD)
    assert (read.node_url, read.deadline_ms, read.fail) == (
        "https://node.example", 2000, {"text": "open", "media": "open"}
    )  # fmt: skip
    (tmp_path / "key").write_text("secret\n")
    with_file = settings.Settings.read({"node_url": "https://x", "api_key_path": str(tmp_path / "key")})
    assert with_file.api_key == "secret"
    assert "secret" not in repr(with_file)
    assert settings.Settings.read(GOOD | {"fail": {"media": "closed"}}).fail == {"text": "open", "media": "closed"}
    assert settings.Settings.read(GOOD | {"sentences": {"hold": "Warte: {link}"}}).sentences["hold"] == "Warte: {link}"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"node_url": ""}, "node_url"),
        ({"node_url": "ftp://x"}, "node_url"),
        ({"api_key": None}, "api_key"),
        ({"api_key_path": "/nonexistent"}, "api_key_path"),
        ({"deadline_ms": 0}, "deadline_ms"),
        ({"deadline_ms": 60_000}, "deadline_ms"),
        ({"deadline_ms": "2s"}, "deadline_ms"),
        ({"fail": {"text": "maybe"}}, "fail"),
        ({"fail": {"film": "open"}}, "fail"),
        ({"sentences": {"shout": "x"}}, "sentences"),
        ({"charter_every_s": 0}, "charter_every_s"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(settings.WrongSetting) as refused:
        settings.Settings.read(GOOD | wrong)
    assert str(refused.value).startswith(named)


def an_event(content: dict[str, Any], **more: Any) -> SimpleNamespace:
    given = {"event_id": "$e", "sender": "@a:t", "room_id": "!r:t", "type": "m.room.message", "origin_server_ts": 0}
    return SimpleNamespace(**given | {"content": content} | more)


def test_a_question_is_what_the_node_takes() -> None:
    asked = events.question(
        an_event({"body": "x", "m.relates_to": {"event_id": "$p", "rel_type": "m.thread"}}), is_local=True
    )
    assert asked == {
        "platform_id": "$e", "account": {"platform_id": "@a:t"}, "kind": "post", "visibility": "public",
        "origin": "local", "text": "x", "url": "matrix:roomid/r:t/e/e", "parent": "$p", "thread": "!r:t",
        "posted_at": "1970-01-01T00:00:00+00:00",
    }  # fmt: skip
    for relates in (None, "x", [], {"event_id": 7}, {"event_id": "$" * 300}):
        assert events.question(an_event({"m.relates_to": relates}), is_local=False)["parent"] is None


def test_likeness_is_of_person_place_and_what_is_said() -> None:
    first = events.likeness(an_event({"body": "x"}))
    assert first == events.likeness(an_event({"body": "x", "msgtype": "m.text"}, event_id="$other", origin_server_ts=9))
    others = (
        an_event({"body": "y"}), an_event({"body": "x"}, sender="@b:t"), an_event({"body": "x"}, room_id="!s:t"),
        an_event({"body": "x", "url": "mxc://t/1"}), an_event({"body": "x"}, type="m.sticker"),
    )  # fmt: skip
    assert first not in {events.likeness(other) for other in others}


@pytest.mark.parametrize(
    ("rule", "history", "is_open"),
    [
        ("public", "shared", True), ("invite", "world_readable", True), ("knock", "shared", False),
        ("restricted", "joined", False), (None, None, False),
    ],
)  # fmt: skip
def test_open_is_where_anybody_may_join_or_read(rule: str | None, history: str | None, is_open: bool) -> None:
    states = (
        None if rule is None else an_event({"join_rule": rule}),
        None if history is None else an_event({"history_visibility": history}),
    )
    assert events.is_open(*states) is is_open


def test_what_moderators_and_members_do_is_never_asked_about() -> None:
    for kind in ("m.room.redaction", "m.room.member", "m.policy.rule.user", "m.room.encrypted", "m.room.power_levels"):
        assert kind not in events.ASKED
