"""What is read from an identity provider, and what is sent to it; over real HTTP on loopback."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Unauthenticated, Unavailable
from beffroi.ground.kernel.limits import (
    PROVIDER_BYTES_MAX,
    PROVIDER_KEPT_S,
    PROVIDER_KEYS_AGAIN_S,
    PROVIDER_REST_S,
)
from beffroi.ground.net import Outbound, Policy
from beffroi.staff.proof import id_token
from beffroi.staff.proof.id_token import Asked, Wanted
from beffroi.staff.proof.provider import Provider, Terms
from tests.providers import CLIENT, OTHER_RSA, RSA, SECRET, Forger

RETURNS_TO = "https://node.example/login/single/return"


@pytest.fixture
def forger() -> Iterator[Forger]:
    made = Forger(FakeClock())
    yield made
    made.close()


def provider(forger: Forger, secret: str = SECRET, *, may_reach: bool = True, acr: str = "") -> Provider:
    own = (forger.pair,) if may_reach else ()
    wanted = Wanted(forger.issuer, CLIENT, "RS256", acr)
    return Provider(Terms(wanted, secret, RETURNS_TO, "Office"), Outbound(Policy.read(own=own)), forger.clock)


def asked(forger: Forger, *, again: bool = False) -> Asked:
    made = id_token.derived(b"a secret", forger.clock.now(), again=again)
    forger.nonce = made.nonce
    return made


def reason(call: Any) -> str:
    with pytest.raises((Unauthenticated, Unavailable)) as refused:
        call()
    return str(refused.value.facts["reason"])


def paths(forger: Forger) -> list[str]:
    return [path for path, _, _ in forger.asked]


def test_where_the_browser_goes(forger: Forger) -> None:
    address = provider(forger, acr="two factors").address(asked(forger, again=True))
    assert address.startswith(f"{forger.issuer}/authorize?")
    told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert told.pop("code_challenge")
    wanted = asked(forger, again=True)
    assert told == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": RETURNS_TO, "scope": "openid email",
        "state": wanted.state, "nonce": wanted.nonce, "code_challenge_method": "S256", "prompt": "login",
        "max_age": "0", "acr_values": "two factors",
    }  # fmt: skip


def test_who_stands_behind_a_code(forger: Forger) -> None:
    claimed = provider(forger).redeem("a-code", asked(forger))
    assert (claimed.subject, claimed.email) == ("u-1", "mara@node.example")
    path, headers, form = forger.asked[-2]
    assert path == "/token"
    assert form["code"] == "a-code"
    assert form["redirect_uri"] == RETURNS_TO
    assert form["grant_type"] == "authorization_code"
    assert "client_secret" not in form
    name, _, word = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")
    assert parse_qs(f"{name}={word}") == {CLIENT: [SECRET]}  # each form-encoded before the colon (RFC 6749, 2.3.1)


def test_a_provider_that_takes_the_secret_in_the_body(forger: Forger) -> None:
    forger.description["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_post"]
    provider(forger).redeem("a-code", asked(forger))
    _, headers, form = next(one for one in forger.asked if one[0] == "/token")
    assert "authorization" not in headers
    assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)


def test_a_client_without_a_secret(forger: Forger) -> None:
    provider(forger, secret="").redeem("a-code", asked(forger))
    _, headers, form = next(one for one in forger.asked if one[0] == "/token")
    assert "authorization" not in headers
    assert form["client_id"] == CLIENT
    assert "client_secret" not in form


def test_no_way_that_both_know(forger: Forger) -> None:
    forger.description["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == "no-common-client-authentication"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "https://elsewhere.example"}, "description-of-another-issuer"),
        ({"issuer": None}, "description-unreadable"),
        ({"token_endpoint": None}, "description-unreadable"),
        ({"jwks_uri": "file:///etc/passwd"}, "description-unreadable"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "description-unreadable"),
        ({"authorization_endpoint": "https://a.example/\n"}, "description-unreadable"),
        ({"token_endpoint": "https://a.example/" + "x" * 5000}, "description-unreadable"),
    ],
)
def test_a_description_that_is_not_believed(forger: Forger, change: dict[str, Any], why: str) -> None:
    forger.description = change
    assert reason(lambda: provider(forger).address(asked(forger))) == why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"token_endpoint": "http://127.0.0.1:9/x"}, "plain-http-not-allowed"),
        ({"token_endpoint": "https://169.254.169.254/latest"}, "address-metadata"),
        ({"jwks_uri": "https://10.0.0.1/keys"}, "address-private"),
    ],
)
def test_a_description_that_points_inside(forger: Forger, change: dict[str, Any], why: str) -> None:
    """Server-side request forgery by the provider: the node's one way out refuses."""
    forger.description = change
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == why


