import re

import pytest

from beffroi.content import store as content
from beffroi.content.model import AccountGiven, Submission
from beffroi.flow import screening
from beffroi.ground.storage.tx import NODE

from .test_cases import PHRASE, claimed
from .test_decide import decided


def home(place, platform_id):
    with place.house.read() as conn:
        return f"/console/items/{content.item_by_platform_id(conn, platform_id).id}"


def edited(place, text):
    """An item that was edited once: both versions matched."""
    platform_id = place.post(f"First I said that {PHRASE}.", "editor")
    given = Submission(platform_id, AccountGiven("editor", "editor"), text=text, language="en", revision=2)
    screening.screen(place.house, NODE, [given], awaited=False)
    return home(place, platform_id)


def test_every_version_stands_with_what_was_found_in_it(place):
    page = place.visitor("noor").get(edited(place, "Now I say nothing of birds.")).text
    newest, _, oldest = page.partition("Version 1")
    assert "Now I say nothing of birds." in newest
    assert "Nothing in it matched an entry." in newest
    assert "First I said that <mark>the herons watched</mark>." in oldest
    assert "Kettle phrases" in oldest


def test_what_was_decided_and_done_stands_with_its_decision(place):
    _, decision, _ = decided(place, f"Done to me, says {PHRASE}")
    page = place.visitor("tomas").get(f"/console/decisions/{decision}").text
    item = re.search(r"/console/items/itm_\w+", page)[0]
    page = place.visitor("tomas").get(item).text
    assert f'href="/console/decisions/{decision}"' in page
    assert "Removed" in page


def test_its_events_have_their_places_in_the_record(place):
    address = home(place, place.post(f"For the record: {PHRASE}."))
    assert "waits for the next seal" in place.visitor("noor").get(address).text
    place.house.integrator.beat()
    page = place.visitor("noor").get(address).text
    entry = re.search(r'<a href="(/console/ledger/evt_\w+)">entry [\d,]+</a>', page)[1]
    assert "In the record" in place.visitor("noor").get(entry).text


def test_an_item_without_any_match_says_so_everywhere(place):
    page = place.visitor("noor").get(home(place, place.post("Bread is four today."))).text
    for words in ("Nothing in it matched", "Nothing was ever done", "Nobody has decided", "It never was in a case."):
        assert words in page


def test_an_item_of_a_sealed_case_is_unknown(place):
    case = claimed(place, f"Sealed away: {PHRASE}", account="sealed-account")
    page = place.visitor("noor").get(f"/console/cases/{case}").text
    item = re.search(r"/console/items/itm_\w+", page)[0]
    account = re.search(r"/console/accounts/acc_\w+", page)[0]
    place.visitor("noor").post(f"/console/cases/{case}/seal")
    assert place.visitor("tomas").get(item).status_code == 404
    assert item not in place.visitor("tomas").get(account).text


@pytest.mark.parametrize("who", ["ioana", "ada"])
def test_a_history_is_for_who_decides_or_oversees(place, who):
    assert place.visitor(who).get(home(place, place.post("Tea is three today."))).status_code == 403
