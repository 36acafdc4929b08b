import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import HITS_PER_PHRASE_MAX
from beffroi.signals.fold import fold
from beffroi.signals.scan import Hit, PhraseScanner

PHRASES = ["purple wombat", "wombat", "ｗｏｍｂａｔ parade", "金色袋熊", "بطريق", "ナマケモノ", "หมีขาว"]


def found(text, phrases=PHRASES):
    """Phrase → the stretches of the original where it was found."""
    places: dict[str, list[str]] = {}
    for hit in PhraseScanner.build(phrases).find(fold(text)):
        places.setdefault(phrases[hit.phrase_index], []).append(text[hit.start : hit.end])
    return places


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("A PURPLE  wom\u200bbat!", {"purple wombat": ["PURPLE  wom\u200bbat"], "wombat": ["wom\u200bbat"]}),
        ("WОMBAТ parade", {"wombat": ["WОMBAТ"], "ｗｏｍｂａｔ parade": ["WОMBAТ parade"]}),
        ("#purple_wombat", {"wombat": ["wombat"]}),
        ("wombats, superwombat, wombaté, w0mbat2", {}),
        ("我的金色袋熊队", {"金色袋熊": ["金色袋熊"]}),
        ("بَطْرِيق", {"بطريق": ["بَطْرِيق"]}),
        ("のナマケモノが", {"ナマケモノ": ["ナマケモノ"]}),
        ("เห็นหมีขาวไหม", {"หมีขาว": ["หมีขาว"]}),
        ("", {}),
    ],
)
def test_phrases_are_found_as_whole_words_in_the_original(text, hits):
    assert found(text) == hits


def test_one_fold_may_be_many_phrases():
    scanner = PhraseScanner.build(["Wombat", "other", "WOMBAT"])
    assert scanner.find(fold("a wombat")) == [Hit(0, 2, 8), Hit(2, 2, 8)]


def test_no_phrases_find_nothing():
    assert PhraseScanner.build([]).find(fold("a wombat")) == []


def test_an_invisible_phrase_is_refused_with_its_place():
    with pytest.raises(Invalid) as refused:
        PhraseScanner.build(["wombat", "\u200b \u202e"])
    assert (refused.value.code, refused.value.where) == ("empty-phrase", "1")


def test_repeating_one_phrase_hides_no_other():
    text = "wombat " * 5000 + "purple parade"
    hits = PhraseScanner.build(["wombat", "purple parade"]).find(fold(text))
    assert [hit.phrase_index for hit in hits] == [0] * HITS_PER_PHRASE_MAX + [1]
    assert text[hits[-1].start : hits[-1].end] == "purple parade"


WORDS = st.sampled_from(["Wombat", "ПИНГВИН", "straße", "بَطريق", "金色", "ﬁn", "e\u0301tude", "g00se", "각"])
GLUE = st.sampled_from([" ", ", ", "\u200b ", "\n", " \u202e", "!"])


@given(st.lists(WORDS, min_size=1, max_size=3), st.lists(st.tuples(WORDS, GLUE), max_size=6), GLUE)
def test_a_phrase_that_stands_there_is_found_there(words, before, glue):
    phrase = " ".join(words)
    prefix = "".join(word + blank for word, blank in before)
    text = prefix + phrase + glue + "end"
    spans = [(hit.start, hit.end) for hit in PhraseScanner.build([phrase]).find(fold(text))]
    assert any(
        start <= len(prefix) + 1 and text[start:end].strip(" \u200b\u202e!,\n") == phrase for start, end in spans[-1:]
    )


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_is_found_really_stands_there(text, phrases):
    phrases = [phrase for phrase in phrases if fold(phrase).text]
    for hit in PhraseScanner.build(phrases).find(fold(text)):
        assert 0 <= hit.start < hit.end <= len(text)
        stretch = text[hit.start : hit.end]
        # One original character may fold to several, of which the phrase is only some ("ß" for "s").
        assert fold(phrases[hit.phrase_index]).text in fold(stretch).text or any(
            len(fold(letter).text) > 1 or unicodedata.category(letter)[0] == "M" for letter in stretch
        )
