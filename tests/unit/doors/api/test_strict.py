"""Bodies that two readers could understand differently are refused, by name, and change nothing."""

import pytest

from tests.nodes import Running

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"item": {"platform_id": "a", "platform_id": "b"}}', 422, "duplicate-key"),
        (b'{"deadline_ms": NaN}', 422, "not-a-number"),
        (b'{"deadline_ms": 1e999}', 422, "number-too-large"),
        (b"[" * 10_000, 422, "too-deep"),
        (b'{"item": "\\ud800"}', 422, "lone-surrogate"),
        (b'{"item": "\xff"}', 422, "not-utf-8"),
        (b"{", 422, "not-json"),
        (b'{"deadline_ms": 123456789012345678901234567890}', 422, "integer-too-large"),
        (b" " * (8 * 2**20 + 1), 413, "body-too-large"),
        (b'{"item": 3, "other": 4}', 422, "invalid-request"),
    ],
    ids=["duplicate", "nan", "huge-float", "deep", "surrogate", "bytes", "cut", "integer", "large", "unknown-field"],
)
def test_ambiguous_bodies_are_refused(node: Running, body: bytes, status: int, code: str) -> None:
    answer = node.client.post("/api/v1/screen", content=body, headers=node.bearer | JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_json_is_json(node: Running) -> None:
    answer = node.client.post("/api/v1/screen", content=b"{}", headers=node.bearer | {"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "not-json-type")
