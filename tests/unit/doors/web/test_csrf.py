import pytest
from starlette.requests import Request

from beffroi.doors.web.csrf import check_origin, origins_of, same_origin
from beffroi.ground.kernel.errors import NotAllowed

NODE = "https://node.example"


@pytest.mark.parametrize(
    ("fetch_site", "origin", "allowed"),
    [
        ("same-origin", None, True),
        ("same-origin", "null", True),
        ("same-origin", NODE, True),
        ("same-origin", "https://evil.example", False),
        ("same-site", NODE, False),
        ("cross-site", NODE, False),
        ("cross-site", "null", False),
        ("none", None, False),
        ("", NODE, False),
        (None, NODE, True),
        (None, "http://node.example", False),
        (None, "https://node.example.evil.example", False),
        (None, "https://node.example:8443", False),
        (None, "https://evil.example/node.example", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_only_our_own_pages_send_our_forms(fetch_site, origin, allowed):
    assert same_origin(fetch_site, origin, origins_of(NODE)) is allowed


@pytest.mark.parametrize(
    ("public_url", "origins"),
    [
        ("https://node.example", {"https://node.example"}),
        ("https://Node.Example:8443/", {"https://node.example:8443"}),
        ("http://192.0.2.1:80", {"http://192.0.2.1:80"}),
        ("http://127.0.0.1:8100", {"http://127.0.0.1:8100", "http://localhost:8100", "http://[::1]:8100"}),
        ("http://[::1]:8100", {"http://127.0.0.1:8100", "http://localhost:8100", "http://[::1]:8100"}),
    ],
)
def test_ours_is_what_the_operator_said(public_url, origins):
    assert origins_of(public_url) == origins


def request(method, **headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_form_from_elsewhere_is_refused(method):
    with pytest.raises(NotAllowed) as refused:
        check_origin(request(method, origin="https://evil.example", host="node.example"), NODE)
    assert refused.value.code == "cross-site"


def test_a_name_that_was_pointed_at_this_machine_is_elsewhere():
    rebound = request("POST", origin="http://evil.example:8100", host="evil.example:8100")
    with pytest.raises(NotAllowed):
        check_origin(rebound, "http://127.0.0.1:8100")


def test_a_form_of_ours_and_every_reading_pass():
    check_origin(request("POST", sec_fetch_site="same-origin", origin="null"), NODE)
    check_origin(request("GET", sec_fetch_site="cross-site"), NODE)
