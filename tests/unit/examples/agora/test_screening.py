"""What a verdict, and the lack of one, does to a post in the two publishing modes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.agora import screening

from .loopback import ALLOW, PNG, Site, StandInNode, running, until

HOLD = ALLOW | {
    "verdict": "hold",
    "reasons": [{"code": "near-copy", "message": "It looks like a picture under review."}],
    "until": None,
    "statement_url": "http://node.invalid/s/hold",
}
REJECT = HOLD | {"verdict": "reject", "statement_url": "http://node.invalid/s/reject"}
UNKNOWN = ALLOW | {"verdict": "unknown"}


def ready(site: Site, path: str, answer: dict[str, Any], version: int = 1) -> httpx.Response:
    return site.hook(
        "verdict.ready", answer | {"item": {"platform_id": f"p-{path.rpartition('/')[2]}", "version": version}}
    )


# ── publish-then-check ──


def test_it_is_public_before_the_node_has_said_anything(site: Site, node: StandInNode):
    node.gate.clear()
    path = site.post(site.member())
    assert site.status(path) == 200
    assert not node.asked()


def test_the_node_is_asked_about_the_post_as_it_stands(site: Site, node: StandInNode):
    path = site.post(site.member(), "Kettle & fountain", picture=PNG)
    until(node.asked)
    question = node.asked()[0]
    item = question["item"]
    assert question["event"] == "posted"
    assert item["platform_id"] == "p-1"
    assert item["url"] == site.url + path
    assert item["text"] == "Kettle & fountain"
    assert item["account"] == {"platform_id": "u-1", "name": "Mara", "url": f"{site.url}/u/1"}
    assert item["media"] == [{"platform_id": "m-1", "media_type": "image/png", "blob": "b" * 64}]
    assert ("media", PNG) in node.heard, "its bytes were handed over before"


@pytest.mark.parametrize(("answer", "words"), [(HOLD, "Kept back for a check"), (REJECT, "Not published")])
def test_a_late_verdict_takes_it_back(site: Site, node: StandInNode, answer: dict, words: str):
    node.says = lambda body: answer
    mara = site.member()
    path = site.post(mara)
    until(lambda: site.status(path) == 404)
    page = mara.get(path)
    assert page.status_code == 200
    assert words in page.text
    assert "It looks like a picture under review." in page.text
    assert answer["statement_url"] in page.text


def test_a_hold_ends_by_itself(site: Site, node: StandInNode):
    end = datetime.now(UTC) + timedelta(seconds=1)
    node.says = lambda body: HOLD | {"until": end.isoformat()}
    path = site.post(site.member())
    until(lambda: site.status(path) == 404)
    until(lambda: site.status(path) == 200)
    assert datetime.now(UTC) >= end


@pytest.mark.parametrize("answer", [HOLD, REJECT])
def test_a_restore_publishes_what_a_verdict_kept_back(site: Site, node: StandInNode, answer: dict):
    node.says = lambda body: answer
    path = site.post(site.member())
    until(lambda: site.status(path) == 404)
    item = {"item": {"platform_id": "p-1", "version": 1}, "restriction": "rst_1", "statement": None}
    assert site.hook("item.restore", item).json() == {"outcome": "done"}
    assert site.status(path) == 200
    ready(site, path, answer)
    assert site.status(path) == 200, "the machine does not overrule the person"


def test_an_edit_is_asked_about_as_the_next_version(site: Site, node: StandInNode):
    mara = site.member()
    path = site.post(mara, "One")
    mara.post(f"{path}/edit", data={"text": "Two"})
    until(lambda: len(node.asked()) == 2)
    assert [(q["event"], q["item"]["version"], q["item"]["text"]) for q in node.asked()] == [
        ("posted", 1, "One"),
        ("edited", 2, "Two"),
    ]


def test_a_verdict_on_an_older_version_does_not_bind(site: Site, node: StandInNode):
    mara = site.member()
    path = site.post(mara, "One")
    mara.post(f"{path}/edit", data={"text": "Two"})
    assert ready(site, path, REJECT, version=1).json() == {"outcome": "already"}
    assert site.status(path) == 200
    assert ready(site, path, REJECT, version=2).json() == {"outcome": "done"}
    assert site.status(path) == 404


def test_a_deletion_is_told(site: Site, node: StandInNode):
    mara = site.member()
    path = site.post(mara)
    until(node.asked)
    mara.post(f"{path}/delete")
    until(lambda: {"type": "item.deleted", "item": "p-1"} in node.told())
    assert site.status(path) == 410


def test_new_accounts_names_and_bios_are_told(site: Site, node: StandInNode):
    mara = site.member()
    mara.post("/profile", data={"name": "Mara L.", "bio": "Kettles."})
    mara.post("/profile", data={"name": "Mara L.", "bio": "Kettles."})
    until(lambda: len(node.told()) == 2)
    created, changed = node.told()
    assert (created["type"], created["account"]["name"]) == ("account.created", "Mara")
    assert (changed["type"], changed["account"]["name"], changed["account"]["bio"]) == (
        "account.changed",
        "Mara L.",
        "Kettles.",
    )


# ── hold-then-publish ──


def test_an_allowed_post_is_public_when_its_author_sees_it(holding: Site, node: StandInNode):
    path = holding.post(holding.member())
    assert len(node.asked()) == 1
    assert node.asked()[0]["deadline_ms"] == 2000
    assert holding.status(path) == 200


@pytest.mark.parametrize("answer", [HOLD, REJECT])
def test_a_refused_post_was_never_public(holding: Site, node: StandInNode, answer: dict):
    node.says = lambda body: answer
    path = holding.post(holding.member(), picture=PNG)
    assert holding.status(path) == 404
    assert holding.status("/media/1") == 404
    assert "A kettle." not in holding.client.get("/").text


def test_an_edit_is_kept_back_too(holding: Site, node: StandInNode):
    mara = holding.member()
    path = holding.post(mara)
    node.says = lambda body: HOLD
    mara.post(f"{path}/edit", data={"text": "Another."})
    assert holding.status(path) == 404
    assert mara.post(f"{path}/edit", data={"text": "Yet another."}).status_code == 409


def slow(node: StandInNode) -> None:
    node.gate.clear()


def down(node: StandInNode) -> None:
    node.stop()


def failing(node: StandInNode) -> None:
    node.status = 500


def undecided(node: StandInNode) -> None:
    node.says = lambda body: UNKNOWN


def lying(node: StandInNode) -> None:
    node.says = lambda body: {"verdict": "banana"}


def babbling(node: StandInNode) -> None:
    node.says = lambda body: b"<html>It works!</html>"


def refusing(node: StandInNode) -> None:
    node.status = 422


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that slow nodes cost the tests less."""
    monkeypatch.setattr(screening, "ASK_DEADLINE_MS", 400)


