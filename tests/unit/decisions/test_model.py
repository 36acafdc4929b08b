"""What restricts."""

import pytest

from beffroi.decisions.model import Act, Exemption
from tests.unit.decisions.test_rules import NOTHING, SUSPEND, made


def test_no_action_restricts_nothing():
    assert not made(NOTHING).restricts
    assert made(SUSPEND).restricts


@pytest.mark.parametrize("word", ["none", "none_applies", "not_applicable"])
def test_there_is_no_button_for_none_applies(word):
    assert word not in set(Exemption)
    assert len(Exemption) == 6


def test_acts_are_the_same_words_as_what_is_done():
    from beffroi.actions.model import Kind

    assert {act.value for act in Act} - {Act.NO_ACTION.value} == {kind.value for kind in Kind}
