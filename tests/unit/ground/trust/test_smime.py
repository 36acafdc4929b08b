"""Sealing to a certificate: only its key opens it."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der
from cryptography.x509.oid import NameOID

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.trust import smime

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def certificate(key, days=365):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Night desk, invented")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(7).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=days))
    return built.sign(key, hashes.SHA256())


def pem(made):
    return made.public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def desk():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, certificate(key)


def test_only_the_key_of_the_certificate_opens_it(desk):
    key, made = desk
    sealed = smime.seal(b"a lamp\r\n", pem(made))
    assert b"a lamp" not in sealed
    assert pkcs7_decrypt_der(sealed, made, key, []) == b"a lamp\r\n"
    assert smime.seal(b"a lamp\r\n", pem(made)) != sealed
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(ValueError, match=r".*"):
        pkcs7_decrypt_der(sealed, certificate(other), other, [])


def test_what_nothing_can_be_sealed_to_is_refused(desk):
    key, made = desk
    smime.check(pem(made), NOW)
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
    curve = ec.generate_private_key(ec.SECP256R1())
    for written, code in (
        ("lamp", "no-certificate"),
        (pem(made).replace("M", "-"), "no-certificate"),
        (pem(certificate(short)), "bad-key"),
        (pem(certificate(curve)), "bad-key"),
        (pem(certificate(key, days=0)), "not-valid-now"),
    ):
        with pytest.raises(Invalid) as refused:
            smime.check(written, NOW + timedelta(days=2) if code == "not-valid-now" else NOW)
        assert refused.value.code == code
