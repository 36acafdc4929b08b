import pytest
from starlette.requests import Request

from beffroi.doors.web.csrf import check_origin, same_origin
from beffroi.ground.kernel.errors import NotAllowed


@pytest.mark.parametrize(
    ("fetch_site", "origin", "allowed"),
    [
        ("same-origin", None, True),
        ("same-origin", "https://node.example", True),
        ("same-site", "https://node.example", False),
        ("cross-site", "https://node.example", False),
        ("none", None, False),
        ("", "https://node.example", False),
        (None, "https://node.example", True),
        (None, "https://NODE.example", True),
        (None, "https://node.example.evil.example", False),
        (None, "https://node.example:8443", False),
        (None, "https://evil.example/node.example", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_only_our_own_pages_send_our_forms(fetch_site, origin, allowed):
    assert same_origin(fetch_site, origin, "node.example") is allowed


def request(method, **headers):
    raw = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in ({"host": "n.example"} | headers).items()
    ]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_form_from_elsewhere_is_refused(method):
    with pytest.raises(NotAllowed) as refused:
        check_origin(request(method, origin="https://evil.example"))
    assert refused.value.code == "cross-site"


def test_a_form_of_ours_and_every_reading_pass():
    check_origin(request("POST", sec_fetch_site="same-origin"))
    check_origin(request("GET", sec_fetch_site="cross-site"))
