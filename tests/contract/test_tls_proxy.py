"""A node behind a real nginx that ends TLS, set up as deploy/nginx.conf says.

Visitors come from 127.0.0.2 and 127.0.0.3, the proxy from 127.0.0.1.
"""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.nodes import PASSWORD, running

LIMITED, TIMES = "/api/v1/policies", 60
"""A page for everybody that one address may ask for so often a minute."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> None:
    """`cert.pem` and `key.pem` for localhost, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))


@dataclass(frozen=True)
class Place:
    """The node, behind its proxy and past it."""

    folder: Path
    tls_port: int
    port: int

    def visitor(self, address: str, *, past_the_proxy: bool = False) -> httpx.Client:
        """Somebody who comes from `address`."""
        trust = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        transport = httpx.HTTPTransport(verify=trust, local_address=address)
        base = f"http://127.0.0.1:{self.port}" if past_the_proxy else f"https://localhost:{self.tls_port}"
        return httpx.Client(base_url=base, transport=transport, timeout=20)


@contextmanager
def process(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    with log.open("wb") as said:
        started = subprocess.Popen(command, env=os.environ | environment, stdout=said, stderr=said)
        try:
            yield
            assert started.poll() is None, log.read_text()
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"nobody listens on port {port}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nginx_path: str, root: Path) -> Iterator[Place]:
    """Both processes, as the documents set them up."""
    folder = tmp_path_factory.mktemp("proxy")
    made = Place(folder, free_port(), free_port())
    certificate(folder)
    base_url = f"https://localhost:{made.tls_port}"
    with running(folder / "node", demo=True, base_url=base_url):
        pass
    site = (root / "deploy/nginx.conf").read_text("utf-8")
    for told, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{made.tls_port} ssl"),
        ("node.example", "localhost"),
        ("/etc/ssl/localhost/fullchain.pem", str(folder / "cert.pem")),
        ("/etc/ssl/localhost/key.pem", str(folder / "key.pem")),
        ("127.0.0.1:8100", f"127.0.0.1:{made.port}"),
    ):
        assert told in site
        site = site.replace(told, here)
    temporary = "".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    frame = f"daemon off; pid {folder}/nginx.pid; events {{}} http {{ {temporary}\n{site} }}"
    (folder / "nginx.conf").write_text(frame)
    serve = [sys.executable, "-m", "beffroi", "serve", "--data", str(folder / "node"), "--port", str(made.port)]
    settings = {"BEFFROI_BASE_URL": base_url, "BEFFROI_TRUSTED_PROXIES": '["127.0.0.1"]', "BEFFROI_DEMO": "1"}
    with (
        process(serve, folder / "node.log", BEFFROI_ARGON2="cheap", BEFFROI_DECODERS="1", **settings),
        process([nginx_path, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder / "nginx.log"),
    ):
        wait_for(made.port)
        wait_for(made.tls_port)
        yield made


def test_signing_in_gives_a_cookie_for_this_host_over_tls_alone(place: Place) -> None:
    with place.visitor("127.0.0.2") as visitor:
        given = {"email": "moderator@node.example", "password": PASSWORD}
        answer = visitor.post("/login", data=given, headers={"Origin": str(visitor.base_url).rstrip("/")})
        assert answer.status_code == 303
        name, *attributes = answer.headers["set-cookie"].split("; ")
        assert name.startswith("__Host-beffroi=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)
        assert "max-age=" in answer.headers["strict-transport-security"]
        assert visitor.get("/console").status_code in {200, 303}
        assert visitor.get("/console/health").status_code == 200


def test_a_page_of_another_site_is_refused_behind_the_proxy_too(place: Place) -> None:
    with place.visitor("127.0.0.2") as visitor:
        given = {"email": "moderator@node.example", "password": PASSWORD}
        assert visitor.post("/login", data=given, headers={"Origin": "https://other.example"}).status_code == 403
        assert visitor.post("/login", data=given, headers={"Origin": "http://localhost"}).status_code == 403


def test_nobody_gets_a_limit_of_their_own_by_saying_where_they_come_from(place: Place) -> None:
    with place.visitor("127.0.0.2") as visitor, place.visitor("127.0.0.2", past_the_proxy=True) as past:
        forged = ({"X-Forwarded-For": f"203.0.113.{number}"} for number in range(1, 255))
        while visitor.get(LIMITED, headers=next(forged)).status_code == 200:
            pass
        assert visitor.get(LIMITED, headers=next(forged)).status_code == 429
        assert past.get(LIMITED, headers=next(forged)).status_code == 429, "whoever is no proxy is not believed"


def test_visitors_do_not_share_the_address_of_the_proxy(place: Place) -> None:
    with place.visitor("127.0.0.3") as first, place.visitor("127.0.0.4") as second:
        statuses = [first.get(LIMITED).status_code for _ in range(2 * TIMES)]
        assert 429 in statuses
        assert second.get(LIMITED).status_code == 200
