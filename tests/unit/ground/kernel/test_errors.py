import inspect

import pytest

from beffroi.ground.kernel import errors
from beffroi.ground.kernel.errors import BeffroiError, Invalid, InvariantViolated, Refusal, TooMany, Unavailable, ensure

STATUSES = {
    "Invalid": 422,
    "NotFound": 404,
    "NotAllowed": 403,
    "Unauthenticated": 401,
    "Conflict": 409,
    "TooLarge": 413,
    "TooMany": 429,
}


def test_each_refusal_has_its_status_and_each_status_one_refusal() -> None:
    refusals = {
        name: kind.status
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Refusal) and kind is not Refusal
    }
    assert refusals == STATUSES


def test_a_refusal_is_told_apart_from_what_may_be_tried_again_and_from_our_own_mistakes() -> None:
    assert not issubclass(Unavailable, Refusal)
    assert not issubclass(InvariantViolated, Refusal)
    assert (Unavailable.status, InvariantViolated.status) == (503, 500)


def test_it_carries_code_sentence_and_facts() -> None:
    error = BeffroiError("disk-full", "the disk is full", free_bytes=0)
    assert (error.code, error.message, str(error), error.facts) == (
        "disk-full",
        "the disk is full",
        "the disk is full",
        {"free_bytes": 0},
    )


def test_malformed_input_says_where() -> None:
    error = Invalid("too-long", "the name is too long", where="/name", limit=500)
    assert error.where == "/name"
    assert error.facts == {"where": "/name", "limit": 500}


def test_too_many_says_when_to_come_back() -> None:
    assert TooMany("slow-down", "too many").retry_after_s == 1
    assert TooMany("slow-down", "too many", retry_after_s=30).retry_after_s == 30


def test_ensure_stops_what_contradicts_itself() -> None:
    ensure([1], "never", "a truth value that holds")
    with pytest.raises(InvariantViolated, match="the row is gone") as caught:
        ensure([], "row-gone", "the row is gone")
    assert caught.value.code == "row-gone"
