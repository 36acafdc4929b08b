import re

import pytest


def rail(place, who, path="/console/me"):
    page = place.visitor(who).get(path).text
    nav = re.search(r'<ul id="rail".*?</ul>', page, re.DOTALL)[0]
    return re.findall(r'href="(/console/\w+)"', nav), nav


@pytest.mark.parametrize(
    ("who", "not_there"),
    [
        ("noor", {"/console/people", "/console/keys"}),
        ("ioana", {"/console/keys"}),
        ("ada", {"/console/queue"}),
        ("ossian", set()),
    ],
)
def test_the_rail_shows_what_somebody_may_read(place, who, not_there):
    shown, _ = rail(place, who)
    everything = {"queue", "banks", "rules", "policies", "charter", "deliveries", "ledger", "health", "people", "keys"}
    assert {f"/console/{each}" for each in everything} - set(shown) == not_there


def test_each_line_of_the_rail_opens(place):
    for path in rail(place, "ossian")[0]:
        assert place.visitor("ossian").get(path).status_code == 200, path


def test_where_one_is_stands_out(place):
    _, nav = rail(place, "noor", "/console/banks")
    assert re.search(r'href="/console/banks" aria-current="page"', nav)
    assert nav.count("aria-current") == 1


def test_the_person_is_named(place):
    assert "<bdi>Noor H.</bdi>" in place.visitor("noor").get("/console/me").text


def test_who_may_not_look_things_up_is_not_asked_what_for(place):
    assert 'id="find-q"' in place.visitor("noor").get("/console/me").text
    assert 'id="find-q"' not in place.visitor("ada").get("/console/me").text
