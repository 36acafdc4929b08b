"""Causes that live."""

from beffroi.actions.model import HIDES, Kind
from tests.unit.actions.test_rules import BECAUSE_A, STATES


def test_only_causes_that_have_not_ended_keep_it_alive():
    assert STATES["in_force"].live_causes == (BECAUSE_A,)
    assert STATES["lifting"].live_causes == ()


def test_labels_and_territories_hide_from_nobody_everywhere():
    assert {Kind.LABEL, Kind.RESTRICT_TERRITORIES, Kind.WARN_ACCOUNT, Kind.SUSPEND_ACCOUNT} == set(Kind) - HIDES
