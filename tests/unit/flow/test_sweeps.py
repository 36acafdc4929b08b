"""What time brings."""

from datetime import timedelta

from sqlalchemy import func, select

from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import RuleState
from beffroi.flow import screening, sweeps
from beffroi.ground.storage.events import event_table
from tests.unit.flow.node import PLATFORM


def events(node):
    return node.ask(lambda conn: conn.execute(select(func.count()).select_from(event_table)).scalar_one())


def test_a_sweep_that_finds_nothing_writes_nothing(node):
    node.rule(node.bank().id)
    node.post()
    before, commits = events(node), node.house.changes.number
    assert node.sweep() == 0
    assert (events(node), node.house.changes.number) == (before, commits)


def test_each_kind_of_thing_ends_at_its_time(any_node):
    rule = any_node.rule(any_node.bank().id, expires_at=any_node.clock.now() + timedelta(hours=30))
    any_node.post()
    [case] = any_node.cases()
    any_node.claim(case)
    key = screening.take_upload(any_node.house, PLATFORM, b"bytes")
    done = []
    for minutes in (15, 45, 23 * 60, 6 * 60):
        any_node.move(minutes=minutes)
        done.append(any_node.sweep())
    assert done == [1, 2, 1, 1], "the upload goes with its file"
    assert any_node.ask(cases_store.CASES.load, case.id).claimed_by is None
    assert any_node.ask(content_store.upload, key) is None
    assert any_node.ask(decisions_store.RULES.load, rule.id).state is RuleState.ENDED


def test_a_sweep_does_a_few_rows_at_a_time(node, monkeypatch):
    monkeypatch.setattr(sweeps, "SWEEP_ROWS_MAX", 2)
    for number in range(3):
        screening.take_upload(node.house, PLATFORM, b"bytes %d" % number)
    node.move(hours=1)
    rows_and_files = [4, 2, 0]
    assert [node.sweep() for _ in range(3)] == rows_and_files
