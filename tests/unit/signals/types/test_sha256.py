import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.signals.types import sha256

# FIPS 180-4 example, and the digest of nothing.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_published_vector():
    assert sha256.of_bytes(b"abc").value == ABC
    assert sha256.of_bytes(b"abc").quality is None


def test_a_written_digest_is_read():
    assert sha256.parse(ABC.upper()) == ABC


def test_a_digest_of_another_length_is_refused():
    with pytest.raises(Invalid) as refused:
        sha256.parse(ABC[:-1], "row 3")
    assert (refused.value.code, refused.value.where) == ("not-a-hash", "row 3")


def test_near_is_not_a_notion():
    assert sha256.TYPE.distance(ABC, ABC) == 0
    assert sha256.TYPE.distance(ABC, "0" + ABC[1:]) == sha256.TYPE.distance_max == 1
