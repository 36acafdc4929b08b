from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from beffroi.doors.web.languages import languages
from beffroi.doors.web.render import local_path, page_of, render, see_other
from beffroi.doors.web.shell import Node
from beffroi.ground.kernel.clock import FakeClock

EN = languages()["en"]
NOW = datetime(2026, 11, 14, 2, 30, tzinfo=UTC)


class Front:
    node = Node("Agora & sons", "platform", "XA", UTC)
    clock = FakeClock(NOW)


def request(query="", **headers):
    app = Starlette()
    app.state.front = Front()
    raw = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in ({"host": "n.example"} | headers).items()
    ]
    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": query.encode(), "headers": raw, "app": app}
    return Request(scope | {"state": {}})


class View:
    status, code, heading, sentence, message, back = 404, "no-such-thing", "There is nothing here", "Gone.", "", "/"


def test_a_page_speaks_the_visitors_language_and_says_so():
    answer = render(request(accept_language="ar"), "fault_public.html", View(), status=404)
    assert answer.status_code == 404
    assert answer.headers["content-language"] == "ar"
    assert b'<html lang="ar" dir="rtl"' in answer.body


def test_names_are_escaped():
    assert b"Agora &amp; sons" in render(request(), "fault_public.html", View()).body


def test_no_style_no_script_stands_in_a_page():
    body = render(request(), "fault_public.html", View()).body.decode()
    assert "style=" not in body
    assert "<style" not in body
    assert body.count("<script") == 1
    assert 'src="/static/' in body


@pytest.mark.parametrize(("cookie", "theme"), [("theme=dark", "dark"), ("theme=light", "light"), ("theme=%22x", "")])
def test_the_theme_is_what_the_browser_remembers(cookie, theme):
    assert page_of(request(cookie=cookie), EN).theme == theme


def test_letter_keys_can_be_off():
    assert page_of(request(), EN).has_letter_keys
    assert not page_of(request(cookie="keys=off"), EN).has_letter_keys


def test_what_a_form_did_is_told_once_in_words():
    assert page_of(request("did=claimed"), EN).told == "The case is yours."
    assert page_of(request("did=<script>"), EN).told is None


def test_after_a_form_one_goes_and_looks():
    answer = see_other("/console/cases/c", "claimed", tab="all")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/cases/c?did=claimed&tab=all"
    assert see_other("/console").headers["location"] == "/console"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/console/cases/c?tab=x", "/console/cases/c?tab=x"),
        ("//evil.example", "/console"),
        ("/\\evil.example", "/console"),
        ("https://evil.example/", "/console"),
        ("javascript:alert(1)", "/console"),
        ("", "/console"),
        (None, "/console"),
        ("/a\r\nSet-Cookie: x", "/aSet-Cookie%3A%20x"),
    ],
)
def test_one_goes_only_where_this_node_is(wanted, path):
    assert local_path(wanted, "/console") == path
