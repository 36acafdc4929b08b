"""The plain website: accounts, posts, pictures, and what a browser may do with its pages."""

import sqlite3
from contextlib import closing
from itertools import chain
from pathlib import Path

import httpx
import pytest

from examples.agora import store
from examples.agora.guards import BODY_BYTES_MAX, PICTURE_BYTES_MAX

from .loopback import PNG, Site, running


@pytest.fixture
def plain(tmp_path: Path):
    """Without a node."""
    with running(tmp_path) as started:
        yield started


def test_a_fresh_square_has_people_posts_and_pictures(tmp_path: Path):
    with running(tmp_path, sample=True) as site:
        page = site.client.get("/").text
        assert page.count("<article") == 12
        assert page.count('class="picture"') == 3
        assert 'lang="ar"' in page
        assert 'lang="pl"' in page
        assert site.client.get("/media/1").headers["content-type"] == "image/jpeg"
        assert site.client.get("/login").text.count('name="user"') == 7


def test_the_sample_comes_once_and_what_people_did_stays(tmp_path: Path):
    with running(tmp_path, sample=True) as site:
        mara = site.member("Newcomer")
        path = site.post(mara, "I stay.", picture=PNG)
    with running(tmp_path, sample=True) as site:
        assert site.client.get("/").text.count("<article") == 13
        assert "I stay." in site.client.get(path).text
        assert site.client.get("/media/4").content == PNG


def test_without_a_node_it_is_a_plain_site_and_says_so(plain: Site):
    assert plain.client.get("/health").json() == {"status": "ok", "node": "none", "outbox": 0}
    assert "No node is connected" in plain.client.get("/settings").text
    assert "plain site" in plain.client.get("/integration").text
    path = plain.post(plain.member())
    assert plain.status(path) == 200
    assert "Report this post" not in plain.client.get(path).text


def test_a_session_outlives_a_restart_and_ends_with_log_out(tmp_path: Path):
    with running(tmp_path) as site:
        token = site.member().cookies["agora"]
    with running(tmp_path) as site:
        site.client.cookies["agora"] = token
        assert "Log out" in site.client.get("/").text
        site.client.post("/logout")
        site.client.cookies["agora"] = token
        assert "Log out" not in site.client.get("/").text


def test_the_report_link_names_the_post_to_the_node(site: Site, node):
    path = site.post(site.member())
    quoted = (site.url + path).replace(":", "%3A").replace("/", "%2F")
    assert f'href="{node.url}/notice?url={quoted}"' in site.client.get(path).text


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/p/1/edit"), ("post", "/p/1/edit"), ("post", "/p/1/delete"), ("post", "/posts"), ("post", "/profile")],
)
def test_a_stranger_is_sent_to_log_in(plain: Site, method: str, path: str):
    plain.post(plain.member())
    form = {"data": {"name": "x", "text": "x"}} if method == "post" else {}
    answer = getattr(plain.client, method)(path, **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_nobody_touches_the_posts_of_others(plain: Site):
    path, jules = plain.post(plain.member("Mara")), plain.member("Jules")
    assert jules.get(f"{path}/edit").status_code == 404
    assert jules.post(f"{path}/edit", data={"text": "Mine"}).status_code == 404
    assert jules.post(f"{path}/delete").status_code == 404
    assert "A kettle." in plain.client.get(path).text


def test_names_are_unique_whatever_their_case(plain: Site):
    plain.member("Mara")
    jules = plain.member("Jules")
    plain.member("mara")
    assert plain.client.get("/login").text.count('name="user"') == 2
    assert jules.post("/profile", data={"name": "MARA"}).status_code == 409


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07", "x" * 41])
def test_a_name_is_one_to_forty_characters(plain: Site, name: str):
    assert plain.client.post("/login", data={"name": name}).status_code == 422


# ── hostile input ──

SCRIPT = "<script>alert(1)</script>"


def test_what_people_write_is_never_markup(plain: Site):
    mara = plain.member(f"<i>{SCRIPT[:20]}")
    mara.post("/profile", data={"name": "<b>Mara</b>", "bio": SCRIPT})
    data = {"text": SCRIPT, "alt": f'">{SCRIPT}', "language": '"><script>'}
    path = mara.post("/posts", data=data, files={"picture": ("x", PNG)}).headers["location"]
    for page in ("/", path, "/u/1", "/login", f"{path}/edit", "/integration", f"/?territory={SCRIPT}"):
        text = mara.get(page).text
        assert "<script" not in text
        assert "<b>Mara" not in text


def test_text_of_any_script_comes_back_as_it_was(plain: Site):
    text = "خبز ساخن \u202eabc 🫖\nsecond line"
    path = plain.post(plain.member(), text)
    assert text in plain.client.get(path).text
    assert 'dir="auto"' in plain.client.get(path).text


def test_control_characters_are_dropped(plain: Site):
    path = plain.post(plain.member(), "a\x00b\x1bc\r\nd")
    assert "abc\nd" in plain.client.get(path).text


def test_a_text_of_ten_thousand_characters_and_no_more(plain: Site):
    mara = plain.member()
    plain.post(mara, "é" * 10_000)
    assert mara.post("/posts", data={"text": "é" * 10_001}).status_code == 422


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_the_first_bytes_say_what_a_picture_is(plain: Site, content: bytes, media_type: str):
    plain.post(plain.member(), picture=content)
    answer = plain.client.get("/media/1")
    assert answer.content == content
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"RIFF\0\0\0\0WAVE", b"\xff"]
)
def test_anything_else_is_no_picture(plain: Site, content: bytes):
    mara = plain.member()
    answer = mara.post("/posts", data={"text": "x"}, files={"picture": ("x.png", content, "image/png")})
    assert answer.status_code == 415
    assert plain.client.get("/").text.count("<article") == 0


