"""Every call of the API, as a platform makes it."""

import base64
import hashlib
import io

import pytest
from PIL import Image

from tests.nodes import PHRASE, Running


def test_text_that_matches_nothing_is_allowed(node: Running) -> None:
    said = node.screen("quiet", "A quiet evening by the canal")
    assert said["verdict"] == "allow"
    assert said["reasons"] == []
    assert said["case"] is None


def test_a_known_phrase_gives_its_reason_and_a_case(node: Running) -> None:
    said = node.screen("loud", f"They say {PHRASE}.")
    [reason] = said["reasons"]
    assert (reason["code"], reason["bank"], reason["type"]) == ("listed", "Lamps", "phrase")
    assert said["case"]


def test_the_same_again_gets_the_same_answer(node: Running) -> None:
    first = node.screen("twice", f"Again {PHRASE}")
    assert node.screen("twice", f"Again {PHRASE}") == first


def test_what_is_not_public_is_neither_screened_nor_stored(node: Running) -> None:
    said = node.screen("secret", PHRASE, visibility="private")
    assert (said["verdict"], said["item"]) == ("allow", None)
    assert [r["code"] for r in said["reasons"]] == ["not-public"]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 not a picture", b"<svg/>", b"GIF89a"])
def test_what_cannot_be_decoded_is_unknown_never_rejected(node: Running, content: bytes) -> None:
    media = [{"data": base64.b64encode(content).decode()}]
    said = node.screen(f"broken-{hashlib.sha256(content).hexdigest()[:8]}", "", media=media)
    assert said["verdict"] == "unknown"
    assert {r["code"] for r in said["reasons"]} == {"undecodable"}


def test_an_upload_is_named_by_its_digest(node: Running) -> None:
    picture = io.BytesIO()
    Image.linear_gradient("L").save(picture, "PNG")
    headers = node.bearer | {"Content-Type": "image/png"}
    answer = node.client.post("/api/v1/media", content=picture.getvalue(), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["blob"] == hashlib.sha256(picture.getvalue()).hexdigest()
    said = node.screen("uploaded", "", media=[{"blob": answer.json()["blob"]}])
    assert said["verdict"] == "allow"


def test_an_upload_nobody_sent_is_not_there(node: Running) -> None:
    item = {"platform_id": "x", "account": {"platform_id": "u"}, "media": [{"blob": "0" * 64}]}
    answer = node.client.post("/api/v1/screen", json={"item": item}, headers=node.bearer)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-blob")


def test_media_at_a_private_address_is_not_fetched(node: Running) -> None:
    said = node.screen("inward", "", media=[{"url": "http://169.254.169.254/latest"}])
    assert said["verdict"] == "unknown"


def test_a_batch_keeps_the_order_and_the_place_of_what_was_refused(node: Running) -> None:
    good = {"platform_id": "b1", "account": {"platform_id": "u"}, "text": PHRASE}
    bad = {"platform_id": "b2", "account": {"platform_id": "u"}, "media": [{"data": "not base64!"}]}
    answer = node.client.post("/api/v1/screen/batch", json={"items": [good, bad, good]}, headers=node.bearer)
    first, second, third = answer.json()["results"]
    assert first["reasons"][0]["bank"] == "Lamps"
    assert second["problem"]["code"] == "not-base64"
    assert third == first


def test_a_verdict_that_cannot_come_in_time_is_owed(node: Running) -> None:
    item = {"platform_id": "hurry", "account": {"platform_id": "u"}, "text": "x " * 50_000}
    answer = node.client.post("/api/v1/screen", json={"item": item, "deadline_ms": 1}, headers=node.bearer)
    assert answer.status_code == 200
    if answer.json()["verdict"] == "unknown":  # a fast machine may answer inside a millisecond
        assert [r["code"] for r in answer.json()["reasons"]] == ["deadline"]
        with node.house.read() as conn:
            owed = conn.exec_driver_sql("SELECT count(*) FROM effect WHERE kind = 'late-verdict'").scalar_one()
        assert owed >= 1


def test_edits_are_screened_again_and_old_revisions_change_nothing(node: Running) -> None:
    assert node.screen("edited", "Calm")["reasons"] == []
    assert node.screen("edited", PHRASE, version=2)["reasons"]
    node.screen("edited", "Calm", version=1)
    with node.house.read() as conn:
        query = (
            "SELECT revision FROM item JOIN item_locator ON item.id = item_locator.item WHERE platform_id = 'edited'"
        )
        assert conn.exec_driver_sql(query).scalar_one() == 2


def test_a_deletion_by_the_author_withdraws_the_case(node: Running) -> None:
    case = node.screen("regretted", f"Oh {PHRASE}")["case"]
    told = {"type": "item.deleted", "item": "regretted"}
    assert node.client.post("/api/v1/events", json=told, headers=node.bearer).json() == {"accepted": True}
    with node.house.read() as conn:
        states = {row[0]: row[1] for row in conn.exec_driver_sql('SELECT ref, state FROM "case"')}
    assert states[case] == "withdrawn"


def test_an_account_that_says_something_known_comes_to_a_person(node: Running) -> None:
    account = {"platform_id": "u-77", "name": "Quiet", "bio": PHRASE}
    told = {"type": "account.changed", "account": account}
    assert node.client.post("/api/v1/events", json=told, headers=node.bearer).status_code == 200
    with node.house.read() as conn:
        query = "SELECT count(*) FROM item JOIN item_match ON item.id = item_match.item WHERE kind = 'profile_bio'"
        assert conn.exec_driver_sql(query).scalar_one() == 1


def test_a_notice_is_confirmed_and_needs_all_its_elements(node: Running) -> None:
    full = {"url": "https://node.example/p/1", "explanation": "It calls for fire.", "name": "N", "email": "n@x.example"}
    answer = node.client.post("/api/v1/notices", json=full | {"good_faith": True}, headers=node.bearer)
    assert answer.status_code == 201
    assert answer.json()["reference"]
    refused = node.client.post("/api/v1/notices", json=full | {"good_faith": False}, headers=node.bearer)
    assert (refused.status_code, refused.json()["code"]) == (422, "no-good-faith")


def test_a_backfill_goes_on_where_it_stopped(node: Running) -> None:
    assert node.client.get("/api/v1/backfill/old", headers=node.bearer).json()["cursor"] is None
    items = [{"platform_id": f"old-{n}", "account": {"platform_id": "u"}, "text": PHRASE} for n in range(3)]
    for _ in range(2):  # a page that was cut off is sent again
        sent = node.client.put("/api/v1/backfill/old", json={"cursor": "p3", "items": items}, headers=node.bearer)
        assert sent.json()["cursor"] == "p3"
    assert node.client.get("/api/v1/backfill/old", headers=node.bearer).json()["cursor"] == "p3"


def test_what_is_published_needs_no_key(node: Running) -> None:
    [policy] = node.client.get("/api/v1/policies").json()["policies"]
    assert [clause["number"] for clause in policy["clauses"]] == ["4.2", "4.3"]
    assert node.client.get("/api/v1/organisation").json()["contact"]["email"] == "orders@node.example"
    assert node.client.get("/health").json()["status"] == "ok"


def test_the_charter_says_what_silence_means(node: Running) -> None:
    fail = node.client.get("/api/v1/charter", headers=node.bearer).json()["fail"]
    assert fail == {"text": "open", "media": "open"}