TROUBLES = [slow, down, failing, undecided, lying, babbling, refusing]


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_fail_open_publishes_within_the_deadline(holding: Site, node: StandInNode, trouble: Any):
    trouble(node)
    path = holding.post(holding.member())
    assert holding.status(path) == 200
    assert trouble is not slow or not node.asked(), "it did not wait for the node"


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_fail_closed_keeps_back(tmp_path: Path, node: StandInNode, trouble: Any):
    node.fail["media"] = "closed"
    with running(tmp_path, node.url, mode="hold-then-publish") as site:
        until(lambda: site.client.get("/health").json()["node"] == "up")
        trouble(node)
        mara = site.member()
        text_only, with_picture = site.post(mara), site.post(mara, picture=PNG)
        assert site.status(text_only) == 200, "text fails open"
        assert site.status(with_picture) == 404
        assert "Waiting for a check" in mara.get(with_picture).text


@pytest.mark.usefixtures("short_deadline")
def test_a_late_answer_is_obeyed_when_it_comes(tmp_path: Path, node: StandInNode):
    node.fail["text"] = "closed"
    with running(tmp_path, node.url, mode="hold-then-publish") as site:
        until(lambda: site.client.get("/health").json()["node"] == "up")
        node.gate.clear()
        path = site.post(site.member())
        assert site.status(path) == 404
        node.gate.set()
        until(lambda: site.status(path) == 200)


def test_verdict_ready_publishes_what_waited(tmp_path: Path, node: StandInNode):
    node.fail["text"] = "closed"
    with running(tmp_path, node.url, mode="hold-then-publish") as site:
        until(lambda: site.client.get("/health").json()["node"] == "up")
        undecided(node)
        path = site.post(site.member())
        assert site.status(path) == 404
        assert ready(site, path, ALLOW).json() == {"outcome": "done"}
        assert site.status(path) == 200


def test_the_charter_outlives_a_restart_while_the_node_is_down(tmp_path: Path, node: StandInNode):
    node.fail["text"] = "closed"
    with running(tmp_path, node.url) as site:
        until(lambda: "text fails <strong>closed" in site.client.get("/settings").text)
    node.stop()
    with running(tmp_path, node.url, mode="hold-then-publish") as site:
        assert site.status(site.post(site.member())) == 404


def test_an_explicit_unknown_takes_back_only_what_fails_closed(tmp_path: Path, node: StandInNode):
    node.fail["media"] = "closed"
    with running(tmp_path, node.url) as site:
        until(lambda: "pictures fail <strong>closed" in site.client.get("/settings").text)
        undecided(node)
        mara = site.member()
        text_only, with_picture = site.post(mara), site.post(mara, picture=PNG)
        until(lambda: site.status(with_picture) == 404)
        assert site.status(text_only) == 200


def test_the_switch_on_the_settings_page_works(site: Site, node: StandInNode):
    node.says = lambda body: HOLD
    mara = site.member()
    assert mara.post("/settings", data={"mode": "hold-then-publish"}).status_code == 303
    assert site.status(site.post(mara)) == 404
    assert mara.post("/settings", data={"mode": "whatever"}).status_code == 422
    assert site.client.post("/settings", data={"mode": "publish-then-check"}).headers["location"] == "/login"


def test_what_was_posted_without_a_node_is_asked_about_later_in_order(tmp_path: Path, node: StandInNode):
    with running(tmp_path) as site:
        mara = site.member()
        for text in ("One", "Two", "Three"):
            site.post(mara, text)
        mara.post("/p/2/delete")
    with running(tmp_path, node.url):
        until(lambda: len(node.asked()) == 2)
        assert [question["item"]["text"] for question in node.asked()] == ["One", "Three"]
        assert [event["type"] for event in node.told()] == ["account.created"]
    node.heard.clear()
    with running(tmp_path, node.url) as site:
        until(lambda: site.client.get("/health").json()["node"] == "up")
        assert not node.asked(), "and only once"
