"""What Matrix events say and point to, and the links by which people name them."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.doors.platforms.matrix_events import Place, files_of, link_to, place_of, words_of
from beffroi.ground.kernel.limits import MATRIX_DEPTH_MAX, MEDIA_PER_ITEM_MAX

ROOM, EVENT, FILE = "!weir:tower.example", "$a_b-C1", "mxc://tower.example/Abc_1-2"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(FILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def module_events():
    """The same reading as the module in Synapse does it: a package of its own that must not import ours."""
    path = Path(__file__).parents[4] / "connectors/matrix-module/beffroi_synapse/events.py"
    spec = importlib.util.spec_from_file_location("beffroi_synapse_events", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_words_are_found_in_every_place_and_once():
    content = {
        "msgtype": "m.text", "body": "one", "format": "org.matrix.custom.html",
        "formatted_body": "<b>o</b>ne &amp; <i>two</i>",
        "m.new_content": {"body": "three", "deep": [{"er": ["four"]}]},
        "m.relates_to": {"rel_type": "m.replace", "event_id": EVENT, "key": "five"},
        "m.mentions": {"user_ids": ["@x:y"]},
        "number": 6, "nothing": None,
    }  # fmt: skip
    assert words_of(content) == ("one", "one & two", "three", "four", "five", "@x:y")


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ({"msgtype": "m.image", "body": "a poster-2.png", "url": FILE}, ("a poster-2.png",)),
        ({"msgtype": "m.image", "body": "poster-2.png", "url": FILE}, ()),
        ({"msgtype": "m.image", "body": "words", "filename": "poster.png", "url": FILE}, ("words",)),
        ({"msgtype": "m.text", "body": "poster.png"}, ("poster.png",)),
    ],
)
def test_a_plain_name_of_a_file_is_no_sentence(content, left):
    assert words_of(content, names=False) == left


def test_files_are_found_in_every_place_and_once():
    content = {
        "url": FILE, "info": {"thumbnail_url": "mxc://tower.example:8448/two"},
        "formatted_body": f'<img src="{FILE}"/><img src="mxc://[::1]:80/three">', "body": "mxc:// mxc://x mxc:/a/b",
    }  # fmt: skip
    assert files_of(content) == (FILE, "mxc://tower.example:8448/two", "mxc://[::1]:80/three")


def test_bounds_hold():
    deep: object = FILE
    for _ in range(MATRIX_DEPTH_MAX + 1):
        deep = {"x": deep}
    assert files_of({"y": deep}) == ()
    many = [f"mxc://tower.example/{number}" for number in range(MEDIA_PER_ITEM_MAX + 5)]
    assert len(files_of({"y": many})) == MEDIA_PER_ITEM_MAX


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_the_module_reads_the_same(content):
    theirs = module_events()
    assert theirs.words_of(content) == words_of(content)
    assert theirs.files_of(content)[:MEDIA_PER_ITEM_MAX] == files_of(content)


@pytest.mark.parametrize(
    "url",
    [
        link_to(ROOM, EVENT),
        link_to(ROOM, EVENT) + "?via=tower.example",
        f"https://matrix.to/#/{ROOM}/{EVENT}",
        "https://matrix.to/#/%21weir%3Atower.example/%24a_b-C1?via=x&via=y",
        f" MATRIX:roomid/weir:tower.example/e/{EVENT[1:]} ",
    ],
)
def test_links_lead_to_the_event(url):
    assert place_of(url) == Place(ROOM, EVENT)


def test_a_room_may_be_named_by_its_alias():
    assert place_of("matrix:r/weir:tower.example/e/x") == Place("#weir:tower.example", "$x")
    assert place_of(f"https://matrix.to/#/%23weir:tower.example/{EVENT}") == Place("#weir:tower.example", EVENT)


@pytest.mark.parametrize(
    "url",
    [
        "", "https://matrix.to/", f"https://matrix.to/#/{ROOM}", "https://matrix.to/#/@user:x/$y", FILE,
        f"https://matrix.to.evil.example/#/{ROOM}/{EVENT}", f"http://matrix.to/#/{ROOM}/{EVENT}", "matrix:u/x:y",
        f"https://matrix.to/#/{ROOM}/${'x' * 300}", "matrix:roomid/a:b/e/", f"https://matrix.to/#/{ROOM}/not-an-event",
    ],
)  # fmt: skip
def test_other_links_lead_nowhere(url):
    assert place_of(url) is None


@given(st.text(), st.text())
def test_a_link_of_ours_never_has_a_space_or_a_fragment(room, event):
    try:
        link = link_to(f"!{room}", f"${event}")
    except UnicodeEncodeError:
        return
    assert link.isascii()
    assert not set(link) & set(" #?\n")
