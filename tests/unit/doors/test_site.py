import asyncio

from starlette.testclient import TestClient

from beffroi.doors.site import changes
from tests.unit.doors.console.conftest import BASE, place  # noqa: F401  the fixture

from .web.test_render import request


def client(place):  # noqa: F811  the fixture
    return TestClient(place.application, base_url=BASE, follow_redirects=False)


def test_every_answer_carries_the_headers(place):  # noqa: F811
    for path in ("/contact", "/console", "/health", "/api/v1/policies", "/nowhere", "/static/0/x.css"):
        headers = client(place).get(path).headers
        assert "require-trusted-types-for 'script'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_machines(place):  # noqa: F811
    page = client(place).get("/nowhere")
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    problem = client(place).get("/api/v1/nowhere")
    assert problem.headers["content-type"] == "application/problem+json"
    assert client(place).delete("/contact").status_code == 405


def test_the_stream_is_for_who_is_signed_in(place):  # noqa: F811
    assert client(place).get("/console/changes").status_code == 401


def test_the_stream_says_changed_and_nothing_else(place):  # noqa: F811
    asked = request(cookie="beffroi=" + place.visitor("noor").cookies["beffroi"])
    asked.scope["app"] = place.application

    async def listen():
        answer = await changes(asked)
        assert answer.media_type == "text/event-stream"
        lines = answer.body_iterator
        assert await anext(lines) == "retry: 3000\n\n"
        place.house.changes.tell()
        return await asyncio.wait_for(anext(lines), 5)

    async def connected():
        return False

    asked.is_disconnected = connected
    assert asyncio.run(listen()) == f"event: changed\ndata: {place.house.changes.number}\n\n"
