import pytest

from beffroi.ground.kernel.limits import HITS_PER_PHRASE_MAX
from beffroi.matching import phrases
from beffroi.matching.phrases import PhraseIndex, may_stand_elsewhere
from beffroi.signals.fold import fold


def test_places_are_those_of_the_original():
    index = PhraseIndex.build({7: "kettle song", 8: "song"})
    text = "The KETTLE  s\u200bong, the song"
    found = index.search(fold(text))
    assert [text[start:end] for start, end in found[7]] == ["KETTLE  s\u200bong"]
    assert [text[start:end] for start, end in found[8]] == ["s\u200bong", "song"]


def test_two_entries_of_one_phrase_are_both_found():
    assert PhraseIndex.build({1: "kettle", 2: "kettle"}).search(fold("a kettle")).keys() == {1, 2}


def test_changes_make_a_new_index_and_need_no_big_build(monkeypatch: pytest.MonkeyPatch):
    first = PhraseIndex.build({1: "kettle", 2: "teapot"})
    second = first.without([1]).with_more({3: "samovar"})
    everything = fold("kettle teapot samovar")
    assert first.search(everything).keys() == {1, 2}
    assert second.search(everything).keys() == {2, 3}
    assert second.base is first.base
    assert second.without([3]).search(everything).keys() == {2}
    assert second.with_more({1: "kettle"}).search(everything).keys() == {1, 2, 3}
    assert (len(first), len(second), len(second.with_more({1: "kettle"}))) == (2, 2, 3)


def test_a_long_tail_is_built_into_the_base(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(phrases, "PHRASE_TAIL_MAX", 2)
    index = PhraseIndex.build({1: "kettle", 2: "teapot"}).without([1])
    index = index.with_more({3: "samovar", 4: "urn"})
    assert (len(index.tail.phrases), set(index.dead)) == (2, {1})
    index = index.with_more({5: "cup"})
    assert (len(index.tail.phrases), len(index.dead)) == (0, 0)
    assert index.search(fold("kettle teapot samovar urn cup")).keys() == {2, 3, 4, 5}


def test_what_stands_very_often_may_stand_elsewhere_too():
    index = PhraseIndex.build({1: "tea"})
    below, at = (index.search(fold("tea " * times))[1] for times in (HITS_PER_PHRASE_MAX - 1, HITS_PER_PHRASE_MAX + 5))
    assert (len(below), len(at)) == (HITS_PER_PHRASE_MAX - 1, HITS_PER_PHRASE_MAX)
    assert (may_stand_elsewhere(below), may_stand_elsewhere(at)) == (False, True)
