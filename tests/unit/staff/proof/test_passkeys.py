"""Passkeys, with a device in software that signs for real."""

import base64
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from beffroi.ground.kernel.errors import Invalid, Unauthenticated
from beffroi.ground.kernel.ids import PersonId
from beffroi.staff.proof import passkeys
from beffroi.staff.proof.passkeys import Passkey
from tests.unit.staff.rig import PARTY, Device

MARA = PersonId("prs_mara")
CHALLENGE, OTHER = b"c" * 32, b"d" * 32


def offered(challenge: bytes = CHALLENGE, **changes: Any) -> str:
    return passkeys.offer(replace(PARTY, **changes), challenge, MARA, "mara@node.example", "Mara", [b"older"])


def register(device: Device) -> Passkey:
    made = passkeys.registered(PARTY, CHALLENGE, device.create(offered()))
    return Passkey(made.credential, MARA, made.public_key, made.sign_count)


def changed(answer: bytes, **response: Any) -> bytes:
    """The same answer with other parts."""
    told = json.loads(answer)
    told["response"] |= response
    return json.dumps(told).encode()


def test_the_offer_asks_for_a_verified_user_and_tells_no_name_as_handle() -> None:
    asked = json.loads(offered())
    assert asked["rp"] == {"id": "node.example", "name": "Invented Node"}
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["attestation"] == "none"
    assert base64.urlsafe_b64decode(asked["user"]["id"] + "===") == b"prs_mara"
    assert [base64.urlsafe_b64decode(one["id"] + "===") for one in asked["excludeCredentials"]] == [b"older"]


def test_registered_then_signed_in() -> None:
    device = Device()
    passkey = register(device)
    assert passkey.sign_count == 1
    answer = device.get(passkeys.challenge_options(PARTY, OTHER))
    assert passkeys.credential_named(answer) == passkey.credential
    assert passkeys.asserted(PARTY, OTHER, passkey, answer).sign_count == 2


def test_the_challenge_names_no_account() -> None:
    asked = json.loads(passkeys.challenge_options(PARTY, CHALLENGE))
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"


@pytest.mark.parametrize(
    "device",
    [
        Device(verifies_user=False),
        Device(origin="https://node.example.evil.example"),
        Device(origin="http://node.example"),
    ],
    ids=["user not verified", "foreign origin", "no TLS"],
)
def test_registrations_that_are_refused(device: Device) -> None:
    with pytest.raises(Invalid) as refused:
        register(device)
    assert refused.value.code == "passkey-refused"


def test_a_registration_for_another_challenge_or_host_is_refused() -> None:
    for asked in (offered(OTHER), offered(id="evil.example")):
        with pytest.raises(Invalid):
            passkeys.registered(PARTY, CHALLENGE, Device().create(asked))


def refused(passkey: Passkey, answer: bytes, challenge: bytes = CHALLENGE) -> None:
    with pytest.raises(Unauthenticated) as error:
        passkeys.asserted(PARTY, challenge, passkey, answer)
    assert error.value.code == "sign-in-failed"


def test_sign_ins_that_are_refused() -> None:
    device = Device()
    passkey = register(device)
    asked = passkeys.challenge_options(PARTY, CHALLENGE)
    good = device.get(asked)
    assert passkeys.asserted(PARTY, CHALLENGE, passkey, good)
    refused(passkey, good, OTHER)
    refused(replace(passkey, sign_count=2), good)
    refused(replace(passkey, person=PersonId("prs_somebody_else")), good)
    refused(passkey, changed(good, userHandle=None))
    refused(passkey, changed(good, signature=base64.urlsafe_b64encode(bytes(70)).decode()))
    refused(passkey, replace(device, verifies_user=False).get(asked))
    refused(passkey, replace(device, origin="https://evil.example").get(asked))
    refused(passkey, replace(device, key=Device().key).get(asked))
    refused(passkey, device.get(passkeys.challenge_options(replace(PARTY, id="evil.example"), CHALLENGE)))


def test_a_registration_is_no_sign_in() -> None:
    device = Device()
    passkey = register(device)
    refused(passkey, device.create(offered()))


def test_a_device_that_does_not_count() -> None:
    device = Device(counts=False)
    passkey = register(device)
    for _ in range(2):
        answer = device.get(passkeys.challenge_options(PARTY, CHALLENGE))
        assert passkeys.asserted(PARTY, CHALLENGE, passkey, answer).sign_count == 0


HOSTILE = [
    b"", b"null", b"[]", b"{}", b"\xff", b'"x"', b"[" * 10_000, b'{"id":1,"id":2}', b"{" + b" " * 70_000 + b"}",
    b'{"id":"","rawId":"","type":"public-key","response":{}}', b'{"id":"\\ud800","response":null}',
    b'{"id":"AA","rawId":"AA","type":"public-key","response":{"userHandle":7,"clientDataJSON":[],"signature":{}}}',
]  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE)
def test_hostile_answers_are_refused_and_nothing_else(answer: bytes) -> None:
    passkey = register(Device())
    refused(passkey, answer)
    with pytest.raises(Invalid):
        passkeys.registered(PARTY, CHALLENGE, answer)
    with suppress(Unauthenticated):  # it may name a credential; it may not crash
        passkeys.credential_named(answer)


def test_every_changed_byte_of_an_answer_is_noticed() -> None:
    device = Device()
    passkey = register(device)
    good = json.loads(device.get(passkeys.challenge_options(PARTY, CHALLENGE)))
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        whole = base64.urlsafe_b64decode(good["response"][name] + "===")
        for place in range(len(whole)):
            broken = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            told = changed(json.dumps(good).encode(), **{name: base64.urlsafe_b64encode(broken).decode().rstrip("=")})
            refused(passkey, told)


def test_no_repr_shows_a_key() -> None:
    passkey = register(Device())
    assert repr(passkey.public_key) not in repr(passkey)
