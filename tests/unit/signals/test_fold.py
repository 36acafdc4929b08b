import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beffroi.signals import fold as module
from beffroi.signals.fold import fold

# Letters that fold in every way there is: case, width, ligatures, marks, lookalikes, blanks, jamo, right-to-left.
AWKWARD = st.text(
    alphabet=st.sampled_from(
        "aAbİıßẞſŉǰΐﬁﬃ①½Ⅷ0O1lI|\u0301\u0327\u0345\u0338\u200b\u200d\u202e\ufeff\u00ad\ufe0f\u034f\u2800\u3164"
        " \t\n\u00a0\u2003\u3000\u1100\u1161\u11a8각ﾀﾞ゙ёйىيیكک\u0640\u064b\u0651\u0653\u0654\u0627آﻷﷺ\ufe76\ufe7d"
        "अ\u093c\u0915ก\u0e33\ud800\U0001d573\U000e0041\U0001f1e6𝕳аеοсԁ"
    ),
    max_size=40,
)
ANY = st.text(alphabet=st.characters(codec=None, categories=None), max_size=40) | AWKWARD


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Hello  World", "hello world"),
        ("  \t\n ", ""),
        ("ＦＵＬＬ　ＷＩＤＴＨ", "full width"),
        ("ﬁne ①", "fine l"),
        ("straße", "strasse"),
        ("раураl", "paypal"),
        ("𝕳𝖊𝖑𝖑𝖔", "hello"),
        ("g00d", "good"),
        ("z\u0337a\u0337l\u0337g\u0337o\u0337", "zalgo"),
        ("wom\u200bbat wom\u00adbat", "wombat wombat"),
        ("\u202eabc\u202c", "abc"),
        ("e\u0301 \u00c9", "é é"),
        ("a\u200b\u0301", "á"),
        ("كِتَابٌ كتـــاب", "كتاب كتاب"),
        ("ﷲ", "الله"),
        ("اﷺب", "ا ب"),
        ("ڪتاب", "كتاب"),
        ("من\ufe76زل", "منزل"),
        ("각", "각"),
        ("ﾀﾞ", "ダ"),
        ("Привет", "пpивeт"),
    ],
)
def test_what_a_reader_sees(written, folded):
    assert fold(written).text == folded


@pytest.mark.parametrize(
    ("one", "other"), [("schön", "schon"), ("أب", "اب"), ("l", "|"), ("а\u0661", "а."), ("ا", "l"), ("rn", "m")]
)
def test_what_readers_tell_apart_stays_apart(one, other):
    assert fold(one).text != fold(other).text


def test_offsets_lead_back():
    folded = fold("A\u200bB  ßc")
    assert folded.text == "ab ssc"
    assert list(folded.offsets) == [0, 2, 3, 5, 5, 6]
    assert folded.length_original == 7


@given(ANY)
@example("a\u0301" * 40)
@example("a" + "\u0301\u0323" * 60)
@example("\u1100" + "\u1161" * 60)
def test_offsets_are_in_range_and_never_go_back(text):
    folded = fold(text)
    offsets = list(folded.offsets)
    assert len(offsets) == len(folded.text)
    assert offsets == sorted(offsets)
    assert all(0 <= place < len(text) for place in offsets)


@given(ANY)
@example("\u0345\u0301")
@example("ΐ")
@example("a" + "\u0301\u0323" * 60)
def test_folding_twice_changes_nothing(text):
    once = fold(text)
    again = fold(once.text)
    assert again.text == once.text
    assert list(again.offsets) == list(range(len(once.text)))


@given(ANY)
def test_the_folded_form_is_plain(text):
    folded = fold(text).text
    assert unicodedata.is_normalized("NFKC", folded)
    assert "  " not in folded
    assert folded == folded.strip()
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in folded)


@pytest.mark.parametrize(
    "alphabet", ["abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω"]
)
def test_case_does_not_count(alphabet):
    assert fold(alphabet.upper()).text == fold(alphabet).text
    assert [fold(letter.upper()).text for letter in alphabet] == [fold(letter).text for letter in alphabet]


@pytest.mark.slow
def test_every_character_folds_and_stays():
    # Not the tens of thousands of Han and Hangul that are like their neighbours, nor what is not assigned.
    alike = (
        "CJK UNIFIED",
        "CJK COMPATIBILITY IDEOGRAPH-2",
        "HANGUL SYLLABLE",
        "TANGUT IDEO",
        "EGYPTIAN HIERO",
        "CUNEIFORM",
    )
    letters = (c for c in map(chr, range(sys.maxunicode + 1)) if not unicodedata.name(c, alike[0]).startswith(alike))
    unstable = [letter for letter in letters if fold(fold(letter).text).text != fold(letter).text]
    assert unstable == []


def test_letters_and_punctuation_never_become_each_other():
    def is_word(letter):
        return unicodedata.category(letter)[0] in "LN"

    crossed = [pair for pair in module._lookalikes().items() if is_word(pair[0]) != is_word(pair[1])]
    assert crossed == []
    assert module._lookalikes()["а"] == "a"


def test_unassigned_characters_do_not_fill_the_tables():
    before = len(module._PLAIN)
    fold("".join(map(chr, range(0xE000, 0xE100))))
    assert len(module._PLAIN) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0323\u0301" * 100_000,
        "\u0301" * 200_000,
        "㍿" * 100_000,
        "A" * 100_000 + " \u0422",
        " \u200b" * 100_000,
    ],
)
def test_long_and_hostile_texts_end(text):
    assert fold(fold(text).text).text == fold(text).text
