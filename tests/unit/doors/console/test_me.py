import re

import pyotp
import pytest
from starlette.testclient import TestClient

from beffroi.doors.web.languages import languages
from beffroi.flow import sample
from beffroi.ground.storage.tx import NODE
from beffroi.staff import service, store
from beffroi.staff.model import Credentials, Identity, Role
from beffroi.staff.proof import tokens

from .conftest import BASE
from .test_people import invited, link_in

HOME, WORDS = "/console/me", "nine kettles on a quiet stove"


@pytest.fixture(scope="module")
def newcomer(place):
    """Somebody who joined by a link a moment ago, with a telephone of their own."""
    answer, name = invited(place, name="Mirela S.")
    tab = TestClient(place.application, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)
    link = link_in(answer.text)
    secret = re.search(r'code-block">([A-Z2-7 ]+)<', tab.get(link).text)[1].replace(" ", "")
    code = pyotp.TOTP(secret).at(place.house.clock.now())
    joined = tab.post(link, data={"name": name, "password": WORDS, "code": code})
    assert joined.status_code == 200, joined.text
    return tab


@pytest.fixture
def tab(newcomer):
    return newcomer


def test_the_page_is_about_who_asks_and_nobody_else(place, tab):
    page = tab.get(HOME).text
    assert "<h1><bdi>Mirela S.</bdi></h1>" in page
    assert "Noor" not in page
    assert "This shift: 0 of" in page
    assert "Only you see this" in page


def test_language_theme_and_keys_are_kept_by_the_browser(place):
    tab = place.visitor("ossian")
    tab.post(f"{HOME}/appearance", data={"lang": "ar", "theme": "dark", "keys": "off"})
    page = tab.get(HOME).text
    assert '<html lang="ar" dir="rtl" data-theme="dark" data-keys="off">' in page
    tab.post(f"{HOME}/appearance", data={"lang": "tlh", "theme": "", "keys": ""})
    assert '<html lang="en" dir="ltr">' in tab.get(HOME).text


def test_every_language_can_be_chosen(tab):
    page = tab.get(HOME).text
    for tag in set(languages()) - {"qps", "qps-rtl"}:
        assert f'<option value="{tag}"' in page


def test_a_weak_password_is_refused_and_another_one_changes_it(tab):
    answer = tab.post(f"{HOME}/password", data={"password": "short"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert tab.post(f"{HOME}/password", data={"password": f"{WORDS}, twice"}).status_code == 303


def test_another_telephone_counts_once_it_showed_its_code(place, tab):
    page = tab.post(f"{HOME}/telephone").text
    secret = re.search(r'code-block">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    wrong = tab.post(f"{HOME}/telephone/code", data={"code": "000000"})
    assert wrong.status_code == 422
    assert secret in wrong.text.replace(" ", "")
    code = pyotp.TOTP(secret).at(place.house.clock.now())
    assert tab.post(f"{HOME}/telephone/code", data={"code": code}).status_code == 303


def test_new_recovery_codes_are_shown_once(tab):
    page = tab.post(f"{HOME}/recovery").text
    codes = re.findall(r'<li class="mono">([^<]+)</li>', page)
    assert len(codes) == len(set(codes)) > 0
    assert codes[0] not in tab.get(HOME).text


def test_a_passkey_is_offered_and_a_made_up_answer_refused(tab):
    offer = tab.post(f"{HOME}/passkeys/offer").json()
    assert '"challenge"' in offer["options"]
    made_up = {"ticket": offer["ticket"], "credential": "{}", "label": "my telephone"}
    assert tab.post(f"{HOME}/passkeys", data=made_up).status_code in {401, 422}
    assert tab.post(f"{HOME}/passkeys/psk_nothing/remove").status_code == 404


def test_one_ends_ones_other_sessions_and_keeps_this_one(place):
    email, house = "sorin@agora.example", place.house
    who = Identity("Sorin T.", email, tokens.lookup_of(house.pepper, email))
    known = Credentials(house.hasher.hash(sample.PASSWORD), None)
    house.write("law", NODE, lambda tx: service.create_person(tx, who, (Role.MODERATOR,), known, demo=True))
    first, second = (
        TestClient(place.application, base_url=BASE, headers={"origin": BASE}, follow_redirects=False) for _ in range(2)
    )
    for tab in (first, second):
        tab.post("/login", data={"email": email, "password": sample.PASSWORD})
    other = re.search(rf'action="{HOME}/sessions/(ses_\w+)/end"', second.get(HOME).text)[1]
    assert second.post(f"{HOME}/sessions/{other}/end").status_code == 303
    assert second.post(f"{HOME}/sessions/others/end").status_code == 303
    assert first.get(HOME).status_code == 303
    assert second.get(HOME).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(place, tab):
    place.visitor("ada")
    with place.house.read() as conn:
        ada = next(person.id for person in store.everybody(conn) if "administrator" in person.roles)
        session, _ = store.sessions_of(conn, place.house.vault, ada)[0]
    assert tab.post(f"{HOME}/sessions/{session.id}/end").status_code == 404
    assert place.visitor("ada").get(HOME).status_code == 200


def test_a_pause_shows_no_content(place):
    page = place.visitor("noor").get("/console/pause").text
    assert "<blockquote" not in page
    assert 'href="/console' in page
