"""Attacks on single sign-on, through the doors of a node, by a provider that lies and by a browser that cheats.

Each row first shows that it would get in without the lie.
"""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import OctKey
from sqlalchemy import delete, update

from beffroi.doors.web.access import _LIMITER
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff import enrol, service, sessions, store
from beffroi.staff.model import Role
from beffroi.staff.proof import service as proofs
from beffroi.staff.proof import tokens
from beffroi.staff.tables import ceremony_table, try_table
from tests.nodes import ACTOR, Running, running
from tests.providers import CLIENT, EC, OTHER_RSA, RSA, SECRET, Forger

COOKIE = sessions.cookie_name(https=False)


class Scene:
    """A node, the provider it trusts, and Mara, a moderator whom that provider's `u-1` is bound to."""

    def __init__(self, node: Running, forger: Forger) -> None:
        self.node, self.forger = node, forger
        self.mara = node.people[Role.MODERATOR]

    def bind(self, person: PersonId, subject: str) -> None:
        pepper = self.node.house.pepper
        lookup = tokens.binding_of(pepper, self.forger.issuer, subject)
        self.node.house.write("law", ACTOR, lambda tx: proofs.bind(tx, person, lookup, b"{}"))

    def leave(self, path: str = "/login/single") -> tuple[dict[str, str], dict[str, str]]:
        """Press the button; what the provider was asked, and the browser's cookies."""
        self.node.client.cookies.clear()
        answer = self.node.client.get(path, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303, answer.text
        return self.forger.sent_to(answer.headers["location"]), dict(answer.cookies)

    def come_back(self, cookies: dict[str, str], **query: str) -> Any:
        self.node.client.cookies.clear()
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return self.node.client.get("/login/single/return", params=query, headers={"Cookie": header})

    def sign_in(self) -> Any:
        asked, cookies = self.leave()
        return self.come_back(cookies, code="a-code", state=asked["state"])

    def sessions_of(self, person: PersonId) -> int:
        with self.node.house.read() as conn:
            return len(store.sessions_of(conn, self.node.house.vault, person))


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    made = Forger(SystemClock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, forger: Forger) -> Iterator[Running]:
    settings = {"oidc_issuer": forger.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "demo": True}
    folder: Path = tmp_path_factory.mktemp("node")
    with running(folder, outbound_allow=(forger.pair,), **settings) as made:
        yield made


@pytest.fixture
def scene(node: Running, forger: Forger) -> Iterator[Scene]:
    _LIMITER.storage.reset()  # a table of attacks is quicker than people are allowed to be
    node.house.write("law", ACTOR, lambda tx: tx.conn.execute(delete(try_table)))
    node.house.write("law", ACTOR, lambda tx: sessions.end_all(tx, node.people[Role.MODERATOR]))
    made = Scene(node, forger)
    made.bind(made.mara, "u-1")
    before = made.sign_in()
    assert (before.status_code, before.headers["location"]) == (303, "/console")
    assert made.sessions_of(made.mara) == 1
    node.house.write("law", ACTOR, lambda tx: sessions.end_all(tx, made.mara))
    yield made
    for name in ("claims", "header", "description", "token_answer", "statuses", "raw"):
        getattr(forger, name).clear()
    forger.key, forger.published, forger.userinfo = RSA, (RSA,), None
    node.house.provider._kept.clear()


def confuse(forger: Forger) -> None:
    """The public key, which everybody has, as the secret of an HMAC (RFC 8725, section 2.1)."""
    forger.secret = RSA.as_pem(private=False)
    forger.header = {"alg": "HS256"}


def carry_own_key(forger: Forger) -> None:
    """A key in the token's own header (CVE-2026-27962)."""
    forger.key = OTHER_RSA
    forger.header = {"kid": "one", "jwk": OTHER_RSA.as_dict(private=False)}


def foreign_key(forger: Forger) -> None:
    forger.key = OTHER_RSA
    forger.header = {"kid": "one"}


def unknown_key(forger: Forger) -> None:
    forger.key = OTHER_RSA


def other_algorithm(forger: Forger) -> None:
    """Signed well, by a published key, with an algorithm that the operator did not set."""
    forger.key, forger.published, forger.header = EC, (RSA, EC), {"alg": "ES256"}


def secret_in_the_key_set(forger: Forger) -> None:
    """A symmetric key among the published ones."""
    shared = OctKey.generate_key(256, {"kid": "shared"}, private=True)
    forger.secret = shared.raw_value
    forger.raw["/keys"] = json.dumps({"keys": [shared.as_dict(private=True)]}).encode()
    forger.header = {"alg": "HS256", "kid": "shared"}


def claim(**claims: object) -> Callable[[Forger], None]:
    return lambda forger: forger.claims.update(claims)


def header(**header: object) -> Callable[[Forger], None]:
    return lambda forger: forger.header.update(header)


LIES: dict[str, tuple[str, Callable[[Forger], None]]] = {
    "another issuer": ("token-issuer", claim(iss="https://elsewhere.example")),
    "an issuer with a slash more": ("token-issuer", lambda f: f.claims.update(iss=f"{f.issuer}/")),
    "no issuer": ("token-claims", claim(iss=None)),
    "another audience": ("token-audience", claim(aud="another node")),
    "several audiences and nobody authorised": ("token-audience", claim(aud=[CLIENT, "another node"])),
    "several audiences, another authorised": (
        "token-authorised-party", claim(aud=[CLIENT, "another"], azp="another"),
    ),
    "no audience": ("token-claims", claim(aud=None)),
    "another nonce": ("token-nonce", claim(nonce="of another sign-on")),
    "no nonce": ("token-nonce", claim(nonce=None)),
    "an expired token": ("token-expired", claim(exp=1_700_000_000)),
    "a token without end": ("token-claims", claim(exp=None)),
    "an end beyond all time": ("token-claims", claim(exp=10**18)),
    "an end that is a text": ("token-claims", claim(exp="never")),
    "an old token": ("token-old", claim(iat=1_700_000_000)),
    "a token from the future": ("token-from-the-future", claim(iat=4_000_000_000)),
    "not valid yet": ("token-from-the-future", claim(nbf=4_000_000_000)),
    "no algorithm": ("token-signature", header(alg="none")),
    "the public key as a secret": ("token-signature", confuse),
    "a shared secret among the keys": ("token-key", secret_in_the_key_set),
    "another algorithm than was set": ("token-key", other_algorithm),
    "a key in the token": ("token-signature", carry_own_key),
    "a key of the same name": ("token-signature", foreign_key),
    "an unknown key": ("token-key", unknown_key),
    "another subject": ("nobody-bound", claim(sub="u-2")),
    "another subject with Mara's address": (
        "nobody-bound", claim(sub="u-3", email="moderator@node.example", email_verified=True),
    ),
    "no subject": ("token-claims", claim(sub="")),
    "a subject with a line end": ("token-claims", claim(sub="u-1\n")),
    "a very long subject": ("token-claims", claim(sub="u" * 256)),
    "a hash of another access token": ("token-access-hash", claim(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "no signed token at all": ("token-malformed", lambda f: f.token_answer.update(id_token="a.b")),
    "no token": ("token-answer-unreadable", lambda f: f.token_answer.update(id_token=None)),
    "a code that the provider refuses": ("code-refused", lambda f: f.statuses.update({"/token": 400})),
    "an answer that is no JSON": ("token-answer-unreadable", lambda f: f.raw.update({"/token": b"<html>"})),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_provider_that_lies_gets_nobody_in(
    scene: Scene, forger: Forger, caplog: pytest.LogCaptureFixture, lie: str
) -> None:
    reason, tell = LIES[lie]
    tell(forger)
    with caplog.at_level(logging.WARNING):
        answer = scene.sign_in()
    assert answer.status_code in {401, 503}
    assert COOKIE not in answer.cookies
    assert scene.sessions_of(scene.mara) == 0
    assert [record.message for record in caplog.records] == [f"single sign-on refused: {reason}"]
    assert reason not in answer.text


def test_a_return_works_once(scene: Scene) -> None:
    asked, cookies = scene.leave()
    again = {"code": "a-code", "state": asked["state"]}
    assert scene.come_back(cookies, **again).status_code == 303
    traded = len(scene.forger.asked)
    assert scene.come_back(cookies, **again).status_code == 401
    assert len(scene.forger.asked) == traded  # the code was not even shown to the provider again
    assert scene.sessions_of(scene.mara) == 1


def test_a_return_to_a_browser_that_did_not_leave(scene: Scene) -> None:
    """Login CSRF: an attacker's own code, put into somebody else's browser."""
    asked, _ = scene.leave()
    assert scene.come_back({}, code="a-code", state=asked["state"]).status_code == 401
    _, other = scene.leave()
    assert scene.come_back(other, code="a-code", state=asked["state"]).status_code == 401
    assert scene.sessions_of(scene.mara) == 0


@pytest.mark.parametrize("state", ["", "guessed", "ü" * 43, "A" * 10_000])
def test_another_state(scene: Scene, state: str) -> None:
    _, cookies = scene.leave()
    assert scene.come_back(cookies, code="a-code", state=state).status_code == 401


def test_an_answer_of_another_provider(scene: Scene) -> None:
    """Mix-up: RFC 9207."""
    asked, cookies = scene.leave()
    answer = scene.come_back(cookies, code="a-code", state=asked["state"], iss="https://elsewhere.example")
    assert answer.status_code == 401
    asked, cookies = scene.leave()
    same = scene.come_back(cookies, code="a-code", state=asked["state"], iss=scene.forger.issuer)
    assert same.status_code == 303


def test_an_answer_that_must_name_its_issuer_and_does_not(scene: Scene) -> None:
    scene.forger.description["authorization_response_iss_parameter_supported"] = True
    scene.node.house.provider._kept.clear()
    assert scene.sign_in().status_code == 401


def test_the_provider_says_no(scene: Scene) -> None:
    asked, cookies = scene.leave()
    answer = scene.come_back(cookies, error="access_denied", state=asked["state"])
    assert answer.status_code == 401
    assert "access_denied" not in answer.text


def test_late(scene: Scene) -> None:
    asked, cookies = scene.leave()
    now = scene.node.house.clock.now()
    late = update(ceremony_table).values(expires_at=now)
    scene.node.house.write("law", ACTOR, lambda tx: tx.conn.execute(late))
    assert scene.come_back(cookies, code="a-code", state=asked["state"]).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_sends_nobody_away(scene: Scene, site: str) -> None:
    for path in ("/login/single", "/again/single"):
        answer = scene.node.client.get(path, headers={"Sec-Fetch-Site": site})
        assert answer.status_code in {303, 403}
        assert not answer.headers.get("location", "").startswith(scene.forger.issuer)


ELSEWHERE = ("//elsewhere.example/x", "https://elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "x")


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_one_goes_on_to_a_page_of_this_node_only(scene: Scene, onward: str) -> None:
    asked, cookies = scene.leave(f"/login/single?next={onward}")
    answer = scene.come_back(cookies, code="a-code", state=asked["state"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


def test_one_goes_on_to_the_page_that_one_wanted(scene: Scene) -> None:
    asked, cookies = scene.leave("/login/single?next=%2Fconsole%2Fqueue%3Fstate%3Dopen")
    answer = scene.come_back(cookies, code="a-code", state=asked["state"])
    assert answer.headers["location"] == "/console/queue?state=open"


def test_roles_of_the_provider_are_nothing_here(scene: Scene, forger: Forger) -> None:
    forger.claims |= {"roles": ["administrator"], "groups": ["administrator"], "realm_access": {"roles": ["overseer"]}}
    answer = scene.sign_in()
    with scene.node.house.read() as conn:
        resumed = sessions.resume(conn, answer.cookies[COOKIE], scene.node.house.clock.now(), demo_allowed=True)
    assert resumed.principal.roles == {Role.MODERATOR}


def test_somebody_suspended(scene: Scene) -> None:
    scene.node.house.write("law", ACTOR, lambda tx: service.suspend(tx, scene.mara, None))
    try:
        assert scene.sign_in().status_code == 401
    finally:
        scene.node.house.write("law", ACTOR, lambda tx: service.lift(tx, scene.mara, None))


def test_a_session_is_proved_again_by_its_own_holder_and_now(scene: Scene, forger: Forger) -> None:
    scene.bind(scene.node.people[Role.SENIOR_MODERATOR], "u-9")
    session = {COOKIE: scene.sign_in().cookies[COOKIE]}

    def again(**claims: object) -> Any:
        scene.node.client.cookies.clear()
        cookie = f"{COOKIE}={session[COOKIE]}"
        left = scene.node.client.get("/again/single?next=/console/me", headers={"Cookie": cookie})
        asked = forger.sent_to(left.headers["location"])
        assert asked["prompt"] == "login"
        assert asked["max_age"] == "0"
        forger.claims = claims
        return scene.come_back(session | dict(left.cookies), code="a-code", state=asked["state"])

    assert again(sub="u-9").status_code == 401  # somebody else's account at the provider
    assert again(auth_time=1_700_000_000).status_code == 401  # some time ago is not now
    assert again(auth_time=None).status_code == 401  # nor is it now where nothing is said
    proved = again()
    assert (proved.status_code, proved.headers["location"]) == (303, "/console/me")
    assert proved.cookies[COOKIE] != session[COOKIE]


def invited(scene: Scene, name: str) -> tuple[PersonId, str]:
    who = enrol.identity(scene.node.house.pepper, name.title(), f"{name}@node.example")
    made = scene.node.house.write("law", ACTOR, lambda tx: service.invite(tx, who, [Role.MODERATOR], None))
    return made.person.id, made.token


def test_a_link_binds_only_who_is_known_by_the_same_verified_address(scene: Scene, forger: Forger) -> None:
    _, token = invited(scene, "vera")

    def join(**claims: object) -> int:
        asked, cookies = scene.leave(f"/first-start/{token}/single")
        forger.claims = {"sub": "u-7", "email": "vera@node.example", **claims}
        forger.userinfo = {"sub": "u-7"}
        return scene.come_back(cookies, code="a-code", state=asked["state"]).status_code

    assert join(email_verified=False) == 401
    assert join(email_verified="true") == 401  # a word is no truth value
    assert join(email_verified=None) == 401
    assert join(email=None) == 401
    assert join(email="mallory@node.example") == 403
    assert join(sub="u-1") == 409  # the provider means Mara by it
    assert join(email="VERA@node.example") == 303
    asked, cookies = scene.leave()
    forger.claims = {"sub": "u-7", "email": None}  # from now on the address is nothing
    assert scene.come_back(cookies, code="a-code", state=asked["state"]).status_code == 303


def test_a_link_is_used_once(scene: Scene, forger: Forger) -> None:
    _, token = invited(scene, "wanda")
    asked, cookies = scene.leave(f"/first-start/{token}/single")
    asked_too, cookies_too = scene.leave(f"/first-start/{token}/single")
    forger.claims = {"sub": "u-8", "email": "wanda@node.example"}
    forger.nonce = asked["nonce"]
    assert scene.come_back(cookies, code="a-code", state=asked["state"]).status_code == 303
    forger.nonce = asked_too["nonce"]
    assert scene.come_back(cookies_too, code="a-code", state=asked_too["state"]).status_code == 409
    assert scene.node.client.get(f"/first-start/{token}/single").status_code == 404


def test_the_code_is_worth_nothing_without_the_verifier(scene: Scene, forger: Forger) -> None:
    asked, cookies = scene.leave()
    assert asked["code_challenge_method"] == "S256"
    scene.come_back(cookies, code="a-code", state=asked["state"])
    form = next(form for path, _, form in reversed(forger.asked) if path == "/token")
    assert create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
    assert form["code_verifier"] not in str(asked)


def test_nothing_secret_is_in_any_address(scene: Scene, node: Running) -> None:
    _, token = invited(scene, "xenia")
    node.client.cookies.clear()
    away = node.client.get(f"/first-start/{token}/single")
    parts = parse_qs(urlsplit(away.headers["location"]).query)
    assert set(parts) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    assert token not in away.headers["location"]
    cookie = away.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert away.headers["referrer-policy"] == "no-referrer"