def test_a_picture_of_eight_megabytes_and_no_more(plain: Site):
    mara = plain.member()
    plain.post(mara, picture=PNG.ljust(PICTURE_BYTES_MAX, b"\0"))
    for size in (PICTURE_BYTES_MAX + 1, BODY_BYTES_MAX + 1):
        files = {"picture": ("x", PNG.ljust(size, b"\0"))}
        assert mara.post("/posts", data={"text": "x"}, files=files).status_code == 413


def test_a_body_that_does_not_tell_its_length_is_cut_off(plain: Site):
    mara = plain.member()
    start = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="x"\r\n\r\n'
    pieces = chain([start], (b"x" * 2**20 for _ in range(BODY_BYTES_MAX // 2**20 + 2)))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert mara.post("/posts", content=pieces, headers=headers).status_code == 413


def test_an_empty_post_is_none(plain: Site):
    assert plain.member().post("/posts", data={"text": " \n "}).status_code == 422


@pytest.mark.parametrize("path", ["/p/0", "/p/x", "/p/99999999999999999999", "/media/9", "/u/9", "/nothing"])
def test_what_is_not_there_is_a_page_that_says_so(plain: Site, path: str):
    answer = plain.client.get(path)
    assert answer.status_code in {404, 422}
    assert "Back to the square" in answer.text


# ── browsers ──


def test_no_page_runs_a_script_or_is_kept_by_a_cache(site: Site):
    path = site.post(site.member(), picture=PNG)
    for page in ("/", path, "/p/99", "/u/1", "/login", "/settings", "/integration"):
        answer = site.client.get(page)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["cache-control"] == "private, no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://elsewhere.invalid"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_changes_nothing(plain: Site, headers: dict):
    mara = plain.member()
    assert mara.post("/posts", data={"text": "Not mine"}, headers=headers).status_code == 403
    assert plain.client.post("/login", data={"name": "Eve"}, headers=headers).status_code == 403
    assert "Not mine" not in plain.client.get("/").text


def test_a_form_of_this_site_is_taken(plain: Site):
    headers = {"Origin": plain.url, "Sec-Fetch-Site": "same-origin"}
    assert plain.member().post("/posts", data={"text": "Mine"}, headers=headers).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(plain: Site):
    cookie = plain.client.post("/login", data={"name": "Mara"}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_database_that_cannot_be_written_is_said_and_changes_nothing(plain: Site, tmp_path: Path, monkeypatch):
    mara = plain.member()
    monkeypatch.setattr(store, "BUSY_S_MAX", 0.2)
    with closing(sqlite3.connect(tmp_path / "agora.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = mara.post("/posts", data={"text": "x"})
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
    assert plain.client.get("/").text.count("<article") == 0


def test_names_of_people_are_isolated_from_the_text_around_them(plain: Site):
    mara: httpx.Client = plain.member("سلمى")
    assert "<bdi>سلمى</bdi>" in mara.get("/").text
