import re
from datetime import timedelta
from itertools import count

import pytest

from beffroi.decisions import store

_NUMBERS = count(1)


def proposed(place, who="tomas", **given):
    """What a proposal is answered with, and its name."""
    page = place.visitor("tomas").get("/console/rules").text
    bank = re.search(r'<option value="(bnk_\w+)">Harbour pictures', page)[1]
    clause = re.search(r'<option value="(pol_\w+:\d+:4\.2)"', page)[1]
    last = (place.house.clock.now() + timedelta(days=30)).date().isoformat()
    fields = {"name": f"Rule {next(_NUMBERS)}", "bank": bank, "act": "hold", "rule": clause}
    fields |= {"radius_bits": "4", "hourly_cap": "9", "expires_at": last} | given
    return place.visitor(who).post("/console/rules", data=fields), fields["name"]


def kept(place, name):
    with place.house.read() as conn:
        return next(rule for rule in store.all_rules(conn) if rule.name == name)


def row(place, name, who="ioana"):
    page = place.visitor(who).get("/console/rules").text
    return page[page.index(f'id="row-{kept(place, name).id}"') :].partition("</tr>")[0]


def test_what_every_rule_is_bound_to_stands_on_the_page(place):
    page = place.visitor("noor").get("/console/rules").text
    for bound in ("Public uploads only", "never an account", "after 24 hours", "within 180 days", "A named person"):
        assert bound in page


def test_a_proposed_rule_waits_and_names_who_proposed_it(place):
    answer, name = proposed(place)
    assert answer.status_code == 303
    assert "Waits for approval" in row(place, name)
    assert "nobody yet; proposed by <bdi>Tomas W.</bdi>" in row(place, name)
    assert "at most 9 an hour" in row(place, name)


def test_a_policy_lead_approves_it_and_answers_for_it(place):
    _, name = proposed(place)
    place.visitor("ioana").post(f"/console/rules/{kept(place, name).id}/approve")
    assert "In force" in row(place, name)
    assert "<bdi>Ioana P.</bdi>" in row(place, name)


def test_a_policy_lead_ends_it_for_good(place):
    _, name = proposed(place)
    rule, ioana = kept(place, name).id, place.visitor("ioana")
    ioana.post(f"/console/rules/{rule}/end")
    assert "Ended" in row(place, name)
    assert "/approve" not in row(place, name)
    assert ioana.post(f"/console/rules/{rule}/approve").status_code == 409


def test_who_proposes_does_not_approve_unless_their_role_does(place):
    _, name = proposed(place)
    assert "/approve" not in row(place, name, "tomas")
    assert place.visitor("tomas").post(f"/console/rules/{kept(place, name).id}/approve").status_code == 403


def test_a_moderator_proposes_nothing(place):
    assert "Propose a rule" not in place.visitor("noor").get("/console/rules").text
    answer, _ = proposed(place, "noor")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"act": "remove"}, "a rule may hold, refuse an upload or label"),
        ({"expires_at": "2999-01-01"}, "within 180 days"),
        ({"expires_at": "soon"}, "a day has the form"),
        ({"hourly_cap": "0"}, "hourly cap"),
        ({"radius_bits": "48"}, "between 0 and 47"),
        ({"rule": "nothing"}, "choose a rule"),
        ({"act": "dance"}, "choose act from the list"),
    ],
)
def test_what_is_refused_comes_back_with_what_was_typed(place, wrong, said):
    answer, name = proposed(place, **wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{name}"' in answer.text
