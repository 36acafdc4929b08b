import copy
import pickle

import pytest

from beffroi.ground.kernel.clock import EPOCH
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.trust.keys import (
    Algorithm,
    KeyFacts,
    Purpose,
    SecretKey,
    SigningKey,
    VerifyKey,
    key_id,
    public_of,
    signature_holds,
)

# RFC 8032 section 7.1, test 2
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNED_72 = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def facts(purpose: Purpose, material: bytes) -> KeyFacts:
    return KeyFacts(key_id(purpose, material), purpose, purpose.algorithm, EPOCH, None, None)


def test_ed25519_as_in_the_rfc():
    key = SigningKey(facts(Purpose.LEDGER, PUBLIC), SEED)
    assert key.public == PUBLIC == public_of(SEED)
    assert key.sign(b"\x72") == SIGNED_72
    assert VerifyKey(key.facts, key.public).verify(SIGNED_72, b"\x72")


@pytest.mark.parametrize(
    ("public", "signature", "message"),
    [
        (PUBLIC, SIGNED_72, b"\x73"),
        (PUBLIC, SIGNED_72[:-1], b"\x72"),
        (PUBLIC, b"", b"\x72"),
        (PUBLIC[:-1], SIGNED_72, b"\x72"),
        (bytes(32), SIGNED_72, b"\x72"),
    ],
)
def test_what_was_not_signed_does_not_hold(public, signature, message):
    assert not signature_holds(public, signature, message)


def test_the_id_names_algorithm_and_is_bound_to_the_purpose():
    ids = {key_id(purpose, PUBLIC) for purpose in Purpose}
    assert len(ids) == len(Purpose)
    assert {name.rsplit("-", 1)[0] for name in ids} == set(Algorithm)


def test_what_others_verify_is_signed_and_the_rest_stays_a_secret():
    assert {purpose: purpose.algorithm for purpose in Purpose} == {
        Purpose.LEDGER: Algorithm.ED25519,
        Purpose.PEERING: Algorithm.ED25519,
        Purpose.WEBHOOK: Algorithm.HKDF_SHA256,
        Purpose.VAULT_WRAP: Algorithm.HKDF_SHA256,
        Purpose.SPOOL: Algorithm.HKDF_SHA256,
    }


def test_an_id_is_fixed():
    """Ids stand in files, headers and on paper."""
    assert key_id(Purpose.LEDGER, PUBLIC) == "ed25519-37be0c16801d0126"


def test_a_key_of_another_size_has_no_id():
    with pytest.raises(Invalid):
        key_id(Purpose.LEDGER, b"short")


def test_derived_secrets_are_stable_and_unlike_one_another():
    secret = SecretKey(facts(Purpose.WEBHOOK, SEED), SEED)
    other_purpose = SecretKey(facts(Purpose.VAULT_WRAP, SEED), SEED)
    made = [secret.derive("site one"), secret.derive("site two"), other_purpose.derive("site one")]
    assert secret.derive("site one") == made[0]
    assert len(set(made)) == 3
    assert len(secret.derive("site one")) == 32
    assert len(secret.derive("site one", 24)) == 24


@pytest.mark.parametrize("kind", [SigningKey, SecretKey])
def test_a_secret_does_not_leave_by_accident(kind):
    key = kind(facts(Purpose.LEDGER, PUBLIC), SEED)
    for shown in (repr(key), str(key), f"{key}", repr([key])):
        assert SEED.hex() not in shown
        assert repr(SEED) not in shown
        assert key.id in shown
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="does not leave"):
            leave(key)
