import re

import pytest

from beffroi.ground.ledger.verify import verify_receipt
from beffroi.ground.storage.tx import NODE
from beffroi.ground.trust.note import parse_vkey
from beffroi.matching import service
from beffroi.matching.model import BankTerms
from beffroi.staff import store as staff


@pytest.fixture(scope="module")
def bank(place):
    """A bank whose making is in the record, and sealed."""
    with place.house.read() as conn:
        owner = staff.everybody(conn)[0].id
    made = place.house.write(
        "law", NODE, lambda tx: service.create_bank(tx, BankTerms("Sealed", "to be proven"), owner)
    )
    place.house.integrator.beat()
    return made


def home(place, bank, who="ossian"):
    """The address of the event that made the bank, and the page with all events about it."""
    page = place.visitor(who).get(f"/console/ledger?about={bank.id}").text
    return re.search(r'"(/console/ledger/evt_\w+)"', page)[1], page


def test_events_are_found_by_the_id_of_what_they_are_about(place, bank):
    _, page = home(place, bank)
    assert "bank-created" in page
    assert page.count("<tr data-row") == 1
    assert "the node" in page


def test_an_id_that_nothing_is_about_is_said_so(place):
    assert "No event is about this id." in place.visitor("noor").get("/console/ledger?about=dec_nothing").text


def test_the_newest_seal_and_the_keys_to_check_it_stand_on_the_page(place, bank):
    page = place.visitor("noor").get("/console/ledger").text
    public = place.visitor("noor").get("/ledger/checkpoint").text
    assert public.strip() in page.replace("&#43;", "+")
    assert parse_vkey(re.search(r'dir="ltr">([^<]+\+[^<]+)</p>', page)[1])


def test_an_event_shows_its_facts_and_the_way_to_the_root(place, bank):
    event, _ = home(place, bank)
    page = place.visitor("ossian").get(event).text
    assert "In the record" in page
    assert "to be proven" in page
    assert "c2sp.org/tlog-proof@v1" in page


def test_the_receipt_holds_for_whoever_has_the_keys_of_the_page(place, bank):
    event, _ = home(place, bank)
    keys = [
        parse_vkey(found)
        for found in re.findall(r'dir="ltr">([^<]+\+[^<]+)</p>', place.visitor("noor").get(event).text)
    ]
    told = verify_receipt(place.visitor("noor").get(f"{event}.json").content, keys)
    assert told.facts["aggregate_id"] == bank.id


def test_an_event_without_an_entry_waits(place):
    place.visitor("noor").post("/console/me/appearance", data={"lang": "en"})
    place.post("The herons watched the ledger grow.")
    newest = re.search(r'"(/console/ledger/evt_\w+)"', place.visitor("noor").get("/console/ledger").text)[1]
    assert "Waits for the next seal" in place.visitor("noor").get(newest).text
    assert place.visitor("noor").get(f"{newest}.json").status_code == 404


def test_older_events_are_a_page_away(place, bank):
    noor = place.visitor("noor")
    for number in range(30):  # each leaves two events or more
        place.post(f"Nothing to see, {number}.", account=f"walker-{number}")
    older = re.search(r'rel="next" href="([^"]+)"', noor.get("/console/ledger").text)[1].replace("&amp;", "&")
    first, second = (re.findall(r'id="row-(evt_\w+)"', noor.get(path).text) for path in ("/console/ledger", older))
    assert first
    assert second
    assert not set(first) & set(second)


def test_no_such_event_is_not_found(place):
    assert place.visitor("noor").get("/console/ledger/evt_nothing").status_code == 404
