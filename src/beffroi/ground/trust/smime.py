"""Sealing a letter to the certificate of whoever reads it (S/MIME enveloped data, RFC 8551).

Owns: `check`, what a certificate must be; `seal`.
Promises: only the holder of the certificate's key opens what was sealed; AES-256.
Never does: judge whose certificate it is: two persons do, who called its holder.
"""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options

from ..kernel.errors import Invalid

_RSA_BITS_MIN = 2048


def check(pem: str, now: datetime) -> None:
    """Whether letters can be sealed to this certificate.

    Raises:
        Invalid: no certificate in PEM; not of RSA, or too short a key; not valid now.

    """
    certificate = _read(pem)
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey) or public.key_size < _RSA_BITS_MIN:
        raise Invalid("bad-key", f"only certificates of RSA, {_RSA_BITS_MIN} bits or more", where="certificate")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Invalid("not-valid-now", "this certificate is not valid today", where="certificate")


def seal(content: bytes, pem: str) -> bytes:
    """`content` as enveloped data in DER; a different one each time."""
    sealed = PKCS7EnvelopeBuilder().set_data(content).set_content_encryption_algorithm(AES256)
    return sealed.add_recipient(_read(pem)).encrypt(Encoding.DER, [PKCS7Options.Binary])


def _read(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Invalid(
            "no-certificate", "this is no certificate in PEM (-----BEGIN CERTIFICATE-----)", where="certificate"
        ) from None
