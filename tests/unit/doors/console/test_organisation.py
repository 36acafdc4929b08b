import shutil

import pytest
from starlette.testclient import TestClient

from beffroi.app import Node, application, open_house
from beffroi.doors.workers import Crew
from beffroi.flow import sample
from beffroi.parties import store
from beffroi.settings import Settings
from tests.nodes import without_decoders

from .conftest import BASE

HOME = "/console/organisation"


def settings(folder):
    return Settings(data=folder, demo=True, argon2="cheap", decoders=1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The folder of a node with sample data; copying it is faster than making it."""
    folder = tmp_path_factory.mktemp("filled") / "node"
    with without_decoders(), open_house(settings(folder)) as house:
        sample.fill(house)
    return folder


@pytest.fixture
def own(filled, tmp_path):
    """A node of one's own, whose organisation may be anything, and its administrator."""
    with without_decoders(), open_house(settings(shutil.copytree(filled, tmp_path / "node"))) as house:
        app = application(Node(house, None, Crew(house, None)))
        tab = TestClient(app, base_url=BASE, headers={"origin": BASE}, follow_redirects=False)
        tab.post("/login", data={"email": "ada@agora.example", "password": sample.PASSWORD})
        yield house, tab


def given(**changes):
    fields = {"version": "1", "kind": "platform", "name": "Agora", "country": "xb", "languages": "en ar, en"}
    fields |= {
        "size": "micro",
        "service": "hosting",
        "contact.email": "orders@agora.example",
        "contact.hours": "always",
    }
    return fields | {name.replace("__", "."): value for name, value in changes.items()}


def kept(house):
    with house.read() as conn:
        return store.organisation(conn)


def test_what_is_published_stands_in_the_form(own):
    page = own[1].get(HOME).text
    assert 'value="orders@agora.example"' in page
    assert 'value="en, ar"' in page
    assert '<option value="medium" selected>' in page


def test_what_is_typed_is_published_at_once(own):
    house, tab = own
    assert tab.post(HOME, data=given(contact__phone="+000 11")).headers["location"] == f"{HOME}?did=published"
    told = kept(house).particulars
    assert (told.country, told.languages, told.size.value) == ("XB", ("en", "ar"), "micro")
    assert told.complaints is None
    assert "+000 11" in tab.get("/contact").text


def test_a_representative_is_named_and_leaves_again(own):
    _, tab = own
    said = {"representative__name": "Vera Tal", "representative__email": "vera@office.example"}
    tab.post(HOME, data=given(**said))
    assert "Vera Tal" in tab.get("/contact").text
    tab.post(HOME, data=given(version="2"))
    assert "Vera Tal" not in tab.get("/contact").text


def test_what_the_law_asks_for_and_is_missing_is_named(own):
    _, tab = own
    tab.post(HOME, data=given(contact__hours=""))
    page = tab.get(HOME).text
    assert "The hours of the contact point are missing." in page
    assert "no legal representative is named" in page


def test_nobody_amends_what_they_have_not_read(own):
    house, tab = own
    tab.post(HOME, data=given(name="Agora One"))
    answer = tab.post(HOME, data=given(name="Agora Two"))
    assert answer.status_code == 409
    assert 'value="Agora Two"' in answer.text
    assert kept(house).particulars.name == "Agora One"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"country": "Oostmark"}, "two capital letters"),
        ({"languages": ""}, "at least one language"),
        ({"contact__email": "nowhere"}, "no e-mail address"),
        ({"size": "huge"}, "choose size from the list"),
        ({"version": "x"}, "not a whole number"),
        ({"representative__name": "Only a name"}, "no e-mail address"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(own, wrong, said):
    house, tab = own
    answer = tab.post(HOME, data=given(**wrong, contact__postal="Market 1"))
    assert answer.status_code == 422
    assert said in answer.text.replace("this is not an", "no")
    assert 'value="Market 1"' in answer.text
    assert kept(house).version == 1


def test_others_read_it_and_change_nothing(place):
    page = place.visitor("noor").get(HOME).text
    assert "An administrator changes this." in page
    assert "disabled" in page
    assert place.visitor("noor").post(HOME, data=given()).status_code == 403
