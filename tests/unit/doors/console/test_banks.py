import re
from itertools import count

import pytest

from beffroi.matching import store

_NUMBERS = count(1)


def created(place, who="tomas", **given):
    fields = {"name": f"Bank {next(_NUMBERS)}", "purpose": "to try", "source": "own", "source_name": ""}
    fields |= {"terms_of_use": "", "radius_bits": "31", "quality_min": "50", "hourly_cap": "100"}
    answer = place.visitor(who).post("/console/banks", data=fields | given)
    return answer, fields | given


def bank(place, *lines):
    """The address of a new bank with these lines."""
    answer, _ = created(place)
    home = answer.headers["location"].partition("?")[0]
    if lines:
        place.visitor("tomas").post(f"{home}/import", data={"lines": "\n".join(lines)}, files={"file": ("", b"")})
    return home


def entry_of(page, value):
    return re.search(rf'<tr data-row id="(ent_\w+)">(?:(?!<tr).)*{value}', page, re.DOTALL)[1]


def test_a_new_bank_observes_and_has_the_terms_that_were_given(place):
    answer, given = created(place, radius_bits="12", hourly_cap="7")
    assert answer.status_code == 303
    page = place.visitor("noor").get(answer.headers["location"]).text
    assert given["name"] in page
    assert "Observes only" in page
    assert "up to 12 of 256 bits" in page
    assert "over 7 items an hour it pauses" in page


def test_a_taken_name_and_a_wrong_number_come_back_into_the_form(place):
    _, given = created(place)
    taken, _ = created(place, name=given["name"])
    assert taken.status_code == 409
    assert "there is a bank of this name" in taken.text
    assert f'value="{given["name"]}"' in taken.text
    wrong, _ = created(place, radius_bits="many")
    assert wrong.status_code == 422


def test_pasted_lines_become_entries_and_refused_ones_are_shown_with_their_number(place):
    home = bank(place)
    sent = {"lines": "the paper kettle sings\npdq:nonsense\nhttps://kettle.example/a", "type": ""}
    page = place.visitor("tomas").post(f"{home}/import", data=sent, files={"file": ("", b"")}).text
    assert "2 new, 0 known before, 1 refused." in page
    assert re.search(r'<th scope="row" data-h="Line">2</th>', page)
    assert "the paper kettle sings" in page


def test_an_uploaded_file_becomes_entries(place):
    home = bank(place)
    page = place.visitor("tomas").post(f"{home}/import", files={"file": ("a.txt", b"a kettle of paper\n")}).text
    assert "1 new, 0 known before, 0 refused." in page


def test_nothing_to_import_is_refused_in_words(place):
    home = bank(place)
    answer = place.visitor("tomas").post(f"{home}/import", data={"lines": ""}, files={"file": ("", b"")})
    assert answer.status_code == 422
    assert "choose a file" in answer.text


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_exported_reads_back_equal(place, form):
    home = bank(place, "one kettle", "two kettles")
    written = place.visitor("tomas").get(f"{home}/entries.{form}")
    assert written.headers["content-disposition"].endswith(f'.{form}"')
    again = bank(place)
    page = place.visitor("tomas").post(f"{again}/import", files={"file": (f"all.{form}", written.content)}).text
    assert "2 new, 0 known before, 0 refused." in page


def test_no_other_form_is_written(place):
    assert place.visitor("tomas").get(f"{bank(place)}/entries.xml").status_code == 404


def test_entries_are_listed_by_kind_and_by_whether_they_match(place):
    home, tomas = bank(place, "three kettles", "https://kettle.example/three"), place.visitor("tomas")
    entry = entry_of(tomas.get(home).text, "three kettles")
    tomas.post(f"{home}/entries/{entry}/enable", data={"enabled": "no"})
    assert entry not in tomas.get(f"{home}?type_is=url").text
    assert entry in tomas.get(f"{home}?type_is=phrase").text
    assert entry in tomas.get(f"{home}?matching=no").text
    assert "No entry is of this kind." in tomas.get(f"{home}?opinion_is=negative").text


def test_a_change_comes_back_to_its_entry_under_the_same_filter(place):
    home, tomas = bank(place, "four kettles", "five kettles"), place.visitor("tomas")
    entry = entry_of(tomas.get(home).text, "five kettles")
    answer = tomas.post(f"{home}/entries/{entry}/opinion", data={"opinion": "disputed", "type_is": "phrase"})
    assert "type_is=phrase" in answer.headers["location"]
    page = tomas.get(answer.headers["location"]).text
    assert "five kettles" in page
    assert "four kettles" not in page.partition('aria-labelledby="entries"')[2]
    with place.house.read() as conn:
        assert store.entry(conn, entry).opinion == "disputed"


def test_a_senior_moderator_confirms_an_entry_and_takes_it_back(place):
    home, tomas = bank(place, "six kettles"), place.visitor("tomas")
    entry = entry_of(tomas.get(home).text, "six kettles")
    for confirmed in (True, False):
        tomas.post(f"{home}/entries/{entry}/confirm", data={"confirmed": "yes" if confirmed else "no"})
        with place.house.read() as conn:
            assert store.entry(conn, entry).confirmed_here is confirmed
    assert place.visitor("noor").post(f"{home}/entries/{entry}/confirm").status_code == 403


def test_what_it_would_have_done_is_shown_with_samples_before_it_may_act(place):
    home, ioana = bank(place, "the tin whistle waits"), place.visitor("ioana")
    place.post("Tonight the tin whistle waits for nobody.")
    page = ioana.get(home).text
    assert "<b>1 post</b> matched, which would have been <b>1 case</b>" in page
    assert "<mark>the tin whistle waits</mark> for nobody." in page
    assert ioana.post(f"{home}/promote").headers["location"].endswith("did=promoted")
    assert "Active" in ioana.get(home).text


def test_who_reads_no_cases_sees_counts_and_no_words(place):
    home = bank(place, "the copper bell hums")
    place.post("Listen: the copper bell hums again.")
    page = place.visitor("ada").get(home).text
    assert "<b>1 post</b> matched" in page
    assert "Listen" not in page


def test_a_bank_goes_back_to_observing_and_out_of_use(place):
    home, ioana = bank(place, "seven kettles"), place.visitor("ioana")
    ioana.post(f"{home}/promote")
    ioana.post(f"{home}/set-back")
    assert "Observes only" in ioana.get(home).text
    ioana.post(f"{home}/disable")
    assert "Disabled" in ioana.get(home).text
    assert "Observe again" in ioana.get(home).text


def test_a_moderator_promotes_nothing(place):
    assert place.visitor("noor").post(f"{bank(place)}/promote").status_code == 403


@pytest.mark.parametrize("after", ["x", "-1"])
def test_a_cursor_that_is_none_is_no_page(place, after):
    assert place.visitor("noor").get(f"{bank(place)}?after={after}").status_code == 404


def test_the_list_draws_how_often_a_bank_was_right_only_once_somebody_decided(place):
    new = bank(place).rpartition("/")[2]
    page = place.visitor("noor").get("/console/banks").text
    row = page.partition(f'id="row-{new}"')[2].partition("</tr>")[0]
    assert "no decision here yet" in row
    assert 'class="chart interval"' not in row
