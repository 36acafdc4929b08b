"""ID tokens: the limits of each check. Lies told through the doors stand in `tests/attack/test_single_sign_on.py`."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Unauthenticated
from beffroi.ground.kernel.limits import EMAIL_CHARS_MAX, ID_TOKEN_BYTES_MAX, ID_TOKEN_LEEWAY_S, SIGN_ON_S_MAX
from beffroi.staff.proof import id_token
from beffroi.staff.proof.id_token import Asked, Wanted
from tests.providers import CLIENT, EC, OTHER_RSA, RSA, Forger

CLOCK = FakeClock()
NOW = int(CLOCK.now().timestamp())
ASKED = id_token.derived(b"a secret", CLOCK.now(), again=False)
AGAIN = id_token.derived(b"a secret", CLOCK.now(), again=True)


@pytest.fixture(scope="module")
def source() -> Iterator[Forger]:
    made = Forger(CLOCK)
    yield made
    made.close()


@pytest.fixture
def forger(source: Forger) -> Forger:
    source.claims, source.header, source.key, source.nonce = {}, {}, RSA, ASKED.nonce
    return source


def read(forger: Forger, asked: Asked = ASKED, acr: str = "", access_token: str = "", **claims: Any) -> Any:
    """What is believed, or the reason why nothing is."""
    forger.claims = claims
    wanted = Wanted(forger.issuer, CLIENT, "RS256", acr)
    try:
        return id_token.read(forger.token(), RSA, wanted, asked, CLOCK.now(), access_token)
    except Unauthenticated as refusal:
        return refusal.facts["reason"]


def test_what_is_believed(forger: Forger) -> None:
    claimed = read(forger)
    assert (claimed.issuer, claimed.subject, claimed.email) == (forger.issuer, "u-1", "mara@node.example")
    assert "u-1" not in repr(claimed)
    assert "mara" not in repr(claimed)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": NOW - ID_TOKEN_LEEWAY_S + 1}, None),
        ({"exp": NOW - ID_TOKEN_LEEWAY_S}, "token-expired"),
        ({"iat": NOW + ID_TOKEN_LEEWAY_S}, None),
        ({"iat": NOW + ID_TOKEN_LEEWAY_S + 1}, "token-from-the-future"),
        ({"iat": NOW - SIGN_ON_S_MAX - ID_TOKEN_LEEWAY_S}, None),
        ({"iat": NOW - SIGN_ON_S_MAX - ID_TOKEN_LEEWAY_S - 1}, "token-old"),
        ({"nbf": NOW + ID_TOKEN_LEEWAY_S + 1}, "token-from-the-future"),
        ({"aud": [CLIENT]}, None),
        ({"aud": [CLIENT, "other"], "azp": CLIENT}, None),
        ({"aud": []}, "token-audience"),
        ({"aud": 7}, "token-claims"),
        ({"azp": "other"}, "token-authorised-party"),
        ({"exp": True}, "token-claims"),
        ({"exp": float(NOW + 9)}, "token-claims"),
        ({"iat": -1}, "token-claims"),
        ({"sub": "u" * 255}, None),
        ({"sub": "ü"}, "token-claims"),
        ({"sub": 7}, "token-claims"),
        ({"nonce": ASKED.nonce[:-1]}, "token-nonce"),
        ({"nonce": "ü"}, "token-nonce"),
    ],
)
def test_at_each_limit_and_one_beyond(forger: Forger, claims: dict[str, Any], reason: str | None) -> None:
    found = read(forger, **claims)
    assert found == reason if reason else found.issuer == forger.issuer


def test_an_authentication_level_that_was_asked_for(forger: Forger) -> None:
    assert read(forger, acr="two") == "token-acr"
    forger.claims = {"acr": "two"}
    wanted = Wanted(forger.issuer, CLIENT, "RS256", "two")
    assert id_token.read(forger.token(), RSA, wanted, ASKED, CLOCK.now())


def test_again_means_now(forger: Forger) -> None:
    assert read(forger, AGAIN, auth_time=NOW - ID_TOKEN_LEEWAY_S).subject == "u-1"
    assert read(forger, AGAIN, auth_time=NOW - ID_TOKEN_LEEWAY_S - 1) == "token-not-again"
    assert read(forger, AGAIN, auth_time=None) == "token-not-again"
    assert read(forger, auth_time=NOW - 86_400).subject == "u-1"


def test_the_hash_of_the_access_token(forger: Forger) -> None:
    right = base64.urlsafe_b64encode(hashlib.sha256(b"an-access-token").digest()[:16]).decode().rstrip("=")
    assert read(forger, access_token="an-access-token", at_hash=right).subject == "u-1"
    assert read(forger, access_token="another", at_hash=right) == "token-access-hash"


@pytest.mark.parametrize(
    ("email", "is_verified", "believed"),
    [
        ("a@b.example", True, "a@b.example"),
        ("a@b.example", "true", ""),
        ("a@b.example", 1, ""),
        ("a@b.example", False, ""),
        ("a@b.example", None, ""),
        (None, True, ""),
        (["a@b.example"], True, ""),
        ("a" * (EMAIL_CHARS_MAX + 1), True, ""),
    ],
)
def test_an_address_is_verified_by_a_truth_value(email: object, is_verified: object, believed: str) -> None:
    assert id_token.verified_email(email, is_verified) == believed


def test_which_key_may_have_signed() -> None:
    keys = [RSA, OTHER_RSA, EC]
    assert id_token.fitting(keys, "one", "RS256") == [RSA]
    assert id_token.fitting(keys, None, "RS256") == [RSA, OTHER_RSA]
    assert id_token.fitting(keys, "one", "ES256") == []
    assert id_token.fitting(keys, None, "ES256") == [EC]
    for_encryption = type(RSA).import_key({**RSA.as_dict(private=False), "use": "enc"})
    other_algorithm = type(RSA).import_key({**RSA.as_dict(private=False), "alg": "PS256"})
    assert id_token.fitting([for_encryption, other_algorithm], "one", "RS256") == []


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "ü.b.c", "." * 9, "e30.e30.", "W10.e30.x"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(Unauthenticated):
        id_token.key_id(token)


def test_a_token_that_is_too_large() -> None:
    with pytest.raises(Unauthenticated) as refused:
        id_token.key_id("a" * (ID_TOKEN_BYTES_MAX + 1))
    assert refused.value.facts["reason"] == "token-too-large"


def test_unknown_parameters_of_the_header(forger: Forger) -> None:
    forger.header = {"x5c": ["A" * 4000], "of-their-own": 1}
    assert read(forger).subject == "u-1"
    forger.header = {"crit": ["of-their-own"], "of-their-own": 1}
    assert read(forger) == "token-signature"


def test_what_was_asked_is_derived_and_never_the_same() -> None:
    again = id_token.derived(b"a secret", CLOCK.now() + timedelta(hours=1), again=False)
    other = id_token.derived(b"another", CLOCK.now(), again=False)
    assert (again.state, again.nonce, again.verifier) == (ASKED.state, ASKED.nonce, ASKED.verifier)
    assert len({ASKED.state, ASKED.nonce, ASKED.verifier, other.state, other.nonce, other.verifier}) == 6
    assert {len(part) for part in (ASKED.state, ASKED.nonce, ASKED.verifier)} == {43}
    assert ASKED.verifier not in repr(ASKED)
