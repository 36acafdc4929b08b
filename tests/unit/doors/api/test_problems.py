"""Every error is a problem with a stable code, and says nothing it should not."""

import pytest
from starlette.requests import Request

from beffroi.doors.api import problems
from beffroi.ground.kernel.errors import Conflict, InvariantViolated, TooMany
from tests.nodes import Running


def test_a_path_that_is_not_there(node: Running) -> None:
    answer = node.client.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-path")


def test_a_method_that_is_not_there(node: Running) -> None:
    answer = node.client.delete("/api/v1/screen")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer bfk_wrong", "Bearer " + "x" * 5000])
def test_without_a_key_that_fits_nobody_gets_in(node: Running, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = node.client.post("/api/v1/screen", json={}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_refusals_keep_their_facts_and_faults_of_ours_tell_none() -> None:
    told = problems.of_error(Conflict("claimed", "somebody else", until="soon"))
    assert (told["status"], told["code"], told["until"]) == (409, "claimed", "soon")
    hidden = problems.of_error(InvariantViolated("odd", "a row contradicts itself", row="secret"))
    assert "row" not in hidden


def test_too_many_says_when_to_come_back() -> None:
    request = Request({"type": "http", "state": {}})
    answer = problems.on_beffroi_error(request, TooMany("busy", "later", retry_after_s=7))
    assert request.state.refusal == "busy"
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
