import re

import pytest

from beffroi.content import store as content

PHRASE = "the herons watched"


def case_of(place, text, who="noor", account="paper-lantern"):
    """A fresh case about a post with these words; its id."""
    platform_id = place.post(text, account)
    with place.house.read() as conn:
        item = content.item_by_platform_id(conn, platform_id)
    page = place.visitor(who).get(f"/console/items/{item.id}").text
    return re.search(r"/console/cases/(cas_\w+)", page)[1]


def claimed(place, text, who="noor", **more):
    case = case_of(place, text, who, **more)
    assert place.visitor(who).post(f"/console/cases/{case}/claim").status_code == 303
    return case


def test_the_queue_explains_each_number_and_quotes_nobody_unescaped(place):
    case = case_of(place, f"<script>alert(1)</script> {PHRASE} \u202egnol")
    page = place.visitor("noor").get("/console/queue").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert f"/console/cases/{case}" in page
    assert "Parts of the priority" in page
    assert "<img" not in page


def test_who_has_no_cases_to_read_is_led_elsewhere(place):
    assert place.visitor("ada").get("/console").headers["location"] == "/console/banks"
    assert place.visitor("noor").get("/console").headers["location"] == "/console/queue"
    assert place.visitor("ada").get("/console/queue").status_code == 403


def test_tabs_show_a_part_of_the_queue(place):
    case_of(place, f"A tab holds this: {PHRASE}")
    accounts = place.visitor("noor").get("/console/queue?tab=accounts").text
    assert "A tab holds this" not in accounts
    assert "A tab holds this" in place.visitor("noor").get("/console/queue?tab=matches").text


def test_the_text_comes_first_marked_where_it_matches_and_the_media_is_closed(place):
    page = place.visitor("noor").get(f"/console/cases/{case_of(place, f'Quietly {PHRASE} tonight')}").text
    assert "Quietly <mark>the herons watched</mark> tonight" in page
    assert page.index("What was posted") < page.index("Why it came to you") < page.index('id="account"')


def test_claim_note_hand_over_and_give_back(place):
    case = claimed(place, f"To be handed over: {PHRASE}")
    noor, tomas = place.visitor("noor"), place.visitor("tomas")
    assert "You, " in noor.get(f"/console/cases/{case}").text
    assert "Noor H.</bdi>, " in tomas.get(f"/console/cases/{case}").text
    assert noor.post(f"/console/cases/{case}/note", data={"words": "look <b>twice</b>"}).status_code == 303
    assert "look &lt;b&gt;twice&lt;/b&gt;" in tomas.get(f"/console/cases/{case}").text
    assert tomas.post(f"/console/cases/{case}/claim").status_code == 409
    to = re.search(r'<option value="(prs_\w+)">Tomas W\.', noor.get(f"/console/cases/{case}").text)[1]
    assert noor.post(f"/console/cases/{case}/hand-over", data={"to": to, "reason": ""}).status_code == 303
    assert "Handed to you" in tomas.get(f"/console/cases/{case}").text
    assert tomas.post(f"/console/cases/{case}/claim").status_code == 303
    assert tomas.post(f"/console/cases/{case}/give-back").headers["location"] == "/console/queue?did=given-back"


def test_a_moderator_hands_over_only_what_they_hold(place):
    case = case_of(place, f"Nobody holds this: {PHRASE}")
    assert place.visitor("noor").post(f"/console/cases/{case}/hand-over", data={"to": ""}).status_code in {403, 409}


def test_skipped_is_last_in_the_own_queue(place):
    case = case_of(place, f"Skip this: {PHRASE}")
    noor = place.visitor("noor")
    assert (
        noor.post(f"/console/cases/{case}/skip", data={"reason": "my street"}).headers["location"].endswith("skipped")
    )
    ids = re.findall(r"<h3>.*?/console/cases/(cas_\w+)", noor.get("/console/queue").text)
    assert ids[-1] == case


def test_a_sealed_case_is_out_of_every_view(place):
    case = claimed(place, f"Seal this: {PHRASE}")
    noor = place.visitor("noor")
    assert noor.post(f"/console/cases/{case}/seal").status_code == 303
    assert noor.get(f"/console/cases/{case}").status_code == 404
    assert "Seal this" not in noor.get("/console/queue").text


@pytest.mark.parametrize("number", ["0", "7", "-1", "x", "99999999999999999999"])
def test_no_media_is_sent_that_was_not_opened(place, number):
    case = case_of(place, f"No media here {number}: {PHRASE}")
    page = place.visitor("noor").get(f"/console/cases/{case}").text
    item = re.search(r"/console/items/(itm_\w+)", page)[1]
    assert place.visitor("noor").get(f"/console/cases/{case}/media/{item}/{number}").status_code == 404


def test_a_tab_there_is_not_is_the_first_one_and_stands_in_no_address(place):
    case_of(place, f"Whatever the tab: {PHRASE}")
    page = place.visitor("noor").get("/console/queue?tab=%3Clamp%3E%26why").text
    assert "lamp&gt;" not in page
    assert "Whatever the tab" in page
