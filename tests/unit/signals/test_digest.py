import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.signals.digest import digest_of, same_or_not


def test_case_and_blanks_around_do_not_count():
    assert digest_of("\tAb09 ", "", name="it", length=4) == "ab09"


@pytest.mark.parametrize("text", ["abc", "abcde", "abcg", "٣٣٣٣", "+abc", "a bc"])
def test_only_that_many_hex_digits(text):
    with pytest.raises(Invalid) as refused:
        digest_of(text, "row 1", name="it", length=4)
    assert refused.value.where == "row 1"


def test_a_long_wrong_value_is_not_repeated_whole():
    with pytest.raises(Invalid) as refused:
        digest_of("x" * 10_000, "", name="it", length=4)
    assert len(refused.value.message) < 200


def test_equal_or_not():
    assert same_or_not("a", "a") == 0
    assert same_or_not("a", "b") == 1
