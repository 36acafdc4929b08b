"""Identity providers for tests: a real, certified one from npm, and one that says whatever a test wants.

A pytest plugin (`tests/conftest.py` names it). `BEFFROI_REQUIRE_PROVIDER=1`: a missing provider fails, never skips.
"""

import base64
import hmac
import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from beffroi.ground.kernel.clock import Clock

HERE = Path(__file__).parent / "identity"
CLIENT, SECRET = "beffroi: a node", "a secret: with + and % in it"
"""Both need the encoding of RFC 6749, section 2.3.1."""
PEOPLE = {
    "mara": {"email": "mara@node.example", "email_verified": True},
    "mara-again": {"email": "mara@node.example", "email_verified": True},
    "noor": {"email": "noor@node.example", "email_verified": False},
    "moderator": {"email": "Moderator@node.example", "email_verified": True},
    "policy_lead": {"email": "policy_lead@node.example", "email_verified": True},
    "administrator": {"email": "administrator@node.example", "email_verified": True},
}


# ── the real one ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RealProvider:
    """oidc-provider, running; `settings` are what a node needs to know of it."""

    issuer: str
    returns_to: str

    @property
    def settings(self) -> dict[str, Any]:
        pair = self.issuer.removeprefix("http://")
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_name": "Harbour Office",
            "outbound_allow": (pair,),
        }

    def visit(self, address: str, login: str, browser: httpx.Client | None = None) -> str:
        """What somebody's browser does at the provider; returns the address at the node that it is sent to."""
        with httpx.Client() as fresh:
            return _through(browser or fresh, address, login, self.returns_to)


def _through(browser: httpx.Client, address: str, login: str, returns_to: str) -> str:
    answer = browser.get(address)
    for _ in range(12):
        if answer.is_redirect:
            onward = urljoin(str(answer.url), answer.headers["location"])
            if onward.startswith(returns_to):
                return onward
            answer = browser.get(onward)
            continue
        assert answer.status_code == 200, answer.text[:2000]
        action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt"[^>]*value="(\w+)"', answer.text)
        assert action, answer.text[:2000]
        assert prompt, answer.text[:2000]
        typed = {"prompt": prompt[1], "login": login, "password": "any"}
        answer = browser.post(urljoin(str(answer.url), action[1]), data=typed)
    pytest.fail(f"the provider leads nowhere: {answer.url}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def real_provider(node: str) -> Iterator[RealProvider]:
    """One for a node at this base address, stopped at the end."""
    if shutil.which("node") is None or not (HERE / "node_modules/oidc-provider").is_dir():
        _without("oidc-provider is not installed (npm ci --ignore-scripts --prefix tests/identity)")
    port = free_port()
    made = RealProvider(f"http://127.0.0.1:{port}", f"{node}/login/single/return")
    told = {"issuer": made.issuer, "port": port, "client_id": CLIENT, "client_secret": SECRET}
    told |= {"returns_to": made.returns_to, "people": PEOPLE}
    command = ["node", str(HERE / "provider.mjs"), json.dumps(told)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            _wait(port, started)
            yield made
        finally:
            started.kill()


def _wait(port: int, started: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/.well-known/openid-configuration", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            assert started.poll() is None, "the identity provider ended"
            threading.Event().wait(0.1)
    pytest.fail("the identity provider did not start")


def _without(what: str) -> NoReturn:
    if os.environ.get("BEFFROI_REQUIRE_PROVIDER") == "1":
        pytest.fail(f"BEFFROI_REQUIRE_PROVIDER=1, but {what}", pytrace=False)
    pytest.skip(what)


# ── the one that lies ─────────────────────────────────────────────────────────────────────────────

RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"}, private=True)


@dataclass
class Forger:
    """A provider on loopback whose every answer a test may change before it is given."""

    clock: Clock
    claims: dict[str, Any] = field(default_factory=dict)
    """Over those that would be right; None takes one away."""
    header: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSA)
    published: tuple[Any, ...] = (RSA,)
    description: dict[str, Any] = field(default_factory=dict)
    token_answer: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    secret: bytes = b""
    """What an HMAC is made with."""
    raw: dict[str, bytes] = field(default_factory=dict)
    """By path: these bytes instead of what would be right."""
    nonce: str = ""
    """What the last authorization request asked for."""
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    """Path, headers and form of each request."""

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def pair(self) -> str:
        return self.issuer.removeprefix("http://")

    def sent_to(self, address: str) -> dict[str, str]:
        """A browser comes with this authorization request; its parameters."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = asked.get("nonce", "")
        return asked

    def token(self) -> str:
        """The ID token that would be given now."""
        now = int(self.clock.now().timestamp())
        right = {"iss": self.issuer, "sub": "u-1", "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now}
        right |= {"nonce": self.nonce, "email": "mara@node.example", "email_verified": True}
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        if header["alg"] == "ES256":
            return jws.serialize_compact(header, json.dumps(claims), self.key, algorithms=["ES256"])
        return self._by_hand(header, claims)

    def _by_hand(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token as no library would make it: unsigned, an HMAC under whatever key, any header."""
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
        said, signature = b".".join(parts), b""
        if header["alg"] == "HS256":
            signature = hmac.digest(self.secret, said, "sha256")
        elif header["alg"] == "RS256":
            signature = self.key.private_key.sign(said, PKCS1v15(), SHA256())
        return b".".join([said, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        body: Any = None
        if path == "/.well-known/openid-configuration":
            body = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize"}
            body |= {"token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}
            body |= {"userinfo_endpoint": f"{self.issuer}/userinfo", "end_session_endpoint": f"{self.issuer}/end"}
            body = {name: value for name, value in (body | self.description).items() if value is not None}
        elif path == "/keys":
            body = {"keys": [key.as_dict(private=False) for key in self.published]}
        elif path == "/token":
            body = {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.token()}
            body |= self.token_answer
        elif path == "/userinfo" and self.userinfo is not None:
            body = self.userinfo
        status = self.statuses.get(path, 404 if body is None else 200)
        return status, self.raw.get(path, json.dumps(body).encode())


def _handler(forger: Forger) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            forger.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, form))
            status, body = forger.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815 (the names that http.server calls)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
