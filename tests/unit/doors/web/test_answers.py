"""The middleware around all doors: counts, and a line for each refusal."""

import logging

import pytest
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from beffroi.doors.web.answers import Answers, Meters
from beffroi.ground.kernel.clock import FakeClock
from beffroi.staff.permissions import Principal


def fine(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("fine")


def refused(request: Request) -> PlainTextResponse:
    request.state.refusal = "not-for-you"
    request.state.principal = Principal("key", "key_1")
    return PlainTextResponse("no", 403)


def broken(_request: Request) -> PlainTextResponse:
    raise ValueError("a canary")


@pytest.fixture
def meters():
    return Meters()


@pytest.fixture
def client(meters):
    app = Starlette(routes=[Route("/fine/{name}", fine), Route("/refused/{name}", refused), Route("/broken", broken)])
    app.add_middleware(Answers, meters=meters, clock=FakeClock(), routes=lambda: app.routes)
    return TestClient(app, raise_server_exceptions=False)


def counted(meters):
    said = generate_latest(meters.registry).decode()
    return [line for line in said.splitlines() if line.startswith("beffroi_answers_total")]


def test_answers_are_counted_by_the_route_of_the_table(client, meters):
    for name in ("ada", "mara"):
        client.get(f"/fine/{name}")
    client.get("/nowhere/ada")
    assert counted(meters) == [
        'beffroi_answers_total{method="GET",route="/fine/{name}",status="200"} 2.0',
        'beffroi_answers_total{method="GET",route="none",status="404"} 1.0',
    ]


def test_a_method_that_nobody_knows_makes_no_counter_of_its_own(client, meters):
    for method in ("LAMP", "KETTLE"):
        client.request(method, "/fine/ada")
    assert ['method="OTHER"' in line for line in counted(meters)] == [True]


def test_a_refusal_has_a_line_with_code_and_asker(client, caplog):
    with caplog.at_level(logging.INFO, "beffroi.refusal"):
        client.get("/fine/ada")
        client.get("/refused/ada")
    [record] = caplog.records
    assert record.beffroi_rows == (
        {"refused": "not-for-you", "status": 403, "method": "GET", "route": "/refused/{name}", "actor": "key:key_1"},
    )


def test_a_fault_is_counted_too(client, meters, caplog):
    with caplog.at_level(logging.INFO, "beffroi.refusal"):
        assert client.get("/broken").status_code == 500
    assert counted(meters) == ['beffroi_answers_total{method="GET",route="/broken",status="500"} 1.0']
    assert caplog.records[0].beffroi_rows[0]["refused"] == "http-500"
