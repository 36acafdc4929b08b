"""Secrets and signatures, checked by the library's own verifier."""

import base64
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from beffroi.doors.platforms.signing import checked_secret, fresh_secret, signed_headers
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import Invalid


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(bytes(range(size))).decode()


def test_a_fresh_secret_is_one_and_never_the_same() -> None:
    assert checked_secret(fresh_secret()).startswith("whsec_")
    assert fresh_secret() != fresh_secret()


@pytest.mark.parametrize("size", [24, 64])
def test_sizes_at_the_limits(size: int) -> None:
    assert checked_secret(secret_of(size)) == secret_of(size)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", secret_of(23), secret_of(65), secret_of(32)[6:], "hush"])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_secret(secret)
    assert refusal.value.code == "webhook-secret"
    assert not secret or secret == "whsec_" or secret not in str(refusal.value)


def test_each_secret_verifies_alone_and_no_other_does() -> None:
    old, new, strange = fresh_secret(), fresh_secret(), fresh_secret()
    body = '{"text":"ü – ☃"}'.encode()
    headers = signed_headers([old, new], "rst_1-1", SystemClock().now(), body)
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["text"] == "ü – ☃"
    for secret, changed in ((strange, body), (old, body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, headers)


def test_an_old_message_is_refused_by_receivers() -> None:
    secret = fresh_secret()
    headers = signed_headers([secret], "rst_1-1", SystemClock().now() - timedelta(minutes=6), b"{}")
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(b"{}", headers)


@pytest.mark.parametrize("key", ["", "a.b", "a b", "a\nb", "é", "x" * 129])
def test_a_key_that_could_be_read_two_ways(key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        signed_headers([fresh_secret()], key, SystemClock().now(), b"{}")
    assert refusal.value.code == "webhook-id"
