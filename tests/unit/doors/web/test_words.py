import pytest

from beffroi.doors.web.words import FAULTS, N_, fault


def test_the_marker_changes_nothing():
    assert N_("Skip") == "Skip"


@pytest.mark.parametrize("status", FAULTS)
def test_each_status_has_its_words(status):
    assert fault(status) == FAULTS[status]


def test_any_other_status_is_our_fault():
    assert fault(418) == FAULTS[500]
