"""What is sealed for an authority opens with a foreign program: OpenSSL."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from beffroi.ground.trust import smime
from tests.unit.ground.trust.test_smime import certificate, pem


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's program is not installed")
def test_openssl_opens_it_and_finds_aes_256(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = certificate(key)
    (tmp_path / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "certificate").write_text(pem(made))
    sealed = smime.seal(b"a lamp\r\n", pem(made))
    asked = ["openssl", "cms", "-inform", "DER"]
    opened = subprocess.run(
        [*asked, "-decrypt", "-binary", "-inkey", tmp_path / "key", "-recip", tmp_path / "certificate"],
        input=sealed, capture_output=True, check=True,
    )  # fmt: skip
    assert opened.stdout == b"a lamp\r\n"
    shown = subprocess.run([*asked, "-cmsout", "-print", "-noout"], input=sealed, capture_output=True, check=True)
    assert b"aes-256-cbc" in shown.stdout
