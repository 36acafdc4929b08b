"""The page behind a warning's link: opening it confirms nothing, its button does."""

import pytest
from starlette.testclient import TestClient

from beffroi.ground.kernel.ids import RecipientId, ThreatId
from beffroi.threats import service, store
from beffroi.threats.model import Receipt
from tests.unit.doors.console.conftest import BASE
from tests.unit.doors.console.test_threats import REASONS, warned


@pytest.fixture
def link(place):
    """A warning's id, and the token of one of its two recipients."""
    threat = ThreatId(warned(place).rpartition("/")[2])

    def work(tx):
        to = service.addressed(tx.conn, threat)[0]
        store.make_link(tx, threat, 1, RecipientId(to), store.subject_of(tx.conn, threat))
        return store.token_of(tx.conn, tx.vault, threat, 1, to)

    return threat, place.house.write("law", _node(), work)


def _node():
    from beffroi.ground.storage.tx import NODE

    return NODE


def test_who_holds_the_link_confirms_by_the_button_alone(place, link):
    threat, token = link
    officer = TestClient(place.application, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)
    page = officer.get(f"/w/{token}")
    assert "Do you have our letter?" in page.text
    assert REASONS not in page.text
    with place.house.read() as conn:
        assert store.THREATS.load(conn, threat).letters[0].dispatches[0].confirmed_at is None
    assert officer.post(f"/w/{token}").headers["location"] == f"/w/{token}"
    assert "we know that you have it" in officer.get(f"/w/{token}").text
    with place.house.read() as conn:
        assert store.THREATS.load(conn, threat).letters[0].dispatches[0].receipt is Receipt.LINK
    assert officer.post(f"/w/{token}").status_code == 303
    assert "They confirmed it themselves" in place.visitor("noor").get(f"/console/threats/{threat}").text
    assert officer.get("/w/nothing").status_code == 404
    assert officer.post("/w/nothing").status_code == 404
