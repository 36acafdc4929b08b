import pytest

from beffroi.doors.web.faults import fault_page
from beffroi.doors.web.shell import Person, Shell
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, NotFound, TooMany

from .test_render import request


@pytest.mark.parametrize("status", [403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("signed_in", [False, True])
def test_each_fault_has_its_page_in_both_shells(status, signed_in):
    asked = request()
    if signed_in:
        asked.state.shell = Shell(Person("Noor H.", "Moderator"), ())
    answer = fault_page(asked, status)
    assert answer.status_code == status
    assert (b'class="rail"' in answer.body) is signed_in
    assert f"http-{status}".encode() in answer.body


def test_a_refusal_says_its_reason_and_its_code():
    body = fault_page(request(), 409, Conflict("claimed", "somebody else is looking at <this>")).body
    assert b"claimed" in body
    assert b"somebody else is looking at &lt;this&gt;" in body


def test_a_fault_of_ours_says_nothing_of_our_inside():
    body = fault_page(request(), 500, InvariantViolated("state", "row 17 is at odds")).body
    assert b"row 17" not in body


def test_a_limit_says_when_to_come_back():
    assert fault_page(request(), 429, TooMany("slow-down", "wait", retry_after_s=7)).headers["retry-after"] == "7"


def test_what_is_not_there_leads_back_to_the_front_page():
    assert b'href="/"' in fault_page(request(), 404, NotFound("no-such-thing", "no")).body
