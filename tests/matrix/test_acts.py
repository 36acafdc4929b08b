"""What a person decides is done on a real Synapse, seen by somebody logged out, told, and put back where it can be."""

import httpx
import pytest

from beffroi.actions import store as actions_store
from beffroi.actions.model import Kind, Restriction, RestrictionState, Verification
from beffroi.cases import store as cases_store
from beffroi.cases import views as cases_views
from beffroi.content import store as content_store
from beffroi.content.model import Visibility
from beffroi.decisions.model import Act, Decision
from beffroi.doors.platforms import Expect, Located, named
from beffroi.doors.platforms.matrix import Matrix, build
from beffroi.doors.platforms.matrix_events import link_to
from beffroi.flow import decide
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.storage import Actor
from beffroi.staff.model import Role
from tests.matrix.conftest import drawing, png
from tests.matrix.world import WATCHED, World, reach, until

pytestmark = pytest.mark.timeout(600)


def event_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["event_id"])


@pytest.fixture
def matrix(shared: World) -> Matrix:
    """A connector of the test's own beside the node's."""
    set_ = reach(shared.homeserver, shared.keeper)
    return build({"url": set_["matrix_url"], "token": set_["matrix_token"]}, shared.house.outbound, SystemClock())


def restriction(world: World, decision: Decision, *states: RestrictionState) -> Restriction:
    """The decision's restriction, once it is in one of `states`."""

    def look() -> Restriction | None:
        [found] = world.ask(actions_store.of_decision, decision.id)
        return found if found.state in states else None

    return until(look)


def in_force(world: World, decision: Decision) -> Restriction:
    return restriction(world, decision, RestrictionState.IN_FORCE)


def test_a_picture_is_removed_and_put_back(shared: World) -> None:
    room = shared.open_room()
    mxc = shared.bert.uploaded(png(drawing(2)))
    event = event_of(shared.bert.show(room, mxc))
    assert shared.visitor.download(mxc).status_code == 200
    decision = shared.decide(shared.case_of(event))
    assert in_force(shared, decision).verification is Verification.VERIFIED
    assert shared.visitor.download(mxc).status_code == 404
    # by its bytes: sent again by somebody else it stays hidden
    again = shared.cara.uploaded(png(drawing(2)))
    assert shared.visitor.download(again).status_code == 404
    # its author reads why
    assert any("/s/" in words for words in until(shared.bert.notices))
    shared.reverse(decision)
    lifted = restriction(shared, decision, RestrictionState.LIFTED)
    assert lifted.verification is Verification.VERIFIED
    assert shared.visitor.download(mxc).status_code == 200


def test_words_are_redacted_with_their_edits_and_nobody_says_that_they_came_back(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.cara.say(room, f"I know: {WATCHED}."))
    edit = event_of(shared.cara.edit(room, event, f"I knew: {WATCHED}."))
    case = shared.case_of(event)
    decision = shared.decide(case)
    assert in_force(shared, decision).verification is Verification.VERIFIED
    for each in (event, edit):
        seen = shared.visitor.event(room, each).json()
        assert seen["content"] == {}
        assert seen["unsigned"]["redacted_because"]["content"]["reason"] == "Removed by the moderation of this server."
    # the node has what it needs for a way back, whatever Synapse prunes
    item = shared.item(event)
    assert WATCHED in shared.ask(content_store.posted, shared.house.vault, item.id, 1).text
    shared.reverse(decision)
    failed = restriction(shared, decision, RestrictionState.FAILED)
    assert failed.kind is Kind.REMOVE
    assert shared.visitor.event(room, event).json()["content"] == {}


def test_an_edit_is_removed_and_the_message_stands(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.cara.say(room, "soup is ready"))
    edit = event_of(shared.cara.edit(room, event, WATCHED))
    in_force(shared, shared.decide(shared.case_of(edit)))
    assert shared.visitor.event(room, edit).json()["content"] == {}
    assert shared.visitor.event(room, event).json()["content"]["body"] == "soup is ready"


