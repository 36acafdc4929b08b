import html
import re

import pytest


def form_of(page):
    """The fields of the policy form on a page, as a browser would send them."""
    inside = page[page.index('action="/console/policies"') :].partition("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]+>", inside):
        has = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if has.get("type") != "checkbox" or " checked" in tag:
            fields[has["name"]] = html.unescape(has.get("value", ""))
    for name, words in re.findall(r'<textarea[^>]+name="([^"]+)"[^>]*>([^<]*)</textarea>', inside):
        fields[name] = html.unescape(words)
    for name, options in re.findall(r'<select[^>]+name="([^"]+)"[^>]*>(.*?)</select>', inside, re.DOTALL):
        fields[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return fields


def blank(place, name, *clauses):
    """A new policy's form, filled in with (number, title, words)."""
    fields = form_of(place.visitor("ioana").get("/console/policies/new").text) | {"name": name, "count": "9"}
    for place_, (number, title, words) in enumerate(clauses):
        fields |= {f"number-{place_}": number, f"title-en-{place_}": title, f"text-en-{place_}": words}
    return fields


@pytest.fixture
def published(place, request):
    """The id of a policy of two clauses, published."""
    name = f"Kettle terms of {request.node.name}"
    fields = blank(place, name, ("1", "Noise", "No loud kettles."), ("2", "Steam", "No steam."))
    assert place.visitor("ioana").post("/console/policies", data=fields).status_code == 303
    page = place.visitor("noor").get("/console/policies").text
    return re.search(rf'id="(pol_\w+)"><bdi>{re.escape(name)}', page)[1]


def edited(place, policy, **changes):
    page = place.visitor("ioana").get(f"/console/policies/new?policy={policy}").text
    return form_of(page) | {name.replace("__", "-"): value for name, value in changes.items()}


def test_a_policy_is_published_and_read(place, published):
    page = place.visitor("noor").get("/console/policies").text
    section = page[page.index(f'aria-labelledby="{published}"') :].partition("</section>")[0]
    assert "version 1 of" in section
    assert "No loud kettles." in section
    assert "terrorist content" in section


def test_a_new_version_begins_with_the_words_in_force(place, published):
    fields = edited(place, published)
    assert (fields["number-0"], fields["text-en-1"], fields["follows"]) == ("1", "No steam.", "1")


def test_a_version_is_compared_before_it_is_published(place, published):
    fields = edited(place, published, text__en__0="No loud pots.", number__1="", title__en__1="", text__en__1="")
    page = place.visitor("ioana").post("/console/policies/compare", data=fields).text
    assert "No loud <del>kettles.</del><ins>pots.</ins>" in page
    assert "taken out" in page
    assert "version 1 of" in place.visitor("noor").get("/console/policies").text
    assert form_of(page)["text-en-0"] == "No loud pots."


def test_what_a_version_changed_stays_readable(place, published):
    place.visitor("ioana").post("/console/policies", data=edited(place, published, severity__0="5"))
    page = place.visitor("noor").get("/console/policies").text
    section = page[page.index(f'aria-labelledby="{published}"') :].partition("</section>")[0]
    assert "version 2 of" in section
    assert "severity 3, now 5" in section


def test_equal_words_change_nothing(place, published):
    page = place.visitor("ioana").post("/console/policies/compare", data=edited(place, published)).text
    assert "Nothing: every clause stands as it did." in page


def test_nobody_publishes_over_a_version_they_have_not_read(place, published):
    stale = edited(place, published, text__en__0="No kettles.")
    place.visitor("ioana").post("/console/policies", data=edited(place, published, severity__0="4"))
    answer = place.visitor("ioana").post("/console/policies", data=stale)
    assert answer.status_code == 409
    assert "was published meanwhile" in answer.text
    assert form_of(answer.text)["text-en-0"] == "No kettles."


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        ((), "a policy has clauses"),
        ((("1", "Noise", ""),), "needs an English title and text"),
        ((("", "Noise", "words"),), "each clause has a number"),
        ((("1", "a", "b"), ("1", "c", "d")), "each with its own number"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(place, clauses, said):
    answer = place.visitor("ioana").post("/console/policies", data=blank(place, "Half a policy", *clauses))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Half a policy"' in answer.text


def test_only_a_policy_lead_publishes(place):
    assert "New policy" not in place.visitor("tomas").get("/console/policies").text
    assert place.visitor("tomas").get("/console/policies/new").status_code == 403
    assert place.visitor("tomas").post("/console/policies", data={"count": "0"}).status_code == 403
