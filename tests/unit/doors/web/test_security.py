from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from beffroi.doors.web.security import CONTENT_SECURITY_POLICY, SecurityHeaders

from .calling import call


def get(path):
    routes = [
        Route("/plain", lambda r: PlainTextResponse("x")),
        Route("/kept", lambda r: PlainTextResponse("x", headers={"Cache-Control": "max-age=5"})),
        Route("/loose", lambda r: PlainTextResponse("x", headers={"Content-Security-Policy": "default-src *"})),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(SecurityHeaders)
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


def test_nothing_is_stored_unless_the_handler_says_so():
    assert get("/plain").headers["cache-control"] == "no-store"
    assert get("/kept").headers["cache-control"] == "max-age=5"
