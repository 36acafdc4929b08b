"""The sum: shown parts, two halves, never over 100."""

from dataclasses import replace

import pytest

from beffroi.cases import priority
from beffroi.cases.model import Half, half_points
from tests.unit.cases.scene import COPY

PHRASE = replace(COPY, type="phrase", bank="Kettle phrases", entry="ent_2", distance=0)
EVERYTHING = (
    replace(COPY, distance=0, labels=("tco-2-7-d",), confirmed_here=True, precision_pct=100),
    replace(COPY, bank="B"),
    replace(COPY, bank="C"),
)


def points(*matches, notices=0, earlier=0, copies=1):
    return {part.code: part.points for part in priority.parts(matches, notices=notices, earlier=earlier, copies=copies)}


def total(parts):
    return sum(half_points(parts, half) for half in Half)


def test_a_copy_counts_by_its_distance():
    assert points(replace(COPY, distance=0))["near_copy"] == 30
    assert points(replace(COPY, distance=31))["near_copy"] == 15
    assert points(replace(COPY, distance=0, radius=0))["near_copy"] == 30


@pytest.mark.parametrize(
    ("kind", "worth"), [("sha256", 34), ("md5", 32), ("url", 18), ("phrase", 12), ("something new", 12)]
)
def test_a_listed_value_counts_by_its_type(kind, worth):
    assert points(replace(PHRASE, type=kind))["match"] == worth


def test_the_closest_match_speaks_and_says_of_what_it_is():
    [first, *_] = priority.parts((PHRASE, COPY), notices=0, earlier=0, copies=1)
    assert (first.half, first.code) == (Half.CONFIDENCE, "near_copy")
    assert first.facts == {
        "type": "pdq", "entry": "ent_1", "bank": "Harbour pictures", "distance": 4, "radius": 31
    }  # fmt: skip


def test_more_banks_confirmation_and_precision_raise_confidence():
    assert points(COPY, PHRASE)["more_banks"] == 4
    assert points(COPY, PHRASE, replace(COPY, bank="C"), replace(COPY, bank="D"))["more_banks"] == 8
    assert points(replace(COPY, confirmed_here=True))["confirmed_here"] == 4
    assert points(replace(COPY, precision_pct=50))["bank_precision"] == 6
    assert "bank_precision" not in points(COPY)


def test_a_dispute_lowers_it():
    assert points(replace(COPY, disputed=True))["disputed"] == -12
    lowest = priority.parts((replace(PHRASE, disputed=True),), notices=0, earlier=0, copies=1)
    assert half_points(lowest, Half.CONFIDENCE) == 0


@pytest.mark.parametrize(("given", "worth"), [(0, None), (1, 8), (3, 24), (9, 24)])
def test_notices_count_three_times_at_most(given, worth):
    assert points(notices=given).get("notices") == worth


@pytest.mark.parametrize(("given", "worth"), [(0, None), (1, 3), (4, 12), (50, 12)])
def test_earlier_items_count_four_times_at_most(given, worth):
    assert points(COPY, earlier=given).get("earlier_confirmed") == worth


@pytest.mark.parametrize(("given", "worth"), [(1, None), (2, 2), (6, 10), (60, 10)])
def test_copies_count_five_times_at_most(given, worth):
    assert points(COPY, copies=given).get("copies") == worth


def test_the_gravest_known_label_counts_once():
    assert points(replace(COPY, labels=("tco-2-7-c", "tco-2-7-d", "ours")))["label"] == 28
    assert points(replace(COPY, labels=("ours",)))["no_label"] == 10
    assert points()["no_label"] == 10


def test_both_halves_are_capped():
    most = priority.parts(EVERYTHING, notices=50, earlier=50, copies=50)
    assert sum(part.points for part in most if part.half is Half.CONFIDENCE) > 50
    assert half_points(most, Half.CONFIDENCE) == 50
    assert half_points(most, Half.SEVERITY) == 50
    assert total(most) == 100
