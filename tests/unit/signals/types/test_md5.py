import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.signals.types import md5

ABC = "900150983cd24fb0d6963f7d28e17f72"  # RFC 1321, A.5


def test_the_published_vector():
    assert md5.of_bytes(b"abc").value == ABC


def test_a_written_digest_is_read():
    assert md5.parse(f"{ABC.upper()} ") == ABC


def test_a_digest_of_another_length_is_refused():
    with pytest.raises(Invalid) as refused:
        md5.parse(ABC + "00")
    assert refused.value.code == "not-a-hash"
