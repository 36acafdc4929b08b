"""The priority of a case is the sum of what is shown."""

from dataclasses import replace

from beffroi.cases.model import Half, Part, half_points
from tests.unit.cases.test_rules import FREE


def test_a_half_lies_between_0_and_50():
    for points, shown in ((-12, 0), (0, 0), (49, 49), (51, 50)):
        assert half_points((Part(Half.CONFIDENCE, "match", points),), Half.CONFIDENCE) == shown
        assert half_points((Part(Half.CONFIDENCE, "match", points),), Half.SEVERITY) == 0


def test_priority_is_the_sum_of_both_halves():
    parts = (
        Part(Half.CONFIDENCE, "match", 30),
        Part(Half.CONFIDENCE, "disputed", -12),
        Part(Half.SEVERITY, "label", 28),
    )
    assert replace(FREE, parts=parts).priority == 46
