"""The demo's sample."""

import pytest

from beffroi.decisions import store as decisions_store
from beffroi.decisions.rules import applies
from beffroi.flow import sample
from beffroi.flow.verdict import Word
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.storage.events import event_table
from beffroi.matching import store as matching_store
from beffroi.matching.model import Stage
from tests.unit.flow.node import opened


def events(node):
    return node.ask(lambda conn: len(conn.execute(event_table.select()).all()))


def test_only_a_demo_is_filled(node):
    before = events(node)
    with pytest.raises(InvariantViolated):
        sample.fill(node.house)
    assert events(node) == before


def test_a_demo_is_filled_once_and_works(folder):
    with opened(folder, demo=True) as node:
        told = sample.fill(node.house)
        filled = events(node)
        assert sample.fill(node.house).api_key == told.api_key
        assert events(node) == filled
        assert len(told.people) == len({person.role for person in told.people}) == 5
        stages = {bank.name: bank.stage for bank in node.ask(matching_store.all_banks)}
        assert sorted(stages.values()) == [Stage.ACTIVE, Stage.ACTIVE, Stage.OBSERVE]
        [rule] = node.ask(decisions_store.active_rules)
        assert applies(rule, node.clock.now())
        assert node.post(text="They said the herons watched").word is Word.ALLOW
        assert len(node.cases()) == 1
        assert node.sound()
