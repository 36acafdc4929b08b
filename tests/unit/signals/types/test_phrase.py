import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import PHRASE_CHARS_MAX, PHRASE_CHARS_MIN
from beffroi.signals.types import phrase


def test_two_spellings_are_one_phrase():
    assert phrase.parse("Purple  WOMBAT") == phrase.parse("ｐurple w\u200bоmbat") == "purple wombat"


def test_a_parsed_phrase_parses_to_itself():
    once = phrase.parse("Straße Ünï")
    assert phrase.parse(once) == once


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phrase-too-short"),
        (" \u200b\u202e ", "phrase-too-short"),
        ("a" * (PHRASE_CHARS_MIN - 1), "phrase-too-short"),
        ("a" * (PHRASE_CHARS_MAX + 1), "phrase-too-long"),
        ("ß" * PHRASE_CHARS_MAX, "phrase-too-long"),
    ],
)
def test_what_is_no_phrase_is_refused_with_its_place(text, code):
    with pytest.raises(Invalid) as refused:
        phrase.parse(text, "line 2")
    assert (refused.value.code, refused.value.where) == (code, "line 2")


def test_at_the_limits():
    assert phrase.parse("a" * PHRASE_CHARS_MIN) == "a" * PHRASE_CHARS_MIN
    assert phrase.parse("a" * PHRASE_CHARS_MAX) == "a" * PHRASE_CHARS_MAX
