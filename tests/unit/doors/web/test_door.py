import logging

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from beffroi.doors.web.door import OPEN, Route, endpoints
from beffroi.doors.web.front import Front
from beffroi.ground.kernel.errors import Conflict, NotFound, Unavailable
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.model import Role
from beffroi.staff.permissions import PUBLIC, Permission, of_person
from tests.unit.doors.console.conftest import BASE, place  # noqa: F401  the fixture

WHO = {
    "": PUBLIC,
    "moderator": of_person(PersonId("prs_1"), [Role.MODERATOR]),
    "administrator": of_person(PersonId("prs_2"), [Role.ADMINISTRATOR]),
}


def served(place, handler, permission=OPEN, method="GET", rate="1000/minute", who="", **row):  # noqa: F811
    table = [Route(method, "/console/things/{thing}/do", permission, rate, handler, **row)]
    app = Starlette(routes=endpoints(table, lambda request, house: WHO[who]))
    app.state.house, app.state.front = place.house, Front(place.house)
    return TestClient(app, base_url=BASE, follow_redirects=False)


def ok(visit):
    return PlainTextResponse(f"{visit.path('thing')} {visit.who.kind} {visit.asked('q', 'nothing')}")


PATH = "/console/things/x/do"


def test_an_open_row_is_open(place):  # noqa: F811
    assert served(place, ok).get(f"{PATH}?q=2").text == "x public 2"


def test_who_lacks_the_permission_is_refused_and_who_is_nobody_is_asked(place):  # noqa: F811
    assert served(place, ok, Permission.CASES_READ, who="moderator").get(PATH).status_code == 200
    assert served(place, ok, Permission.CASES_READ, who="administrator").get(PATH).status_code == 403
    assert served(place, ok, Permission.CASES_READ).get(PATH).headers["location"].startswith("/login?next=")


def test_what_may_be_held_for_ones_own_only_is_let_in_and_asked_again(place):  # noqa: F811
    def mine(visit):
        visit.own(Permission.CASES_HAND_OVER, visit.path("thing") == "x")
        return ok(visit)

    tab = served(place, mine, Permission.CASES_HAND_OVER, who="moderator", own=True)
    assert tab.get(PATH).status_code == 200
    assert tab.get("/console/things/y/do").status_code == 403


def test_a_form_from_elsewhere_never_reaches_the_handler(place):  # noqa: F811
    tab = served(place, lambda visit: pytest.fail("reached"), method="POST")
    assert tab.post(PATH, headers={"origin": "https://evil.example"}).status_code == 403
    assert tab.post(PATH).status_code == 403


def test_a_form_reaches_it(place):  # noqa: F811
    tab = served(place, lambda visit: PlainTextResponse(visit.form.text("a")), method="POST")
    assert tab.post(PATH, data={"a": "b"}, headers={"origin": BASE}).text == "b"


def test_a_lost_session_leads_back_to_the_page_that_had_the_form(place):  # noqa: F811
    tab = served(place, ok, Permission.CASES_READ, method="POST")
    answer = tab.post(PATH, headers={"origin": BASE})
    assert answer.headers["location"] == "/login?next=%2Fconsole%2Fthings%2Fx"


def test_what_needs_a_fresh_proof_asks_again(place):  # noqa: F811
    tab = served(place, ok, Permission.CASES_READ, who="moderator", recent=True)
    assert tab.get(PATH).headers["location"].startswith("/again?next=")


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("gone", "it is gone"), 404), (Conflict("slow", "too slow"), 409), (Unavailable("full", "disk"), 503)],
)
def test_a_refusal_is_a_page(place, error, status):  # noqa: F811
    def refuses(visit):
        raise error

    answer = served(place, refuses).get(PATH)
    assert answer.status_code == status
    assert error.code in answer.text


def test_a_bug_is_a_page_that_says_nothing_of_it_and_a_line_in_the_log(place, caplog):  # noqa: F811
    def breaks(visit):
        raise ValueError("secret inside")

    with caplog.at_level(logging.ERROR):
        answer = served(place, breaks).get(PATH)
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "a page failed" in caplog.text


def test_the_rate_counts_per_row(place):  # noqa: F811
    tab = served(place, ok, who="moderator", rate="2/minute", permission=Permission.BANKS_READ)
    statuses = [tab.get(f"/console/things/{thing}/do").status_code for thing in "abc"]
    assert statuses == [200, 200, 429]
    assert tab.get(PATH).headers["retry-after"] == "60"
