"""Synapse asks the node before something is published in an open room, and only there."""

from typing import Any

import httpx
import pytest

from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.decisions.model import Act
from beffroi.doors.platforms.matrix_events import link_to
from examples.matrix.client import Client
from tests.matrix.conftest import drawing, near_copy, png
from tests.matrix.world import PHRASE, WATCHED, World, until

pytestmark = pytest.mark.timeout(600)


def event_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["event_id"])


def refused(answer: httpx.Response) -> dict[str, object]:
    assert answer.status_code == 403, answer.text
    return dict(answer.json())


def statement_of(world: World, told: dict[str, object]) -> str:
    """The page behind the link that a sender was given."""
    page = httpx.get(str(told["org.beffroi.statement"]), trust_env=False)
    assert page.status_code == 200
    return page.text


def test_words_that_match_nothing_pass(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.alice.say(room, "a quiet evening by the weir"))
    assert shared.visitor.event(room, event).json()["content"]["body"] == "a quiet evening by the weir"
    assert shared.item(event) is not None


def test_a_banked_phrase_is_refused_with_a_reason_and_a_link(shared: World) -> None:
    room = shared.open_room()
    told = refused(shared.bert.say(room, f"they say {PHRASE} again"))
    assert (told["errcode"], told["org.beffroi.verdict"]) == ("M_FORBIDDEN", "reject")
    assert str(told["org.beffroi.statement"]) in str(told["error"])
    assert "a rule" in statement_of(shared, told).lower()
    assert all("they say" not in str(each["content"]) for each in shared.visitor.messages(room))


def test_a_banked_picture_is_refused_and_a_near_copy_is_held(shared: World) -> None:
    room = shared.open_room()
    exact, near = shared.bert.uploaded(png(drawing(1))), shared.bert.uploaded(near_copy(1), "image/jpeg")
    told = refused(shared.bert.show(room, exact))
    assert told["org.beffroi.verdict"] == "reject"
    assert statement_of(shared, told)
    held = refused(shared.bert.show(room, near))
    assert held["org.beffroi.verdict"] == "hold"
    assert held["org.beffroi.until"]
    assert "until a person has looked" in str(held["error"])
    assert statement_of(shared, held)
    assert all(each["type"] != "m.room.message" for each in shared.visitor.messages(room))


def test_what_was_held_may_be_sent_again_once_a_person_let_it_pass(shared: World) -> None:
    room = shared.open_room()
    near = shared.cara.uploaded(near_copy(1), "image/jpeg")
    held = refused(shared.cara.show(room, near))
    assert refused(shared.cara.show(room, near))["org.beffroi.statement"] == held["org.beffroi.statement"]
    account = shared.ask(content_store.account_by_platform_id, shared.cara.user)
    item = shared.ask(content_store.items_of_account, account.id, limit=1)[0]
    shared.decide(shared.ask(cases_store.open_of_item, item.id), Act.NO_ACTION)
    event = until(lambda: _sent(shared.cara, room, near))
    assert shared.visitor.download(near).status_code == 200
    # The node learns under which id it stands now, so that it could still be removed.
    link = link_to(room, event)
    until(lambda: shared.ask(content_store.item_by_url, link) == shared.ask(content_store.ITEMS.load, item.id))
    assert shared.ask(content_store.posted, shared.house.vault, item.id, 1).url == link


def _sent(client: Client, room: str, mxc: str) -> str | None:
    answer = client.show(room, mxc)
    return str(answer.json()["event_id"]) if answer.status_code == 200 else None


def test_an_edit_is_screened_like_a_message(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.alice.say(room, "soup is ready"))
    told = refused(shared.alice.edit(room, event, PHRASE))
    assert told["org.beffroi.verdict"] == "reject"
    assert event_of(shared.alice.edit(room, event, "soup is gone"))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.message", {"msgtype": "m.text", "body": "see", "format": "f", "formatted_body": f"<b>{PHRASE}</b>"}),
        ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "key": PHRASE}}),
        ("m.room.message", {"msgtype": "m.notice", "body": "see", "org.example.hidden": {"deep": [PHRASE]}}),
    ],
)
def test_words_in_any_place_of_a_message_are_read(shared: World, kind: str, content: dict[str, Any]) -> None:
    room = shared.open_room()
    if "m.relates_to" in content:
        content["m.relates_to"]["event_id"] = event_of(shared.bert.say(room, "soup is ready"))
    assert refused(shared.alice.send(room, content, kind))["org.beffroi.verdict"] == "reject"