def test_a_picture_with_a_sentence_loses_both(shared: World) -> None:
    room = shared.open_room()
    mxc = shared.bert.uploaded(png(drawing(11)))
    content = {"msgtype": "m.image", "filename": "a.png", "body": WATCHED, "url": mxc}
    event = event_of(shared.bert.send(room, content))
    assert in_force(shared, shared.decide(shared.case_of(event))).verification is Verification.VERIFIED
    assert shared.visitor.event(room, event).json()["content"] == {}
    assert shared.visitor.download(mxc).status_code == 404


def test_an_account_is_suspended_and_reinstated(shared: World) -> None:
    person = shared.homeserver.account("edda")
    room = shared.open_room()
    person.join(room)
    event = event_of(person.say(room, WATCHED))
    senior = shared.people[Role.SENIOR_MODERATOR]
    about = decide.about_account(shared.house, Actor("person", senior), shared.case_of(event).id, senior)
    decision = shared.decide(shared.ask(cases_store.CASES.load, about), Act.SUSPEND_ACCOUNT)
    in_force(shared, decision)
    before = len(shared.visitor.messages(room))
    told = person.say(room, "still here")
    assert (told.status_code, told.json()["errcode"]) == (403, "M_USER_SUSPENDED")
    assert len(shared.visitor.messages(room)) == before
    shared.reverse(decision)
    restriction(shared, decision, RestrictionState.LIFTED)
    assert person.say(room, "here again").status_code == 200
    assert len(shared.visitor.messages(room)) == before + 1


def test_reversing_a_warning_does_not_end_a_suspension(shared: World, matrix: Matrix) -> None:
    person = shared.homeserver.account("finn")
    room = shared.open_room()
    person.join(room)
    event = event_of(person.say(room, WATCHED))
    senior = shared.people[Role.SENIOR_MODERATOR]
    who = Actor("person", senior)
    case = shared.case_of(event)
    about = decide.about_account(shared.house, who, case.id, senior)
    warned = shared.decide(shared.ask(cases_store.CASES.load, about), Act.WARN_ACCOUNT)
    in_force(shared, warned)
    assert any("warns you" in words for words in until(person.notices))
    account = shared.item(event).account
    about = decide.about_known_account(shared.house, who, account)
    in_force(shared, shared.decide(shared.ask(cases_store.CASES.load, about), Act.SUSPEND_ACCOUNT))
    shared.reverse(warned)
    restriction(shared, warned, RestrictionState.LIFTED)
    assert person.say(room, "still here").status_code == 403


def test_a_name_and_an_avatar_are_removed(shared: World) -> None:
    person = shared.homeserver.account("gerd")
    avatar = person.uploaded(png(drawing(3)))
    assert person.set_profile("displayname", WATCHED).status_code == 200
    assert person.set_profile("avatar_url", avatar).status_code == 200
    account = until(lambda: shared.ask(content_store.account_by_platform_id, person.user))

    def case_about(kind: str) -> object:
        items = [i for i in shared.ask(content_store.items_of_account, account.id) if i.kind.value == kind]
        return shared.ask(cases_store.open_of_item, items[0].id) if items else None

    profile = f"/_matrix/client/v3/profile/{person.user}"
    in_force(shared, shared.decide(until(lambda: case_about("profile_name"))))
    assert shared.visitor.http.get(f"{profile}/displayname").json().get("displayname") != WATCHED
    decision = shared.decide(until(lambda: case_about("avatar")))
    in_force(shared, decision)
    assert not shared.visitor.http.get(f"{profile}/avatar_url").json().get("avatar_url")
    assert shared.visitor.download(avatar).status_code == 404
    shared.reverse(decision)
    restriction(shared, decision, RestrictionState.LIFTED)
    assert shared.visitor.http.get(f"{profile}/avatar_url").json()["avatar_url"] == avatar
    assert shared.visitor.download(avatar).status_code == 200


