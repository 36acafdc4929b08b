"""Each failure tells the caller what to do next, and tells no secrets."""

import pytest

from beffroi.ground.kernel.errors import BeffroiError, Refusal, Unavailable
from beffroi.ground.net import AnswerTooLarge, AnswerUnreadable, Blocked, Outbound, Policy, UnknownOutcome, Unreachable


def test_kinds() -> None:
    assert isinstance(Blocked("address-loopback", "a:443"), Refusal)
    assert isinstance(Unreachable("dns-failure"), Unavailable)
    assert not isinstance(UnknownOutcome("answer-cut"), Refusal | Unavailable)
    assert isinstance(AnswerTooLarge("body-too-large"), AnswerUnreadable)


@pytest.mark.parametrize("kind", [Blocked, Unreachable, UnknownOutcome, AnswerUnreadable])
def test_code_reason_and_place(kind: type[BeffroiError]) -> None:
    error = kind("some-reason", "a.example:443")
    assert (error.code, error.facts) == ("some-reason", {"where": "a.example:443"})
    assert "a.example:443" in str(error)
    assert "some reason" in str(error)


def test_no_path_query_or_password_stands_in_an_error() -> None:
    for url in ("https://user:hush@a.example/", "https://127.0.0.1/hush?hush", "http://a.example/hush", "ftp://hush/"):
        with pytest.raises(Blocked) as refusal:
            Outbound(Policy()).get(url)
        assert "hush" not in f"{refusal.value} {refusal.value.facts}"
