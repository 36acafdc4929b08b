"""Warnings at the console: exactly what is shown leaves, and who must be called stands first."""

import re

import pytest

from tests.unit.doors.console.test_cases import PHRASE, case_of

REASONS = "They say they will be at the lamp hall at six, with the tin."
FILLED = {
    "danger": "life", "window": "hours", "marks": ["intent", "place"], "state.offence": "XV", "stated": ["offence"],
    "state.suspect": "XA", "state.victim": "", "reasons": REASONS, "parts": ["post", "account"], "connection": "",
}  # fmt: skip


def opened(place, text="Tonight", who="noor"):
    """A fresh draft; its address."""
    case = case_of(place, f"{text}: {PHRASE}", who)
    return place.visitor(who).post(f"/console/cases/{case}/warn").headers["location"]


def shown(page):
    return re.search(r'name="shown" form="warn" value="(\w{64})"', page)[1]


def warned(place, **changes):
    """A draft that Noor signed; its address."""
    here, noor = opened(place), place.visitor("noor")
    seen = noor.post(f"{here}/preview", data=FILLED | changes).text
    answer = noor.post(f"{here}/sign", data=FILLED | changes | {"shown": shown(seen)})
    assert answer.headers["location"] == f"{here}?did=warned", answer.text
    return here


def recipients(page):
    return list(dict.fromkeys(re.findall(r'name="recipient" value="(\w+)"', page)))


def test_a_case_offers_it_and_the_form_begins_with_nothing_chosen(place):
    case = case_of(place, f"Soon: {PHRASE}")
    assert f'action="/console/cases/{case}/warn"' in place.visitor("noor").get(f"/console/cases/{case}").text
    assert f'action="/console/cases/{case}/warn"' not in place.visitor("ioana").get(f"/console/cases/{case}").text
    here = place.visitor("noor").post(f"/console/cases/{case}/warn").headers["location"]
    again = place.visitor("tomas").post(f"/console/cases/{case}/warn").headers["location"]
    assert again == here, "a case has one draft"
    page = place.visitor("noor").get(here).text
    assert not re.search(r'type="radio" name="window"[^>]* checked', page)
    assert "Exactly this leaves" in page
    assert "This stays here" in page


def test_the_letter_follows_the_form_and_escapes_what_was_posted(place):
    here, noor = opened(place, "<script>alert(1)</script> \u202egnol"), place.visitor("noor")
    page = noor.post(f"{here}/preview", data=FILLED).text
    assert "<script>alert" not in page
    assert "&gt; &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert REASONS in page
    assert "Sign and send to 2 authorities" in page
    assert "+99 0 555 0107" in page
    bare = noor.post(f"{here}/preview", data=FILLED | {"parts": []}).text
    letter = re.search(r'<pre class="said letter"[^>]*>(.*?)</pre>', bare, re.DOTALL)[1]
    assert "paper-lantern" not in letter
    assert "&gt; " not in letter
    fallback = noor.post(f"{here}/preview", data=FILLED | {"state.offence": "", "state.suspect": ""}).text
    assert "Oostmark contact point" in fallback
    assert "Union police, front desk" in fallback
    missing = noor.post(f"{here}/preview", data=FILLED | {"state.offence": "MT"}).text
    assert "Nobody in the register for Malta" in missing


def test_only_what_was_shown_is_signed(place):
    here, noor = opened(place), place.visitor("noor")
    seen = shown(noor.post(f"{here}/preview", data=FILLED).text)
    other = FILLED | {"reasons": REASONS + " With friends.", "shown": seen}
    refused = noor.post(f"{here}/sign", data=other)
    assert refused.status_code == 409
    assert "read it, then sign" in refused.text
    assert REASONS + " With friends." in refused.text
    assert noor.post(f"{here}/sign", data=other | {"shown": shown(refused.text)}).status_code == 303
    assert noor.post(f"{here}/sign", data=other | {"shown": shown(refused.text)}).status_code in {409, 422}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"window": ""}, "choose when"), ({"reasons": "soon"}, "characters what you saw"), ({"connection": "x"}, "tick")],
)
def test_what_says_too_little_comes_back_with_all_that_was_written(place, changes, said):
    here, noor = opened(place), place.visitor("noor")
    seen = shown(noor.post(f"{here}/preview", data=FILLED | changes).text)
    refused = noor.post(f"{here}/sign", data=FILLED | changes | {"shown": seen})
    assert refused.status_code == 422
    assert said in refused.text
    assert (FILLED | changes)["reasons"] in refused.text


