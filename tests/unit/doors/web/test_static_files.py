import re

import pytest
from starlette.applications import Starlette

from beffroi.doors.web import static_files
from beffroi.doors.web.static_files import FILES, PREFIX, StaticFile, digest, static_url

from .calling import call


def get(path):
    return call(Starlette(routes=list(static_files.ROUTES)), path)


def test_a_file_is_kept_for_ever_under_its_digest():
    answer = get(static_url("beffroi.css"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    ["/static/0000000000000000/beffroi.css", f"{PREFIX}/nothing.css", f"{PREFIX}/..%2frender.py", "/static//mark.svg"],
)
def test_anything_else_is_not_there(path):
    assert get(path).status_code == 404


def test_the_icon_that_browsers_ask_for():
    assert get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_a_changed_file_changes_the_digest():
    one = {"a.js": StaticFile(b"1", "text/javascript")}
    assert digest(one) != digest({"a.js": StaticFile(b"2", "text/javascript")})
    assert digest(one) != digest({"b.js": StaticFile(b"1", "text/javascript")})
    assert digest({"a": StaticFile(b"b", ""), "c": StaticFile(b"", "")}) != digest({"a": StaticFile(b"bc", "")})


def test_an_unknown_name_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        static_url("none.css")


def test_modules_import_only_modules_that_are_served():
    for name, file in FILES.items():
        if name.endswith(".js"):
            imported = re.findall(r'^(?:import|export)\b[^;]*?"\./([^"]+)"', file.body.decode(), re.MULTILINE)
            assert set(imported) <= set(FILES), name


def test_scripts_make_no_markup_of_strings():
    banned = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "parseFromString", "eval(", "setHTML",
              "createContextualFragment", "new Function", "createPolicy")  # fmt: skip
    for name, file in FILES.items():
        if name.endswith(".js"):
            assert [word for word in banned if word in file.body.decode()] == [], name


def test_the_style_sheet_loads_nothing():
    assert "url(" not in FILES["beffroi.css"].body.decode()
    assert "@import" not in FILES["beffroi.css"].body.decode()
