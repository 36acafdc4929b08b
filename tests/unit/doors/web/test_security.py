from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from beffroi.doors.web.security import CONTENT_SECURITY_POLICY, SecurityHeaders

from .calling import call


def get(path, *, is_https=False):
    routes = [
        Route("/plain", lambda r: PlainTextResponse("x")),
        Route("/kept", lambda r: PlainTextResponse("x", headers={"Cache-Control": "max-age=5"})),
        Route("/picture", lambda r: Response(b"x", media_type="image/png")),
        Route("/loose", lambda r: PlainTextResponse("x", headers={"Content-Security-Policy": "default-src *"})),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(SecurityHeaders, is_https=is_https)
    return call(app, path)


def test_every_answer_carries_them_also_one_that_is_not_there():
    for path in ("/plain", "/kept", "/nowhere"):
        headers = get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]


def test_no_handler_can_loosen_the_policy():
    assert get("/loose").headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_a_picture_opened_by_its_own_address_stands_in_a_sandbox():
    assert get("/picture").headers["content-security-policy"] == f"{CONTENT_SECURITY_POLICY}; sandbox"


def test_where_the_world_comes_over_tls_it_is_told_to_come_back_over_tls():
    assert get("/plain", is_https=True).headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert "strict-transport-security" not in get("/plain").headers


def test_nothing_is_stored_unless_the_handler_says_so():
    assert get("/plain").headers["cache-control"] == "no-store"
    assert get("/kept").headers["cache-control"] == "max-age=5"