@pytest.mark.parametrize("where", ["thumbnail", "html", "words"])
def test_a_picture_is_found_wherever_a_message_names_it(shared: World, where: str) -> None:
    room = shared.open_room()
    known, plain = shared.alice.uploaded(png(drawing(1))), shared.alice.uploaded(png(drawing(7)))
    content: dict[str, object] = {"msgtype": "m.image", "body": "a.png", "url": plain}
    content |= {
        "thumbnail": {"info": {"thumbnail_url": known}},
        "html": {"format": "org.matrix.custom.html", "formatted_body": f'<img src="{known}">'},
        "words": {"body": f"look at {known}"},
    }[where]
    assert refused(shared.alice.send(room, content))["org.beffroi.verdict"] == "reject"


def test_a_room_by_invitation_is_not_screened_and_nothing_of_it_is_known(shared: World) -> None:
    room = shared.alice.room("Kitchen", is_open=False)
    shared.alice.invite(room, shared.bert.user)
    shared.bert.join(room)
    before = len(shared.screened())
    said = event_of(shared.bert.say(room, PHRASE))
    shown = event_of(shared.bert.show(room, shared.bert.uploaded(png(drawing(1)))))
    assert [line for line in shared.screened()[before:] if "/screen" in line or "/backfill" in line] == []
    assert (shared.item(said), shared.item(shown)) == (None, None)


def test_ciphertext_is_not_asked_about(shared: World) -> None:
    room = shared.open_room()
    before = len(shared.screened())
    event_of(shared.alice.send(room, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": PHRASE}, "m.room.encrypted"))
    assert [line for line in shared.screened()[before:] if "/screen" in line] == []


def test_redactions_and_policies_pass(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.alice.say(room, "soup is ready"))
    before = len(shared.screened())
    assert shared.alice.redact(room, event).status_code == 200
    policy = {"entity": "@*:spam.example", "recommendation": "m.ban", "reason": PHRASE}
    path = f"/_matrix/client/v3/rooms/{room}/state/m.policy.rule.user/rule-1"
    assert shared.alice.http.put(path, json=policy).status_code == 200
    assert [line for line in shared.screened()[before:] if "/screen" in line] == []


def test_a_picture_is_asked_about_once_however_many_thumbnails_are_made(shared: World) -> None:
    room = shared.open_room()
    before = len(shared.screened())
    mxc = shared.alice.uploaded(png(drawing(9, 1024)))
    event_of(shared.alice.show(room, mxc))
    for side in (32, 96, 320, 640):
        assert shared.visitor.thumbnail(mxc, side).status_code == 200
    assert len([line for line in shared.screened()[before:] if "/api/v1/screen" in line]) == 1


def test_a_file_that_has_not_arrived_cannot_be_slipped_past(shared: World) -> None:
    room = shared.open_room()
    made = shared.bert.http.post("/_matrix/media/v1/create").json()["content_uri"]
    told = refused(shared.bert.show(room, made))
    assert told["org.beffroi.verdict"] == "not-there"
    path = f"/_matrix/media/v3/upload/{made.removeprefix('mxc://')}"
    put = shared.bert.http.put(path, content=png(drawing(1)), headers={"Content-Type": "image/png"})
    assert put.status_code == 200
    assert refused(shared.bert.show(room, made))["org.beffroi.verdict"] == "reject"


def test_a_known_picture_behind_many_others_cannot_be_slipped_past(shared: World) -> None:
    room = shared.open_room()
    plain, known = shared.bert.uploaded(png(drawing(7))), shared.bert.uploaded(png(drawing(1)))
    others = [f"{plain[:-1]}{number:x}z" for number in range(40)]
    told = refused(shared.bert.send(room, {"msgtype": "m.text", "body": " ".join([*others, known])}))
    assert told["org.beffroi.verdict"] == "too-many"


def test_a_name_and_an_avatar_come_before_a_person(shared: World) -> None:
    person = shared.homeserver.account("dora")
    assert person.set_profile("displayname", WATCHED).status_code == 200
    assert person.set_profile("avatar_url", person.uploaded(png(drawing(4)))).status_code == 200
    account = until(lambda: shared.ask(content_store.account_by_platform_id, person.user))

    def found() -> set[str]:
        return {item.kind.value for item in shared.ask(content_store.items_of_account, account.id)}

    until(lambda: found() >= {"profile_name", "avatar"})
    for item in shared.ask(content_store.items_of_account, account.id):
        assert until(lambda i=item: shared.ask(cases_store.open_of_item, i.id)) is not None
