from datetime import timedelta

from starlette.requests import Request

from beffroi.decisions import store
from beffroi.doors.console.undo_strip import decision_of, strip
from beffroi.ground.kernel.ids import PersonId
from beffroi.parties import charter

from .test_cases import PHRASE
from .test_decide import decided


def request(cookie):
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())] if cookie else []})


def test_only_a_cookie_names_a_decision():
    assert decision_of(request("undo=dec_1")) == "dec_1"
    assert decision_of(request("")) is None
    assert decision_of(request("undo=")) is None


def test_it_ends_with_the_hold(place):
    _, decision, _ = decided(place, f"Time runs: {PHRASE}")
    with place.house.read() as conn:
        kept = store.DECISIONS.load(conn, decision)
        hold_s = charter.get(conn, "undo_hold_s")
        asked = request(f"undo={decision}")
        shown = strip(conn, asked, kept.decided_by, kept.decided_at + timedelta(seconds=hold_s - 1))
        assert (shown.left_s, shown.total_s) == (1, hold_s)
        assert strip(conn, asked, kept.decided_by, kept.decided_at + timedelta(seconds=hold_s)) is None
        assert strip(conn, asked, PersonId("prs_other"), kept.decided_at) is None
        assert strip(conn, request("undo=dec_none"), kept.decided_by, kept.decided_at) is None
