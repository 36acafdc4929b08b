import pytest

from beffroi.cases import priority
from beffroi.cases.model import CaseState
from beffroi.decisions.model import Act
from beffroi.doors.web.icons import PATHS
from beffroi.doors.web.naming import LABELS, PARTS, SIGNS, WORDS, sign_of, words_of
from beffroi.matching.model import ContentGround


@pytest.mark.parametrize("enum", [*WORDS, *SIGNS], ids=lambda enum: enum.__name__)
def test_each_member_has_its_words(enum):
    assert set(WORDS.get(enum, SIGNS.get(enum))) == set(enum)


def test_each_sign_has_a_glyph_and_a_colour_of_the_style_sheet():
    for states in SIGNS.values():
        for sign in states.values():
            assert sign.glyph in PATHS
            assert sign.kind in {"", "done", "run", "late", "auth", "over", "you"}


def test_each_ground_of_the_regulation_is_a_label_in_words():
    assert set(LABELS) == set(ContentGround)


def test_each_line_of_the_priority_has_its_words():
    match = priority.Match("pdq", "b", "e", 6, 31, ("tco-2-7-a",), confirmed_here=True, disputed=True, precision_pct=97)
    other = priority.Match("phrase", "c", "f", 0, 0, (), confirmed_here=False, disputed=False, precision_pct=None)
    lines = priority.parts((match, other), notices=2, earlier=1, copies=3)
    lines += priority.parts((other,), notices=0, earlier=0, copies=1)
    assert {line.code for line in lines} == set(PARTS)
    for line in lines:
        assert PARTS[line.code] % line.facts


def test_equal_values_of_two_enums_keep_their_own_words():
    assert words_of(Act.REMOVE) == "Remove"
    assert words_of(CaseState.OPEN) == "Free"
    assert sign_of(CaseState.OPEN).glyph == "free"


def test_what_has_no_words_is_shown_as_it_is():
    assert words_of("harbour-free-label") == "harbour-free-label"
    assert words_of("tco-2-7-d").startswith("Instructs")