def test_an_issuer_over_tls_has_no_endpoint_without(forger: Forger) -> None:
    described = {name: f"http://office.example/{name}" for name in ("authorization_endpoint", "token_endpoint")}
    described |= {"issuer": "https://office.example", "jwks_uri": "https://office.example/keys"}

    class Way:
        def get(self, url: str, **_: Any) -> Any:
            assert url == "https://office.example/.well-known/openid-configuration"
            return type("Answer", (), {"status": 200, "body": json.dumps(described).encode()})

    wanted = Wanted("https://office.example", CLIENT, "RS256")
    made = Provider(Terms(wanted, SECRET, RETURNS_TO, "Office"), Way(), forger.clock)  # type: ignore[arg-type]
    assert reason(lambda: made.address(asked(forger))) == "endpoint-without-tls"


def test_a_place_that_was_not_opened(forger: Forger) -> None:
    assert reason(lambda: provider(forger, may_reach=False).address(asked(forger))) == "plain-http-not-allowed"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"issuer": 1', b"\xff", b"{}" + b" " * PROVIDER_BYTES_MAX])
def test_a_description_that_cannot_be_read(forger: Forger, body: bytes) -> None:
    forger.raw["/.well-known/openid-configuration"] = body
    assert reason(lambda: provider(forger).address(asked(forger))) in {"description-unreadable", "body-too-large"}


def test_what_was_read_is_kept_for_an_hour(forger: Forger) -> None:
    made = provider(forger)
    made.redeem("a-code", asked(forger))
    made.redeem("a-code", asked(forger))
    assert paths(forger) == ["/.well-known/openid-configuration", "/token", "/keys", "/token"]
    forger.clock.move(timedelta(seconds=PROVIDER_KEPT_S))
    made.redeem("a-code", asked(forger))
    assert paths(forger)[4:] == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_a_key_that_came_since(forger: Forger) -> None:
    made = provider(forger)
    made.redeem("a-code", asked(forger))
    forger.key, forger.published = OTHER_RSA, (RSA, OTHER_RSA)
    assert reason(lambda: made.redeem("a-code", asked(forger))) == "token-key"
    assert paths(forger).count("/keys") == 1  # strangers can name any key: not more than once a minute
    forger.clock.move(timedelta(seconds=PROVIDER_KEYS_AGAIN_S))
    assert made.redeem("a-code", asked(forger)).subject == "u-1"
    assert paths(forger).count("/keys") == 2


def test_a_key_that_was_withdrawn(forger: Forger) -> None:
    made = provider(forger)
    made.redeem("a-code", asked(forger))
    forger.published = (OTHER_RSA,)
    forger.clock.move(timedelta(seconds=PROVIDER_KEPT_S))
    assert reason(lambda: made.redeem("a-code", asked(forger))) == "token-key"


def test_two_keys_of_one_name(forger: Forger) -> None:
    forger.raw["/keys"] = json.dumps({"keys": [RSA.as_dict(private=False)] * 2}).encode()
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == "token-key"


