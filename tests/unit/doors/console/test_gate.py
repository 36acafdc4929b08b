import re
from urllib.parse import unquote

import pyotp
import pytest
from starlette.testclient import TestClient

from beffroi.flow import sample
from beffroi.ground.storage.tx import NODE
from beffroi.staff import service

from .conftest import BASE


@pytest.fixture
def stranger(place):
    return TestClient(place.application, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)


def test_who_is_not_signed_in_is_asked_who_they_are_and_led_back(stranger):
    answer = stranger.get("/console/banks?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fconsole%2Fbanks%3Fx%3D1"
    given = {"email": "noor@agora.example", "password": sample.PASSWORD, "next": "/console/banks?x=1"}
    assert stranger.post("/login", data=given).headers["location"] == "/console/banks?x=1"
    assert stranger.get("/console/banks").status_code == 200


def test_nobody_is_led_to_another_site(stranger):
    given = {"email": "noor@agora.example", "password": sample.PASSWORD, "next": "//evil.example/"}
    assert stranger.post("/login", data=given).headers["location"] == "/console"


@pytest.mark.parametrize(
    ("email", "password"), [("noor@agora.example", "wrong"), ("nobody@agora.example", sample.PASSWORD)]
)
def test_what_was_wrong_is_not_told_apart(stranger, email, password):
    answer = stranger.post("/login", data={"email": email, "password": password})
    assert answer.status_code == 401
    assert "That does not fit." in answer.text
    assert password not in re.sub(r"<section.*?</section>", "", answer.text, flags=re.DOTALL)
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_out_of_reach_of_scripts(stranger):
    given = {"email": "noor@agora.example", "password": sample.PASSWORD}
    cookie = stranger.post("/login", data=given).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_a_form_from_another_site_signs_nobody_in(place):
    other = TestClient(place.application, base_url=BASE, headers={"origin": "https://evil.example"})
    answer = other.post("/login", data={"email": "noor@agora.example", "password": sample.PASSWORD})
    assert answer.status_code == 403


def test_signing_out_ends_the_session(stranger):
    stranger.post("/login", data={"email": "noor@agora.example", "password": sample.PASSWORD})
    assert stranger.post("/logout").headers["location"] == "/login?did=signed-out"
    assert stranger.get("/console/queue").status_code == 303


def test_a_link_makes_the_first_administrator_once(place, stranger):
    token = place.house.write("law", NODE, service.first_link)
    page = stranger.get(f"/first-start/{token}").text
    assert "Create the first administrator" in page
    spelled = re.search(r'code-block">([A-Z2-7 ]+)<', page)[1]
    given = {"name": "Vera N.", "email": "vera@agora.example", "password": "twelve lanterns by the canal"}
    wrong = stranger.post(f"/first-start/{token}", data=given | {"code": "000000"})
    assert wrong.status_code == 422
    assert 'value="Vera N."' in wrong.text
    code = pyotp.TOTP(spelled.replace(" ", "")).at(place.house.clock.now())
    done = stranger.post(f"/first-start/{token}", data=given | {"code": code})
    assert done.status_code == 200
    assert len(re.findall(r'<li class="mono">', done.text)) == 10
    assert stranger.get("/console/people").status_code == 200
    assert stranger.get(f"/first-start/{token}").status_code == 404


def test_an_unknown_link_is_not_there(stranger):
    assert stranger.get("/first-start/nothing").status_code == 404


def test_a_passkey_is_challenged_with_a_ticket(stranger):
    told = stranger.post("/login/challenge").json()
    assert set(told) == {"ticket", "options"}
    wrong = stranger.post("/login/passkey", data={"ticket": told["ticket"], "credential": "{}"})
    assert wrong.status_code == 401


def test_again_asks_who_is_signed_in_only(place, stranger):
    assert stranger.get("/again").status_code == 303
    page = place.visitor("noor").get("/again?next=/console/me").text
    assert "Is it still you?" in page
    assert 'name="email"' not in page


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        ("/console/people", "/console/people"),
        ("/console/people/prs_x/roles", "/console/people/prs_x"),
        ("/console/banks/bnk_x/entries/ent_x/confirm", "/console/banks/bnk_x"),
        ("/console/me/sessions/others/end", "/console/me"),
    ],
)
def test_who_has_to_sign_in_is_back_on_the_page_that_had_the_form(stranger, sent_to, page):
    assert unquote(stranger.post(sent_to).headers["location"]) == f"/login?next={page}"
