import pytest
from starlette.datastructures import FormData

from beffroi.decisions.model import Clause
from beffroi.doors.console.policy_form import Change, Piece, Written, changes, clauses, read, written
from beffroi.doors.web.forms import Form
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import CLAUSE_CHARS_MAX, POLICY_CLAUSES_MAX

OLD = Clause("1", {"en": "Kettles"}, {"en": "No loud kettles at night."}, "terrorist_content", 3)


def form(**fields):
    return Form(FormData({name.replace("__", "-"): value for name, value in fields.items()}))


def changed(**given):
    return Clause(**{name: given.get(name, getattr(OLD, name)) for name in Clause.__dataclass_fields__})


def test_what_was_published_goes_into_the_form_and_comes_out_equal():
    assert clauses(written([OLD])) == (OLD,)


def test_a_form_is_read_clause_by_clause_and_language_by_language():
    typed = read(form(count="2", number__0="1", title__en__0="T", text__ar__0="ن", severity__0="5", four_eyes__0="yes"))
    assert typed == (Written("1", {"en": "T"}, {"ar": "ن"}, "5", four_eyes=True),)


@pytest.mark.parametrize("count", ["-1", str(POLICY_CLAUSES_MAX + 1), "x", ""])
def test_a_form_has_a_bearable_number_of_clauses(count):
    with pytest.raises(Invalid):
        read(form(count=count))


def test_a_clause_that_is_too_long_is_refused():
    with pytest.raises(Invalid):
        read(form(count="1", text__en__0="x" * (CLAUSE_CHARS_MAX + 1)))


def test_words_without_a_number_are_no_clause():
    with pytest.raises(Invalid) as refused:
        clauses([Written("", {"en": "T"}, {"en": "words"})])
    assert refused.value.code == "no-number"


@pytest.mark.parametrize("severity", ["0", "6", "high", "²"])
def test_a_severity_is_one_of_five(severity):
    with pytest.raises(Invalid):
        clauses([Written("1", {"en": "T"}, {"en": "t"}, severity)])


def test_equal_versions_change_nothing():
    assert changes([OLD], [OLD]) == ()


def test_changed_words_are_told_word_by_word():
    (change,) = changes([OLD], [changed(text={"en": "No loud pots at night."})])
    assert (change.kind, change.number) == ("changed", "1")
    pieces = (Piece("same", "No loud "), Piece("gone", "kettles"), Piece("new", "pots"), Piece("same", " at night."))
    assert change.words == (("text", "en", pieces),)


def test_a_language_that_comes_or_goes_is_told():
    (change,) = changes([OLD], [changed(title={"ar": "غلايات"})])
    assert [(what, tag) for what, tag, _ in change.words] == [("title", "en"), ("title", "ar")]


def test_severity_and_the_second_person_are_told():
    assert changes([OLD], [changed(severity=5, four_eyes=True)]) == (Change("changed", "1", (), (3, 5), True),)


def test_new_clauses_stand_in_their_order_and_gone_ones_last():
    other, third = changed(number="0"), changed(number="3")
    assert [(c.kind, c.number) for c in changes([OLD, third], [other, third])] == [("new", "0"), ("gone", "1")]