def test_whoever_must_be_called_stands_first_until_they_have_it(place):
    here = warned(place)
    noor = place.visitor("noor")
    page = noor.get(here).text
    assert page.index("+99 0 555 0107") < page.index("Who has it") < page.index("A second pair of eyes")
    assert "Not confirmed" in page
    first, second = recipients(page)
    assert noor.post(f"{here}/called", data={"number": "1", "recipient": first}).status_code == 303
    for each in (first, second):
        answer = noor.post(f"{here}/confirm", data={"number": "1", "recipient": each, "receipt": "telephone"})
        assert answer.headers["location"] == f"{here}?did=confirmed"
    page = noor.get(here).text
    assert "Not confirmed" not in page
    assert recipients(page) == []
    forged = noor.post(f"{here}/confirm", data={"number": "1", "recipient": first, "receipt": "link"})
    assert forged.status_code == 422
    assert noor.post(f"{here}/close", data={"outcome": "acted"}).status_code == 303
    assert "They acted" in noor.get(here).text


def test_the_second_person_is_somebody_else(place):
    here = warned(place)
    assert place.visitor("tomas").post(f"{opened(place)}/second", data={"agrees": "yes"}).status_code == 409
    assert place.visitor("noor").post(f"{here}/second", data={"agrees": "yes"}).status_code == 403
    assert place.visitor("tomas").post(f"{here}/second", data={"agrees": "no"}).status_code == 303
    assert "Would not have warned" in place.visitor("ioana").get(here).text


def test_more_is_said_and_taken_back(place):
    here, noor = warned(place), place.visitor("noor")
    short = noor.post(f"{here}/more", data={"kind": "supplement", "words": "short"})
    assert (short.status_code, ">short</textarea>" in short.text) == (422, True)
    said = {"kind": "supplement", "words": "The bus arrives at five, an hour earlier."}
    assert noor.post(f"{here}/more", data=said).status_code == 303
    assert "an hour earlier" in noor.get(here).text
    assert len(re.findall("Call <a", noor.get(here).text)) == 4
    assert noor.post(f"{here}/more", data=said | {"kind": "retraction"}).status_code == 303
    assert "This warning was taken back." in noor.get(here).text
    assert noor.post(f"{here}/more", data=said).status_code == 409


def test_a_draft_is_dropped_with_a_reason(place):
    here, noor = opened(place), place.visitor("noor")
    assert noor.post(f"{here}/drop", data={"why": ""}).status_code == 422
    answer = noor.post(f"{here}/drop", data={"why": "They speak of a film."})
    assert answer.headers["location"].endswith("did=warning-dropped")
    assert "Nobody was warned" in noor.get(here).text


def test_who_only_reads_sees_no_draft_and_no_buttons(place):
    draft, here = opened(place), warned(place)
    page = place.visitor("ossian").get(draft).text
    assert "Somebody is writing this warning" in page
    assert "Exactly this leaves" not in page
    page = place.visitor("ossian").get(here).text
    assert "Who has it" in page
    assert "They have it" not in page
    assert place.visitor("ada").get(here).status_code == 403


def test_the_list_puts_first_what_waits(place):
    here = warned(place)
    page = place.visitor("noor").get("/console/threats").text
    assert here in page
    assert page.index("Not confirmed") < page.index("Confirmed</span>") or "Confirmed</span>" not in page
    assert "Who is warned" in page
