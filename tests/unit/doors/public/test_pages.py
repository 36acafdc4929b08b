import re

import pytest
from starlette.testclient import TestClient

from beffroi.actions import service as actions
from beffroi.actions.model import Verification
from beffroi.ground.kernel.ids import RestrictionId
from beffroi.ground.storage.tx import NODE
from beffroi.notices import store as notices
from tests.unit.doors.console.conftest import BASE
from tests.unit.doors.console.test_cases import PHRASE
from tests.unit.doors.console.test_decide import SENTENCE, decided

NOTICE = {
    "url": "https://agora.example/p/nowhere",
    "explanation": "It calls on people to bring <b>fire</b>.",
    "name": "Vera N.",
    "email": "vera@users.example",
    "good_faith": "yes",
}


@pytest.fixture
def reader(place):
    return TestClient(place.application, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)


def told(place, text, **more):
    """The address of the statement about a post with these words, as if the platform had carried it out."""
    _, decision, _ = decided(place, text, **more)
    page = place.visitor("ossian").get(f"/console/decisions/{decision}").text
    with place.house.read() as conn:
        from beffroi.actions import store

        [restriction] = store.of_decision(conn, decision)
    place.house.write(
        "law", NODE, lambda tx: actions.carried_out(tx, RestrictionId(restriction.id), Verification.VERIFIED)
    )
    with place.house.read() as conn:
        [statement] = notices.of_decision(conn, decision)
        token = notices.token_of(conn, place.house.vault, statement.id)
    assert statement.code not in page
    return f"/s/{token}", decision, statement


def test_the_statement_says_what_why_and_what_one_can_do(place, reader):
    path, _, statement = told(place, f"Statement: {PHRASE}")
    page = reader.get(path)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for words in (
        "Your post is no longer visible on Agora",
        "A person on our team decided this.",
        "Removed it, everywhere.",
        "Calls to violence (our rule 4.2)",
        "even indirectly or by praise",
        SENTENCE,
        "A machine found it. A person decided.",
        "Ask us to look again",
        "Ask an independent body",
        "Go to court",
        statement.code,
    ):
        assert words in page.text
    assert page.text.index("Ask us to look again") < page.text.index("Ask an independent body")


def test_the_statement_names_neither_moderator_nor_notifier_and_shows_no_picture(place, reader):
    path, _, _ = told(place, f"No names: {PHRASE}")
    page = reader.get(path).text
    assert "Noor" not in page
    assert "<img" not in page
    assert "terror" not in re.search(r"<title>.*?</title>", page)[0].lower()


def test_a_wrong_link_is_not_there(reader):
    assert reader.get("/s/nothing").status_code == 404


def test_the_statement_can_be_read_in_another_language(place, reader):
    path, _, _ = told(place, f"In Arabic: {PHRASE}")
    page = reader.get(f"{path}?lang=ar").text
    assert '<html lang="ar" dir="rtl"' in page
    assert "لم يعد منشورك ظاهرًا على Agora" in page
    assert "لا يجوز نشر محتوى يدعو" in page
    assert "لم يراجع هذه الترجمة" in page


def test_put_back_says_that_we_were_wrong(place, reader):
    path, decision, _ = told(place, f"Put back: {PHRASE}")
    noor = place.visitor("noor")
    noor.post(f"/console/decisions/{decision}/reverse", data={"reason": "it was a museum catalogue"})
    assert "This has ended since." in reader.get(path).text


def test_a_report_is_confirmed_with_a_number_and_a_page_of_its_own(place, reader):
    answer = reader.post("/report", data=NOTICE)
    assert answer.status_code == 303
    page = reader.get(answer.headers["location"]).text
    assert "We have your report" in page
    assert re.search(r"[A-Z]{4}-\d{4}-[A-Z]{4}", page)
    assert "Vera" not in page
    assert "bring &lt;b&gt;fire&lt;/b&gt;" not in page
    noticed = place.visitor("noor").get("/console/queue?tab=notices").text
    assert "A notice about something not found here" in noticed


@pytest.mark.parametrize("missing", ["url", "explanation", "name", "email", "good_faith"])
def test_an_incomplete_report_comes_back_with_everything_that_was_written(reader, missing):
    answer = reader.post("/report", data=NOTICE | {missing: ""})
    assert answer.status_code == 422
    assert 'role="status"' in answer.text
    if missing != "explanation":
        assert "bring &lt;b&gt;fire&lt;/b&gt;" in answer.text


def test_a_report_of_another_site_is_refused(place):
    other = TestClient(place.application, base_url=BASE, headers={"origin": "https://evil.example"})
    assert other.post("/report", data=NOTICE).status_code == 403


def test_an_unknown_report_is_not_there(reader):
    assert reader.get("/report/nothing").status_code == 404


def test_contact_says_who_and_in_which_languages(reader):
    page = reader.get("/contact").text
    assert "orders@agora.example" in page
    assert "look-again@agora.example" in page
    assert "en, ar" in page


def test_the_rules_are_published_for_people_and_machines(reader):
    page = reader.get("/policies").text
    assert "4.2 Calls to violence" in page
    assert reader.get("/api/v1/policies").headers["content-type"] == "application/json"


def test_transparency_shows_each_setting_and_who_changed_it_by_pseudonym(place, reader):
    ada = place.visitor("ada")
    changed = {"value": "90", "reason": "a minute was <too> short"}
    assert ada.post("/console/charter/undo_hold_s", data=changed).status_code == 303
    page = reader.get("/transparency").text
    assert "a minute was &lt;too&gt; short" in page
    assert "Ada K." not in page
    assert "Exact copies of confirmed pictures" in page
    told_json = {each["name"]: each for each in reader.get("/transparency/settings.json").json()["settings"]}
    assert told_json["undo_hold_s"]["value"] == 90
    assert ada.post("/console/charter/undo_hold_s", data={"value": "60", "reason": "as before"}).status_code == 303


def test_the_ledger_is_open_to_everybody(place, reader):
    place.house.integrator.beat()
    checkpoint = reader.get("/ledger/checkpoint")
    assert checkpoint.status_code == 200
    assert checkpoint.text.startswith(place.house.settings.origin)
    assert checkpoint.text.splitlines()[0] in reader.get("/ledger").text
    assert reader.get("/ledger/tile/0/000.p/1").status_code == 200
    assert reader.get("/ledger/tile/9/999").status_code == 404
    assert reader.get("/ledger/../vault.db").status_code == 404


def test_the_front_page_leads_to_how_to_reach_us(reader):
    assert reader.get("/").headers["location"] == "/contact"