def test_a_user_s_report_becomes_a_case_with_a_copy(shared: World) -> None:
    room = shared.open_room()
    mxc = shared.bert.uploaded(png(drawing(21)))
    event = event_of(shared.bert.show(room, mxc))
    assert shared.cara.report(room, event, "this calls on people to burn lamps").status_code == 200
    case = shared.case_of(event)
    assert len(case.notices) == 1
    words = shared.ask(cases_views.notices_of, shared.house.vault, case) if hasattr(cases_views, "notices_of") else None
    assert words is None or words[0]
    [kept] = shared.ask(content_store.posted, shared.house.vault, case.items[0].item, 1).media
    sealed = shared.house.blobs.get(kept.sealed.blob)
    assert shared.house.vault.open(kept.sealed.subject, sealed, "media") == png(drawing(21))


def test_a_report_from_a_room_by_invitation_opens_that_event_alone(shared: World) -> None:
    room = shared.alice.room("Kitchen", is_open=False)
    shared.alice.invite(room, shared.bert.user)
    shared.bert.join(room)
    first = event_of(shared.bert.say(room, WATCHED))
    reported = event_of(shared.bert.say(room, f"{WATCHED}, I say"))
    assert shared.alice.report(room, reported, "he wants to burn lamps").status_code == 200
    case = shared.case_of(reported)
    assert [i.item for i in case.items] == [shared.item(reported).id]
    assert shared.item(first) is None
    item = shared.item(reported)
    assert item.visibility is Visibility.PRIVATE
    assert shared.ask(content_store.signals_of, item.id, 1) == []  # not screened, and not searched later either


def test_links_are_located(shared: World, matrix: Matrix) -> None:
    room = shared.open_room()
    mxc = shared.bert.uploaded(png(drawing(31)))
    event = event_of(shared.bert.show(room, mxc))
    for link in (
        link_to(room, event),
        f"https://matrix.to/#/{room}/{event}?via=tower.example",
        f"https://matrix.to/#/%21{room[1:]}/%24{event[1:]}",
    ):
        assert matrix.locate(link) == Located(event), link
        assert named(matrix, link) == event
    assert matrix.locate(mxc) == Located(mxc)
    for nothing in ("https://matrix.to/#/!a:b/$nothing", "mxc://tower.example/nothing", "https://example.org/", ""):
        assert matrix.locate(nothing) is None


def test_a_notice_by_link_joins_the_item_s_case(shared: World) -> None:
    room = shared.open_room()
    event = event_of(shared.bert.say(room, "come to the pier"))
    link = f"https://matrix.to/#/{room}/{event}"
    given = {"url": link, "explanation": "a call", "name": "N", "email": "n@node.example", "good_faith": True}
    headers = {"Authorization": f"Bearer {shared.key}"}
    url = f"{shared.house.settings.public_url}/api/v1/notices"
    assert httpx.post(url, json=given, headers=headers, trust_env=False, timeout=30).status_code == 201
    assert shared.case_of(event).items[0].item == shared.item(event).id


def test_what_visitors_cannot_look_into_is_not_called_verified(shared: World, matrix: Matrix) -> None:
    room = shared.alice.room("Lane", is_readable=False)
    event = event_of(shared.alice.say(room, "soup is ready"))
    link = link_to(room, event)
    assert matrix.verify(link, Expect.NOT_VISIBLE).verification is Verification.NOT_VERIFIABLE
    open_room = shared.open_room()
    seen = link_to(open_room, event_of(shared.alice.say(open_room, "soup is ready")))
    assert matrix.verify(seen, Expect.NOT_VISIBLE).verification is Verification.STILL_VISIBLE
    assert matrix.verify(seen, Expect.VISIBLE).verification is Verification.VERIFIED
