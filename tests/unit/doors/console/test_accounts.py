import re

import pytest

from beffroi.content import store as content
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records.erasure import erase
from beffroi.ground.storage.tx import NODE

from .test_cases import PHRASE, case_of
from .test_decide import decided


def address(place, name):
    with place.house.read() as conn:
        return f"/console/accounts/{content.account_by_platform_id(conn, name).id}"


def test_an_account_stands_in_the_list_once_something_of_it_was_decided(place):
    place.post("Good morning.", "quiet-ferry")
    decided(place, f"Loudly: {PHRASE}")
    page = place.visitor("noor").get("/console/accounts").text
    assert address(place, "paper-lantern") in page
    assert address(place, "quiet-ferry") not in page


def test_the_page_tells_what_it_says_of_itself_and_what_it_posted(place):
    place.post("Good evening.", "evening-ferry")
    page = place.visitor("noor").get(address(place, "evening-ferry")).text
    assert "<bdi>evening-ferry</bdi>" in page
    assert "Nothing of this account was decided before." in page
    assert len(re.findall(r"/console/items/itm_\w+", page)) >= 1


def test_a_case_about_the_account_is_opened_once(place):
    place.post("Good night.", "night-ferry")
    home, noor = address(place, "night-ferry"), place.visitor("noor")
    first = noor.post(f"{home}/case").headers["location"]
    assert noor.post(f"{home}/case").headers["location"] == first
    assert "an account" in noor.get(first).text
    page = noor.get(home).text
    assert f'href="{first}">Go to its open case' in page
    assert "Open a case about this account" not in page


def test_no_case_is_opened_about_an_account_that_is_not_there(place):
    assert place.visitor("noor").post("/console/accounts/acc_nothing/case").status_code == 404


def test_an_overseer_reads_and_opens_nothing(place):
    place.post("Good day.", "day-ferry")
    home = address(place, "day-ferry")
    assert "Open a case" not in place.visitor("ossian").get(home).text
    assert place.visitor("ossian").post(f"{home}/case").status_code == 403


def test_an_erased_account_has_a_page_without_a_name(place):
    place.post("Forget me.", "erased-ferry")
    home = address(place, "erased-ferry")
    subject = SubjectId(home.rpartition("/")[2])
    place.house.write("law", NODE, lambda tx: erase(tx, subject, "request", KEEPINGS))
    page = place.visitor("noor").get(home)
    assert page.status_code == 200
    assert "name erased" in page.text
    assert "erased-ferry" not in page.text


def test_anything_is_found_by_what_people_call_it(place):
    platform_id = place.post(f"Find me: {PHRASE}", "found-ferry")
    case = case_of(place, f"Find my case: {PHRASE} again", account="found-ferry")
    noor = place.visitor("noor")
    ref = re.search(r"<title>Case ([\w-]+)", noor.get(f"/console/cases/{case}").text)[1]

    def found(query):
        return noor.get("/console/find", params={"q": query}).headers["location"]

    assert found(ref.lower()) == f"/console/cases/{case}"
    assert found(case) == f"/console/cases/{case}"
    assert found(platform_id).startswith("/console/items/")
    assert found("@found-ferry") == address(place, "found-ferry")


@pytest.mark.parametrize("query", ["", "nobody knows", "cas_../../secret", "x" * 9999])
def test_what_is_not_found_is_said(place, query):
    assert place.visitor("noor").get("/console/find", params={"q": query}).status_code == 404
