from hashlib import sha256

import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.ledger.commit import LEAF_BYTES, commitment, dummy

SALT = bytes(range(32))
FACTS = {"b": 1, "a": "é"}
PERSONAL = {"sub_1": "00" * 32}


def test_the_form_is_fixed():
    """Whoever changes this changes every leaf ever made: take a new tag."""
    json = b'{"facts":{"a":"\xc3\xa9","b":1},"personal":{"sub_1":"' + b"00" * 32 + b'"}}'
    assert commitment(FACTS, PERSONAL, SALT) == sha256(b"beffroi event v1\n" + SALT + json).digest()


def test_every_part_counts():
    made = {
        commitment(FACTS, PERSONAL, SALT),
        commitment({**FACTS, "b": 2}, PERSONAL, SALT),
        commitment(FACTS, {}, SALT),
        commitment(FACTS, {"sub_1": "01" * 32}, SALT),
        commitment(FACTS, {"sub_2": "00" * 32}, SALT),
        commitment(FACTS, PERSONAL, SALT[::-1]),
        commitment({**FACTS, "personal": PERSONAL}, {}, SALT),
    }
    assert len(made) == 7


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_of_another_size_is_refused(size):
    with pytest.raises(Invalid) as refused:
        commitment(FACTS, PERSONAL, bytes(size))
    assert refused.value.code == "salt-of-wrong-size"


@pytest.mark.parametrize("facts", [{"n": float("nan")}, {"n": 2**53}, {"n": object()}])
def test_facts_without_a_canonical_form_have_no_leaf(facts):
    with pytest.raises(Invalid):
        commitment(facts, {}, SALT)


def test_a_dummy_looks_like_a_leaf():
    assert len(dummy()) == LEAF_BYTES == len(commitment(FACTS, PERSONAL, SALT))
    assert dummy() != dummy()