def test_keys_of_unknown_kinds_are_passed_over(forger: Forger) -> None:
    odd: list[Any] = [{"kty": "AKP", "kid": "new"}, {"kty": "RSA"}, {}, "x", 7, None]
    forger.raw["/keys"] = json.dumps({"keys": [*odd, RSA.as_dict(private=False)]}).encode()
    assert provider(forger).redeem("a-code", asked(forger)).subject == "u-1"


def test_a_token_that_names_no_key_where_there_is_one(forger: Forger) -> None:
    forger.header = {"kid": None}
    assert provider(forger).redeem("a-code", asked(forger)).subject == "u-1"


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"keys": 7}', b"x"])
def test_keys_that_cannot_be_read(forger: Forger, body: bytes) -> None:
    forger.raw["/keys"] = body
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == "keys-unreadable"


def test_a_provider_that_fails_is_left_alone_for_a_moment(forger: Forger) -> None:
    forger.statuses["/.well-known/openid-configuration"] = 500
    made = provider(forger)
    for _ in range(3):
        assert reason(lambda: made.address(asked(forger))) == "answered-500"
    assert len(forger.asked) == 1
    forger.statuses.clear()
    forger.clock.move(timedelta(seconds=PROVIDER_REST_S))
    assert made.address(asked(forger))


def test_a_token_endpoint_that_fails(forger: Forger) -> None:
    forger.statuses["/token"] = 502
    with pytest.raises(Unavailable):
        provider(forger).redeem("a-code", asked(forger))
    forger.statuses["/token"] = 302
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == "code-refused"


def test_nobody_is_there(forger: Forger) -> None:
    made = provider(forger)
    forger.close()
    assert reason(lambda: made.address(asked(forger))) == "connection-failed"
    forger.__post_init__()  # so that the fixture has something to close


def test_the_address_is_asked_for_where_the_token_does_not_tell_it(forger: Forger) -> None:
    made = provider(forger)
    forger.claims, forger.userinfo = {"email": None}, {"sub": "u-1", "email": "m@x.example", "email_verified": True}
    assert made.redeem("a-code", asked(forger)).email == ""
    assert "/userinfo" not in paths(forger)
    assert made.redeem("a-code", asked(forger), with_email=True).email == "m@x.example"
    assert forger.asked[-1][1]["authorization"] == "Bearer an-access-token"
    forger.userinfo = {"sub": "u-2", "email": "m@x.example", "email_verified": True}
    assert reason(lambda: made.redeem("a-code", asked(forger), with_email=True)) == "userinfo-of-another"
    forger.userinfo = {"email": "m@x.example", "email_verified": True}
    assert reason(lambda: made.redeem("a-code", asked(forger), with_email=True)) == "userinfo-unreadable"


def test_no_place_to_ask_for_the_address(forger: Forger) -> None:
    forger.claims, forger.description = {"email": None}, {"userinfo_endpoint": None}
    assert provider(forger).redeem("a-code", asked(forger), with_email=True).email == ""


def test_an_access_token_that_would_break_a_header(forger: Forger) -> None:
    forger.token_answer = {"access_token": "a\r\nX-Evil: 1"}
    assert reason(lambda: provider(forger).redeem("a-code", asked(forger))) == "token-answer-unreadable"


def test_where_one_leaves_the_provider(forger: Forger) -> None:
    assert provider(forger).leaving() == f"{forger.issuer}/end?client_id=beffroi%3A+a+node"
    forger.description = {"end_session_endpoint": None}
    assert provider(forger).leaving() is None


def test_many_at_once(forger: Forger) -> None:
    made, wanted, found = provider(forger), asked(forger), []
    threads = [threading.Thread(target=lambda: found.append(made.redeem("c", wanted).subject)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["u-1"] * 8


def test_no_secret_is_shown(forger: Forger) -> None:
    assert SECRET not in repr(provider(forger).terms)
