import re
from itertools import count

import pytest
from starlette.testclient import TestClient

from beffroi.staff import store

from .conftest import BASE

_NUMBERS = count(1)


def invited(place, *roles, name=""):
    """The page after an invitation, and the name."""
    number = next(_NUMBERS)
    name = name or f"Invited {number}."
    given = {"name": name, "email": f"invited-{number}@agora.example", "role": roles or ("moderator",)}
    return place.visitor("ada").post("/console/people", data=given), name


def page_of(place, name):
    """The address of somebody's page."""
    page = place.visitor("ada").get("/console/people").text
    return re.search(rf'href="(/console/people/prs_\w+)"><bdi>{re.escape(name)}', page)[1]


def link_in(page):
    return re.search(rf"{BASE}(/first-start/[\w-]+)", page)[1]


def kept(place, home):
    with place.house.read() as conn:
        return store.PEOPLE.load(conn, home.rpartition("/")[2])


def test_names_are_for_colleagues_and_pseudonyms_for_everybody_else(place):
    page = place.visitor("tomas").get("/console/people").text
    assert "<bdi>Noor H.</bdi>" in page
    assert re.search(r"M-\d+", page)


def test_the_link_of_an_invitation_is_shown_once_and_opens(place):
    answer, name = invited(place, "moderator", "policy_lead")
    link = link_in(answer.text)
    assert link not in place.visitor("ada").get("/console/people").text
    stranger = TestClient(place.application, base_url=BASE)
    assert name in stranger.get(link).text
    home = page_of(place, name)
    assert {role.value for role in kept(place, home).roles} == {"moderator", "policy_lead"}


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "nobody"}, {"role": []}, {"role": ["caliph"]}, {"email": "noor@agora.example"}]
)
def test_an_invitation_that_does_not_do_is_refused_in_words(place, wrong):
    given = {"name": "Somebody", "email": "somebody@agora.example", "role": ["moderator"]} | wrong
    answer = place.visitor("ada").post("/console/people", data=given)
    assert answer.status_code in {409, 422}
    assert 'class="note late"' in answer.text


def test_a_new_link_makes_the_old_one_void(place):
    answer, name = invited(place)
    again = place.visitor("ada").post(f"{page_of(place, name)}/link")
    stranger = TestClient(place.application, base_url=BASE)
    assert stranger.get(link_in(answer.text)).status_code == 404
    assert stranger.get(link_in(again.text)).status_code == 200


def test_somebody_has_exactly_the_roles_that_were_ticked(place):
    _, name = invited(place, "moderator")
    home = page_of(place, name)
    place.visitor("ada").post(f"{home}/roles", data={"role": ["overseer"]})
    assert {role.value for role in kept(place, home).roles} == {"overseer"}
    page = place.visitor("ada").get(home).text
    assert re.search(r'value="overseer" checked', page)
    assert not re.search(r'value="moderator" checked', page)


def test_who_has_left_has_left_for_good(place):
    _, name = invited(place)
    home, ada = page_of(place, name), place.visitor("ada")
    ada.post(f"{home}/leave")
    page = ada.get(home).text
    assert "Left" in page
    assert "/roles" not in page
    assert ada.post(f"{home}/link").status_code == 409


def test_nobody_changes_their_own_access(place):
    home = page_of(place, "Ada K.")
    page = place.visitor("ada").get(home).text
    assert "another administrator does" in page
    assert f"{home}/suspend" not in page
    assert place.visitor("ada").post(f"{home}/suspend").status_code == 403


def test_others_read_and_change_nothing(place):
    tomas = place.visitor("tomas")
    assert "Invite somebody" not in tomas.get("/console/people").text
    assert tomas.get(page_of(place, "Noor H.")).status_code == 200
    assert tomas.post(f"{page_of(place, 'Noor H.')}/suspend").status_code == 403


def test_a_key_is_shown_once_with_what_it_may_do(place):
    given = {"label": "Clock tower", "days": "30", "scope": ["screening:ask", "health:read", "people:read"]}
    answer = place.visitor("ada").post("/console/keys", data=given | {"scope": ["screening:ask", "health:read"]})
    written = re.search(r"bfk_[\w.-]+", answer.text)[0]
    page = place.visitor("ada").get("/console/keys").text
    assert written not in page
    row = page[page.index("Clock tower") :].partition("</tr>")[0]
    assert "screening:ask" in row
    machine = TestClient(place.application, base_url=BASE, headers={"authorization": f"Bearer {written}"})
    assert machine.get("/api/v1/policies").status_code == 200
    key = re.search(r"/console/keys/(key_\w+)/revoke", row)[1]
    place.visitor("ada").post(f"/console/keys/{key}/revoke")
    assert machine.get("/api/v1/policies").status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"days": "0"}, {"days": "soon"}, {"scope": []}, {"scope": ["cases:decide"]}]
)
def test_a_key_that_does_not_do_is_refused(place, wrong):
    answer = place.visitor("ada").post(
        "/console/keys", data={"label": "A", "days": "9", "scope": ["health:read"]} | wrong
    )
    assert answer.status_code == 422
    assert "bfk_" not in answer.text


def test_a_page_that_answers_a_form_does_not_ask_for_itself_again(place):
    """It would lose the link that is shown once; and where nothing stands at its address, get a fault."""
    assert "data-changes=" in place.visitor("ada").get("/console/people").text
    shown, _ = invited(place)
    assert link_in(shown.text)
    assert "data-changes=" not in shown.text
