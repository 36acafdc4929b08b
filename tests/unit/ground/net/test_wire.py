"""The gate: TLS, deadlines, what counts as sent."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from beffroi.ground.kernel.clock import FakeClock, SystemClock
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.net import Blocked, Outbound, Policy, UnknownOutcome, Unreachable
from beffroi.ground.net.lookup import Lookups
from beffroi.ground.net.policy import read_url
from beffroi.ground.net.wire import Deadline, Gate
from tests.attack.ssrf.traps import Script, Sentinel, Trap, answer, endless, says, silent


def gate(url: str, policy: Policy) -> Gate:
    return Gate(policy, read_url(url), Lookups(lambda host, port: ["127.0.0.1"]), Deadline(SystemClock(), 5))


# ── deadlines ──


def test_a_deadline_runs_out() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 10)
    assert deadline.left_s(3) == 3
    clock.move(dt.timedelta(seconds=8))
    assert deadline.left_s(3) == 2
    assert deadline.elapsed_s() == 8
    clock.move(dt.timedelta(seconds=2))
    with pytest.raises(httpcore.TimeoutException):
        deadline.left_s(3)


# ── the gate ──


def test_no_unix_sockets() -> None:
    with pytest.raises(Blocked):
        gate("https://a.example/", Policy()).connect_unix_socket("/var/run/docker.sock")


def test_another_host_than_the_request_names_is_our_own_error(sentinel: Sentinel) -> None:
    with pytest.raises(InvariantViolated):
        gate("https://a.example/", Policy()).connect_tcp("b.example", 443)
    assert sentinel.connects == []


def test_sent_from_the_first_byte_on() -> None:
    with Trap(silent) as trap:
        way = gate(trap.url(), Policy.read(own=[trap.pair]))
        stream = way.connect_tcp("127.0.0.1", trap.port)
        assert not way.sent
        stream.write(b"G")
        assert way.sent
        way.close()
        way.close()


# ── TLS ──


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for right.example and 127.0.0.1, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "right.example")])
    now = SystemClock().now()
    names = x509.SubjectAlternativeName([x509.DNSName("right.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def secured(script: Script, authority: Path) -> Script:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            script(inner)

    return wrapped


@pytest.fixture
def seen() -> list[bytes]:
    return []


@pytest.fixture
def site(authority: Path, seen: list[bytes]) -> Iterator[Trap]:
    with Trap(secured(says(answer(b"secret"), seen), authority)) as trap:
        yield trap


def client(site: Trap, authority: Path | None) -> Outbound:
    own = [f"{host}:{site.port}" for host in ("right.example", "wrong.example", "127.0.0.1")]
    pem = authority.read_text().split("-----BEGIN PRIVATE")[0] if authority else ""
    return Outbound(Policy.read(own=own, authorities_pem=pem), resolver=lambda host, port: ["127.0.0.1"])


def test_the_right_name_with_a_trusted_certificate(site: Trap, authority: Path) -> None:
    assert client(site, authority).get(f"https://right.example:{site.port}/").body == b"secret"


@pytest.mark.parametrize("host", ["wrong.example", "127.0.0.1"])
def test_a_certificate_for_another_name(host: str, site: Trap, authority: Path, seen: list[bytes]) -> None:
    with pytest.raises(Unreachable) as failure:
        client(site, authority).post(f"https://{host}:{site.port}/", b"{}", headers={"Authorization": "Bearer x"})
    assert failure.value.reason == "tls-failure"
    assert seen in ([], [b""])


def test_a_certificate_of_nobody_we_trust(site: Trap, seen: list[bytes]) -> None:
    with pytest.raises(Unreachable) as failure:
        client(site, None).get(f"https://right.example:{site.port}/")
    assert failure.value.reason == "tls-failure"
    assert seen in ([], [b""])


def test_a_server_that_speaks_no_tls() -> None:
    with Trap(lambda connection: connection.sendall(answer(b"plain"))) as trap, pytest.raises(Unreachable) as failure:
        client(trap, None).get(f"https://right.example:{trap.port}/")
    assert failure.value.reason == "tls-failure"


@pytest.mark.slow
@pytest.mark.parametrize("script", [silent, endless(b"\x16", b"\x03", pause_s=0.05)], ids=["silent", "drips"])
def test_a_handshake_that_never_ends_was_not_sent(script: Script) -> None:
    with Trap(script) as trap, pytest.raises(Unreachable):
        client(trap, None).get(f"https://right.example:{trap.port}/", total_s=0.4)


def test_no_redirect_from_https_to_our_own_plain_site(authority: Path) -> None:
    with Trap(says(answer(b"plain"))) as plain:
        moved = says(answer(b"", f"Location: http://right.example:{plain.port}/", status="302 Found"))
        with Trap(secured(moved, authority)) as site:
            pem = authority.read_text().split("-----BEGIN PRIVATE")[0]
            own = [f"right.example:{trap.port}" for trap in (site, plain)]
            outbound = Outbound(Policy.read(own=own, authorities_pem=pem), resolver=lambda h, p: ["127.0.0.1"])
            with pytest.raises(Blocked) as refusal:
                outbound.get(f"https://right.example:{site.port}/", follow=1)
        assert (refusal.value.reason, plain.accepted) == ("redirect-downgrade", 0)


def test_tls_cut_in_mid_body_is_unknown(authority: Path) -> None:
    cut = says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    with Trap(secured(cut, authority)) as site, pytest.raises(UnknownOutcome):
        client(site, authority).get(f"https://right.example:{site.port}/")
