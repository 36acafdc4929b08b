import re

from .test_cases import PHRASE, claimed

SENTENCE = "The account calls itself satire, but nothing frames this as a joke."


def clause(place, number):
    page = place.visitor("noor").get("/policies").text
    policy = re.search(r'id="(pol_\w+)"', page)[1]
    return f"{policy}:1:{number}"


def filled(place, case, who="noor", act="remove", number="4.2", **more):
    page = place.visitor(who).get(f"/console/cases/{case}").text
    seen = re.findall(r'name="seen" value="([^"]+)"', page)
    fields = {"act": act, "exemption": "public_debate", "exemption_sentence": SENTENCE, "rule": clause(place, number)}
    return fields | {"seen": seen, "territories": "", "until": ""} | more


def decided(place, text, who="noor", **more):
    case = claimed(place, text, who)
    answer = place.visitor(who).post(f"/console/cases/{case}/decide", data=filled(place, case, who, **more))
    assert answer.status_code == 303, answer.text
    page = place.visitor(who).get(f"/console/cases/{case}").text
    return case, re.search(r"/console/decisions/(dec_\w+)", page)[1], answer


def test_a_decision_closes_the_case_and_leaves_a_strip(place):
    case, decision, answer = decided(place, f"To be removed: {PHRASE}")
    assert answer.headers["location"] == "/console/queue?did=decided"
    assert decision in answer.headers["set-cookie"]
    noor = place.visitor("noor")
    page = noor.get("/console/queue").text
    assert f"/console/decisions/{decision}/undo" in page
    assert "To be removed" not in re.sub(r'<div id="undo".*', "", page, flags=re.DOTALL)
    assert "Decided" in noor.get(f"/console/cases/{case}").text
    assert SENTENCE in noor.get(f"/console/decisions/{decision}").text


def test_the_strip_is_shown_to_nobody_else(place):
    _, decision, _ = decided(place, f"Whose strip: {PHRASE}")
    tomas = place.visitor("tomas")
    tomas.cookies.set("undo", decision, path="/console")
    assert f"{decision}/undo" not in tomas.get("/console/queue").text
    del tomas.cookies["undo"]


def test_undone_it_is_open_again_and_the_strip_is_gone(place):
    case, decision, _ = decided(place, f"To be undone: {PHRASE}")
    noor = place.visitor("noor")
    answer = noor.post(f"/console/decisions/{decision}/undo")
    assert answer.headers["location"] == f"/console/cases/{case}?did=undone"
    assert f"{decision}/undo" not in noor.get("/console/queue").text
    assert "To be undone" in noor.get("/console/queue").text


def test_a_refused_decision_comes_back_with_everything_that_was_written(place):
    case = claimed(place, f"Half a form: {PHRASE}")
    sent = filled(place, case, exemption_sentence="")
    answer = place.visitor("noor").post(f"/console/cases/{case}/decide", data=sent)
    assert answer.status_code == 422
    assert "say in a sentence" in answer.text
    assert re.search(r'value="remove"[^>]* checked', answer.text)
    assert re.search(rf'value="{re.escape(sent["rule"])}"[^>]* selected', answer.text)


def test_a_post_that_was_edited_meanwhile_is_not_decided(place):
    case = claimed(place, f"Edited meanwhile: {PHRASE}")
    sent = filled(place, case)
    sent["seen"] = [each.rpartition(":")[0] + ":7" for each in sent["seen"]]
    answer = place.visitor("noor").post(f"/console/cases/{case}/decide", data=sent)
    assert answer.status_code == 409
    assert SENTENCE in answer.text


def test_who_was_slower_sees_both_decisions_side_by_side(place):
    case = claimed(place, f"Who is faster: {PHRASE}")
    noor = place.visitor("noor")
    sent = filled(place, case)
    assert noor.post(f"/console/cases/{case}/decide", data=sent | {"act": "label"}).status_code == 303
    late = noor.post(
        f"/console/cases/{case}/decide", data=sent | {"exemption_sentence": "Mine, and too late by a second."}
    )
    assert late.status_code == 409
    assert "Yours, not recorded" in late.text
    assert "Mine, and too late by a second." in late.text
    assert "Label, rule 4.2" in late.text


def test_two_people_decide_where_the_clause_asks_for_it(place):
    case = claimed(place, f"For two: {PHRASE}")
    noor, tomas = place.visitor("noor"), place.visitor("tomas")
    answer = noor.post(f"/console/cases/{case}/decide", data=filled(place, case, number="4.3"))
    assert answer.headers["location"].endswith("second-asked")
    assert "You proposed this" in noor.get(f"/console/cases/{case}").text
    assert noor.post(f"/console/cases/{case}/claim").status_code == 403
    assert tomas.post(f"/console/cases/{case}/claim").status_code == 303
    page = tomas.get(f"/console/cases/{case}").text
    assert SENTENCE in page
    decision = re.search(r"/console/decisions/(dec_\w+)/agree", page)[1]
    assert noor.post(f"/console/decisions/{decision}/agree").status_code == 403
    assert tomas.post(f"/console/decisions/{decision}/agree").status_code == 303
    assert "Stands" in tomas.get(f"/console/decisions/{decision}").text


def test_a_second_person_may_disagree(place):
    case = claimed(place, f"For two, in vain: {PHRASE}")
    place.visitor("noor").post(f"/console/cases/{case}/decide", data=filled(place, case, number="4.3"))
    tomas = place.visitor("tomas")
    tomas.post(f"/console/cases/{case}/claim")
    decision = re.search(r"/console/decisions/(dec_\w+)/decline", tomas.get(f"/console/cases/{case}").text)[1]
    assert tomas.post(f"/console/decisions/{decision}/decline").status_code == 303
    assert "For two, in vain" in place.visitor("noor").get("/console/queue").text


def test_a_moderator_reverses_their_own_decision_and_nobody_elses(place):
    _, decision, _ = decided(place, f"To be reversed: {PHRASE}", who="tomas")
    reason = {"reason": "it was a museum catalogue"}
    assert place.visitor("noor").post(f"/console/decisions/{decision}/reverse", data=reason).status_code == 403
    tomas = place.visitor("tomas")
    assert tomas.post(f"/console/decisions/{decision}/reverse", data={"reason": ""}).status_code == 422
    assert tomas.post(f"/console/decisions/{decision}/reverse", data=reason).status_code == 303
    assert "Reversed" in tomas.get(f"/console/decisions/{decision}").text


def test_the_account_is_a_decision_of_its_own(place):
    case = claimed(place, f"Behind this: {PHRASE}")
    opened = place.visitor("noor").post(f"/console/cases/{case}/account").headers["location"]
    assert opened != f"/console/cases/{case}"
    place.visitor("noor").post(f"{opened}/claim")
    page = place.visitor("noor").get(opened).text
    assert "about this account only" in page
    assert 'value="suspend_account"' in page
