import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.signals.capitals import unmixed


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("W\u041eMBA\u0422", "WOMBAT"),  # Cyrillic О, Т
        ("W\u039fMB\u0391\u03a4", "WOMBAT"),  # Greek Ο, Α, Τ
        ("\u041f\u0418HГBИH", "\u041f\u0418\u041dГ\u0412И\u041d"),  # Latin H, B in Cyrillic
    ],
)
def test_a_mixed_word_is_in_the_script_of_its_own_letters(written, seen):
    assert unmixed(written) == seen


@pytest.mark.parametrize(
    "text",
    [
        "WOMBAT",
        "\u0422\u041e\u0422",  # Cyrillic
        "\u03a4\u039f",  # Greek
        "WOMBAT \u0422\u041e\u0422",
        "T\u041e",  # nothing tells which
        "W\u0416",  # each has its own
    ],
)
def test_other_words_are_left_alone(text):
    assert unmixed(text) == text


@given(st.text(alphabet=st.sampled_from("ABWbwaАТЖжтаΑΩω \u0301é漢"), max_size=30))
def test_nothing_moves_and_twice_changes_nothing(text):
    once = unmixed(text)
    assert len(once) == len(text)
    assert unmixed(once) == once
