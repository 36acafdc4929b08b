"""Webhooks: believed only with a signature, obeyed once, bound to the version they speak of."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from .loopback import PNG, SECRET, Site, running

HOUR = timedelta(hours=1)
STATEMENT = {
    "url": "http://node.invalid/s/token",
    "code": "K-1",
    "language": "en",
    "title": "Your post was removed",
    "summary": "It broke a rule of the square.",
}


def about(path: str, *, version: int = 1, restriction: str = "rst_1", **more: object) -> dict:
    item = {"platform_id": f"p-{path.rpartition('/')[2]}", "version": version}
    return {"item": item, "restriction": restriction, "territories": None, "until": None, "statement": STATEMENT} | more


def rfc3339(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def test_a_removed_post_is_gone_and_its_place_links_the_statement(site: Site):
    path = site.post(site.member(), picture=PNG)
    assert site.hook("item.remove", about(path)).json() == {"outcome": "done"}
    page = site.client.get(path)
    assert page.status_code == 410
    assert 'href="http://node.invalid/s/token"' in page.text
    assert "A kettle." not in page.text
    assert "A kettle." not in site.client.get("/").text


def test_the_picture_of_a_removed_post_is_gone_too(site: Site):
    path = site.post(site.member(), picture=PNG)
    assert site.status("/media/1") == 200
    site.hook("item.remove", about(path))
    assert site.status("/media/1") == 410


def test_restore_brings_it_back(site: Site):
    path = site.post(site.member())
    site.hook("item.disable", about(path))
    assert site.status(path) == 410
    assert site.hook("item.restore", about(path)).json() == {"outcome": "done"}
    assert site.status(path) == 200


def test_restoring_one_restriction_leaves_the_other_in_force(site: Site):
    path = site.post(site.member())
    site.hook("item.remove", about(path, restriction="rst_1"))
    site.hook("item.remove", about(path, restriction="rst_2"))
    site.hook("item.restore", about(path, restriction="rst_1"))
    assert site.status(path) == 410


def test_territories_decide_who_does_not_see_it(site: Site):
    path = site.post(site.member(), picture=PNG)
    assert site.hook("item.restrict", about(path, territories=["XA", "XB"])).status_code == 200
    assert site.status(path) == 200
    assert site.status(f"{path}?territory=xa") == 451
    assert site.status(path, **{"X-Demo-Territory": "XB"}) == 451
    assert site.status("/media/1", **{"X-Demo-Territory": "XB"}) == 451
    assert site.status(path, **{"X-Demo-Territory": "XC"}) == 200


def test_disable_in_territories_is_not_everywhere(site: Site):
    path = site.post(site.member())
    site.hook("item.disable", about(path, territories=["XA"]))
    assert (site.status(path), site.status(f"{path}?territory=XA")) == (200, 451)


def test_restrict_without_territories_is_refused(site: Site):
    path = site.post(site.member())
    assert site.hook("item.restrict", about(path)).status_code == 422
    assert site.status(path) == 200


def test_a_held_post_is_seen_by_its_author_only(site: Site):
    mara = site.member()
    path = site.post(mara)
    site.hook("item.hold", about(path, until=rfc3339(datetime.now(UTC) + HOUR)))
    assert site.status(path) == 404
    assert "Kept back for a check" in mara.get(path).text


def test_a_hold_that_has_passed_holds_nothing(site: Site):
    path = site.post(site.member())
    site.hook("item.hold", about(path, until=rfc3339(datetime.now(UTC) - timedelta(seconds=1))))
    assert site.status(path) == 200


def test_a_label_stands_beside_the_post(site: Site):
    path = site.post(site.member())
    site.hook("item.label", about(path, label={"text": "Shown for <context>"}))
    page = site.client.get(path)
    assert page.status_code == 200
    assert "Shown for &lt;context&gt;" in page.text


def test_a_removal_of_another_version_is_refused_and_undone(site: Site):
    mara = site.member()
    path = site.post(mara)
    mara.post(f"{path}/edit", data={"text": "Another kettle."})
    answer = site.hook("item.remove", about(path, version=1))
    assert (answer.status_code, answer.json()) == (409, {"reason": "version"})
    assert site.status(path) == 200
    assert site.hook("item.remove", about(path, version=2)).status_code == 200
    assert site.status(path) == 410


@pytest.mark.parametrize("kind", ["item.remove", "item.restore", "item.label", "verdict.ready"])
def test_of_what_is_not_there_it_says_gone(site: Site, kind: str):
    answer = site.hook(kind, about("/p/99", label={"text": "x"}, verdict="allow"))
    assert (answer.status_code, answer.json()) == (410, {"outcome": "gone"})


def test_a_post_deleted_by_its_author_is_gone(site: Site):
    mara = site.member()
    path = site.post(mara)
    mara.post(f"{path}/delete")
    assert site.hook("item.remove", about(path)).status_code == 410


def test_the_same_webhook_again_gets_the_same_answer_and_does_nothing(tmp_path: Path):
    with running(tmp_path, mode="publish-then-check") as site:
        path = site.post(site.member())
        first = site.hook("item.remove", about(path), key="msg_same")
        site.hook("item.restore", about(path))
        again = site.hook("item.remove", about(path), key="msg_same")
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, {"outcome": "done"})
        assert site.status(path) == 200
    with running(tmp_path) as site:  # also after a restart
        assert site.hook("item.remove", about(path), key="msg_same").json() == {"outcome": "done"}
        assert site.status(path) == 200


def test_a_refusal_is_remembered_too(site: Site):
    assert site.hook("item.remove", about("/p/1"), key="msg_early").status_code == 410
    site.post(site.member())
    assert site.hook("item.remove", about("/p/1"), key="msg_early").status_code == 410
    assert site.status("/p/1") == 200


def test_a_removal_overtaken_by_its_restore_changes_nothing(site: Site):
    path, now = site.post(site.member()), datetime.now(UTC)
    assert site.hook("item.restore", about(path), at=now).json() == {"outcome": "already"}
    assert site.hook("item.remove", about(path), at=now - HOUR).json() == {"outcome": "already"}
    assert site.status(path) == 200


def test_an_old_restore_does_not_undo_a_newer_removal(site: Site):
    path, now = site.post(site.member()), datetime.now(UTC)
    site.hook("item.remove", about(path), at=now)
    site.hook("item.restore", about(path), at=now - HOUR)
    assert site.status(path) == 410


def test_a_suspended_account_cannot_post_until_it_is_restored(site: Site):
    mara = site.member()
    path = site.post(mara)
    account = {"account": {"platform_id": "u-1"}, "restriction": "rst_9", "until": None, "statement": STATEMENT}
    assert site.hook("account.suspend", account).json() == {"outcome": "done"}
    assert mara.post("/posts", data={"text": "Again."}).status_code == 403
    assert mara.post(f"{path}/edit", data={"text": "Again."}).status_code == 403
    assert site.status("/u/1") == 410
    assert site.status(path) == 200, "a suspension is not a removal"
    site.hook("account.restore", account)
    assert mara.post("/posts", data={"text": "Again."}).status_code == 303
    assert site.status("/u/1") == 200


def test_a_warning_is_a_notice_and_nothing_else(site: Site):
    mara = site.member()
    account = {"account": {"platform_id": "u-1"}, "restriction": "rst_9", "until": None, "statement": STATEMENT}
    site.hook("account.warn", account)
    assert STATEMENT["title"] in mara.get("/").text
    assert site.status("/u/1") == 200
    site.post(mara)


def test_the_author_and_nobody_else_reads_the_notice_until_it_is_put_away(site: Site):
    mara, jules = site.member("Mara"), site.member("Jules")
    informed = {"account": {"platform_id": "u-1"}, "item": {"platform_id": "p-1"}, "statement": STATEMENT}
    assert site.hook("user.inform", informed).json() == {"outcome": "done"}
    page = mara.get("/").text
    assert STATEMENT["title"] in page
    assert STATEMENT["summary"] in page
    assert 'href="http://node.invalid/s/token"' in page
    assert STATEMENT["title"] not in jules.get("/").text
    jules.post("/notices/1/read")
    assert STATEMENT["title"] in mara.get("/").text
    mara.post("/notices/1/read")
    assert STATEMENT["title"] not in mara.get("/").text
    assert STATEMENT["title"] in mara.get("/u/1").text


def test_one_statement_is_one_notice(site: Site):
    path, informed = site.post(site.member()), {"account": {"platform_id": "u-1"}, "statement": STATEMENT}
    site.hook("item.remove", about(path))
    assert site.hook("user.inform", informed).json() == {"outcome": "already"}


def test_a_statement_that_is_no_web_address_is_never_linked(site: Site):
    path = site.post(site.member())
    site.hook("item.remove", about(path, statement=STATEMENT | {"url": "javascript:alert(1)"}))
    assert site.status(path) == 410
    assert "javascript:" not in site.client.get(path).text


def test_a_removed_bio_hides_the_profile(site: Site):
    site.member("Mara")
    site.member("Jules")
    part = f"profile-profile_bio-{sha256(b'u-2').hexdigest()[:16]}"
    removed = about("/p/1") | {"item": {"platform_id": part, "version": 1}}
    assert site.hook("item.remove", removed).json() == {"outcome": "done"}
    assert (site.status("/u/1"), site.status("/u/2")) == (200, 410)
    site.hook("item.restore", removed)
    assert site.status("/u/2") == 200
    nobody = removed | {"item": {"platform_id": f"profile-profile_bio-{'0' * 16}", "version": 1}}
    assert site.hook("item.remove", nobody).status_code == 410


def test_a_restriction_without_a_name_can_be_ended(site: Site):
    path = site.post(site.member())
    site.hook("item.remove", about(path) | {"restriction": None})
    assert site.status(path) == 410
    site.hook("item.restore", about(path) | {"restriction": None})
    assert site.status(path) == 200


BAD_UNTIL = (
    '{"type": "item.remove", "timestamp": "2026-06-01T08:00:00Z",'
    ' "data": {"item": {"platform_id": "p-1", "version": 1}, "restriction": "rst_1", "until": "later"}}'
)


# ── what is not believed ──


@pytest.mark.parametrize(
    "spoil",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v1,***"},
        {"webhook-timestamp": "never"},
        {"webhook-id": "msg_other"},
        {"webhook-signature": ""},
    ],
)
def test_a_spoiled_header_is_not_believed(site: Site, spoil: dict):
    path = site.post(site.member())
    raw = json.dumps({"type": "item.remove", "timestamp": rfc3339(datetime.now(UTC)), "data": about(path)})
    signed = site.sign(raw, "msg_x")
    assert site.client.post("/hooks/beffroi", content=raw, headers=signed | spoil).status_code == 401
    assert site.status(path) == 200
    assert site.client.post("/hooks/beffroi", content=raw, headers=signed).status_code == 200, "and it was no repeat"


def test_the_signature_is_over_the_raw_bytes(site: Site):
    raw = json.dumps({"type": "item.remove", "timestamp": rfc3339(datetime.now(UTC)), "data": about("/p/1")})
    signed = site.sign(raw, "msg_x")
    assert site.client.post("/hooks/beffroi", content=raw + " ", headers=signed).status_code == 401
    assert site.client.post("/hooks/beffroi", content=b"\xff\xfe", headers=signed).status_code == 401


def test_another_secret_is_not_believed(site: Site):
    other = "whsec_" + "b3RoZXIgc2VjcmV0IG90aGVyIHNlY3JldCBvdGhlcg=="
    assert site.send("{}", "msg_x", secret=other).status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_time_stamp_five_minutes_off_is_too_much(site: Site, minutes: int):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert site.send("{}", "msg_x", at=at).status_code == 401


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_four_minutes_off_is_forgiven(site: Site, minutes: int):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert site.send("{}", "msg_x", at=at).status_code == 422


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "null",
        '{"type": "item.remove"}',
        '{"type": "item.remove", "timestamp": "2026-06-01T08:00:00Z", "data": {}}',
        '{"type": "item.remove", "timestamp": "soon", "data": {"item": {"platform_id": "p-1", "version": 1}}}',
        '{"type": "item.explode", "timestamp": "2026-06-01T08:00:00Z", "data": {"item": {"platform_id": "p-1"}}}',
        BAD_UNTIL,
        BAD_UNTIL.replace('"later"', "null").replace('"rst_1"', "7"),
        BAD_UNTIL.replace('"later"', "null").replace('"version": 1', '"version": 1e999'),
    ],
)
def test_signed_nonsense_is_refused_for_good_and_changes_nothing(site: Site, raw: str):
    path = site.post(site.member())
    assert site.send(raw, "msg_x").status_code == 422
    assert site.send(raw, "msg_x").status_code == 422
    assert site.status(path) == 200


def test_without_a_secret_there_is_no_such_door(tmp_path: Path):
    with running(tmp_path, hook_secret="") as site:
        assert site.send("{}", "msg_x", secret=SECRET).status_code == 404
