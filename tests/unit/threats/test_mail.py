"""The e-mail: what identifies anybody stands inside the envelope, or nowhere."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der

from beffroi.threats.letter import ThreatNotification
from beffroi.threats.mail import message
from beffroi.threats.model import Way
from tests.unit.ground.trust.test_smime import certificate, pem
from tests.unit.threats.scene import VALMERE
from tests.unit.threats.test_letter import WARNING

AT = datetime(2026, 11, 14, 2, 22, tzinfo=UTC)
TO = {"sender": "desk@agora.example", "key": "thr_1.1.rcp_1", "link": "https://node.example/w/token", "at": AT}
SECRETS = ("lamp hall", "night.tin.7", "u-1", "192.0.2.44", "two replies")


@pytest.fixture(scope="module")
def desk():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, certificate(key)


def written(way, entry=VALMERE):
    raw = message(WARNING, entry, way, **TO)
    assert all(line.isascii() for line in raw.decode().splitlines())
    return raw, message_from_bytes(raw, policy=default)


def test_a_note_says_nothing_of_anybody():
    raw, read = written(Way.NOTE)
    said = read.get_content()
    assert not any(secret in raw.decode().lower() for secret in SECRETS)
    assert "W-2F-9A31C0" in said
    assert "https://node.example/w/token" in said
    assert "+00 1 234" in said
    assert (read["To"], read["From"]) == ("night@police.valmere.example", "desk@agora.example")
    assert read["Message-ID"] == "<thr_1.1.rcp_1@agora.example>"
    assert not list(read.iter_attachments())


def test_a_sealed_letter_is_whole_inside_and_bare_outside(desk):
    key, made = desk
    raw, read = written(Way.SEALED, replace(VALMERE, certificate=pem(made)))
    assert not any(secret in raw.decode().lower() for secret in SECRETS)
    assert (read.get_content_type(), read.get_param("smime-type")) == ("application/pkcs7-mime", "enveloped-data")
    opened = message_from_bytes(pkcs7_decrypt_der(read.get_content(), made, key, []), policy=default)
    body, [data] = opened.get_body().get_content(), list(opened.iter_attachments())
    assert all(secret in body.lower() for secret in ("lamp hall", "night.tin.7", "two replies"))
    assert "https://node.example/w/token" in body
    assert data.get_content() == WARNING.data()
    assert ThreatNotification.model_validate_json(data.get_content()) == WARNING


def test_a_second_try_can_be_recognised():
    assert written(Way.NOTE)[1]["Message-ID"] == written(Way.NOTE)[1]["Message-ID"]
