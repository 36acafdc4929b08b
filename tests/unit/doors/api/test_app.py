"""The table and the OpenAPI document say the same."""

from typing import Any

from beffroi.doors.api.routes import ROUTES
from tests.nodes import Running


def _operations(node: Running) -> dict[tuple[str, str], dict[str, Any]]:
    paths = node.client.get("/api/v1/openapi.json").json()["paths"]
    return {(method.upper(), path): told for path, methods in paths.items() for method, told in methods.items()}


def test_every_row_is_an_operation_and_no_other(node: Running) -> None:
    assert set(_operations(node)) == {(row.method, row.path) for row in ROUTES}


def test_every_operation_declares_its_refusals_as_problems(node: Running) -> None:
    for (method, path), told in _operations(node).items():
        for status, answer in told["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


def test_every_operation_names_its_permission_or_is_open(node: Running) -> None:
    by_row = {(row.method, row.path): row.permission for row in ROUTES}
    for key, told in _operations(node).items():
        assert told.get("x-permission") == by_row[key]


def test_it_is_openapi_3_1(node: Running) -> None:
    assert node.client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
