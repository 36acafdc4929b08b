import re

import pytest

SENTENCE = "It praises an attack; nobody teaches or reports anything here."


@pytest.fixture(scope="module")
def home(place):
    """A removal decided by noor, on its page."""
    return decided(place, "The herons watched the harbour wall.")


def decided(place, text, act="remove", rule="4.2"):
    """The address of a decision by noor about something that matches a bank; None while a second person is asked."""
    noor, before = place.visitor("noor"), cases(place)
    place.post(text)
    (case,) = cases(place) - before
    noor.post(f"{case}/claim")
    page = noor.get(case).text
    given = {"act": act, "seen": re.findall(r'name="seen" value="([^"]+)"', page), "exemption": "", "rule": ""}
    if act != "no_action":
        key = re.search(rf'<option value="([^"]+)" data-short="{rule}"', page)[1]
        given |= {"exemption": "education", "exemption_sentence": SENTENCE, "rule": key}
    assert noor.post(f"{case}/decide", data=given).status_code == 303
    return re.search(r'"(/console/decisions/dec_\w+?)(?:/agree)?"', place.visitor("tomas").get(case).text)[1]


def cases(place):
    return set(re.findall(r"/console/cases/cas_\w+", place.visitor("tomas").get("/console/queue").text))


def test_the_page_says_what_it_rests_on_and_who_answers_for_it(place, home):
    page = place.visitor("tomas").get(home).text
    assert "<h1>Remove, rule 4.2</h1>" in page
    assert "even indirectly or by praise" in page
    assert "Nearest lawful purpose: Education" in page
    assert SENTENCE in page
    assert "<bdi>Noor H.</bdi>" in page


def test_the_page_says_what_it_led_to_with_the_cause_that_holds_it(place, home):
    page = place.visitor("tomas").get(home).text
    assert "<b>Removed</b>" in page
    assert "Planned" in page
    assert "this decision, <b>still holds</b>" in page


def test_no_action_names_no_rule_and_led_to_nothing(place):
    page = place.visitor("tomas").get(decided(place, "Once the herons watched a film.", "no_action")).text
    assert "Nothing was restricted, so no rule is named." in page
    assert "Nothing: it stays as it is." in page
    assert "Was it wrong?" not in page


def test_who_decided_can_undo_while_the_strip_says_so(place):
    home = decided(place, "The herons watched us leave.")
    page = place.visitor("noor").get(home).text
    assert f'action="{home}/undo"' in page
    assert place.visitor("noor").post(f"{home}/undo").status_code == 303
    assert "Undone before it took effect" in place.visitor("noor").get(home).text


def test_a_second_person_agrees_and_stands_on_the_page(place):
    home = decided(place, "Number nineteen came home, said the herons.", rule="4.3")
    assert "Waits for a second person" in place.visitor("noor").get(home).text
    assert place.visitor("noor").post(f"{home}/agree").status_code == 403
    place.visitor("tomas").post(f"{home}/agree")
    page = place.visitor("tomas").get(home).text
    assert "Second person" in page
    assert "<bdi>Tomas W.</bdi>" in page


def test_a_reversal_needs_a_reason_and_keeps_it(place):
    home, tomas = decided(place, "The herons watched and laughed."), place.visitor("tomas")
    assert tomas.post(f"{home}/reverse", data={"reason": " "}).status_code == 422
    tomas.post(f"{home}/reverse", data={"reason": "It was a poem."})
    page = tomas.get(home).text
    assert "Reversed, put back" in page
    assert "It was a poem." in page
    assert "Was it wrong?" not in page


def test_a_moderator_reverses_only_what_is_their_own(place, home):
    assert "Was it wrong?" in place.visitor("noor").get(home).text
    assert "Was it wrong?" not in place.visitor("ossian").get(home).text
    assert place.visitor("ossian").post(f"{home}/reverse", data={"reason": "x"}).status_code == 403


def test_an_administrator_reads_no_decision(place, home):
    assert place.visitor("ada").get(home).status_code == 403


def test_a_statement_that_the_decision_does_not_have_is_not_found(place, home):
    assert place.visitor("tomas").get(f"{home}/statements/sta_nothing").status_code == 404
