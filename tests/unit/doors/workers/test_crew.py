"""The loops: they work, outlive failures, and stop."""

import threading
from dataclasses import asdict

import pytest

from beffroi.actions.model import RestrictionState
from beffroi.cases.service import promise_notice
from beffroi.doors.workers import crew as crew_module
from beffroi.doors.workers.crew import Crew
from beffroi.flow.health import Alarm
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import DECODER_LOSSES_MAX
from beffroi.ground.ledger import store as ledger
from beffroi.ground.storage import Actor, events
from beffroi.ground.storage.spool import Spooled


@pytest.fixture
def crew(node, webhook):
    made = Crew(node.house, webhook)
    yield made
    made.stop()


def until(condition):
    """Wait for what another thread does; the suite's own time limit ends a wait in vain."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.02)


def test_one_turn_finds_nothing_or_something(node, crew):
    assert crew._effects() is False
    node.bank()
    item = node.post().item
    node.decide(node.cases()[0])
    assert crew._effects() is False
    node.move(seconds=60)
    assert crew._effects() is True
    assert node.restrictions(item)[0].state is RestrictionState.IN_FORCE
    assert (crew._sweep(), crew._ledger()) == (False, False)
    assert node.ask(ledger.latest_checkpoint) is not None


def test_a_crew_carries_out_what_is_due_and_stops(node, crew, receiver):
    node.bank()
    node.post()
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    crew.start()
    until(lambda: [s.state.value for s in node.statements(decision)] == ["delivered"])
    crew.stop()
    assert [got.message["type"] for got in receiver.received] == ["item.remove", "user.inform"]
    assert not any(thread.is_alive() for thread in crew._threads)


def test_a_loop_outlives_a_failure_and_forgets_it_once_it_works(node, crew, caplog):
    fails = threading.Event()
    fails.set()
    turns = []

    def turn():
        turns.append(None)
        if fails.is_set():
            raise RuntimeError("not today")
        return False

    crew._loop("trial", turn, 0.01)
    until(lambda: "trial" in node.house.watch.failures)
    assert node.house.watch.failures == {"trial": "RuntimeError"}
    fails.clear()
    until(lambda: not node.house.watch.failures)
    assert len(turns) >= 2
    assert "the loop trial failed and goes on" in caplog.text


def test_more_to_do_is_done_without_a_pause(node, crew):
    turns = []

    def turn():
        turns.append(None)
        return len(turns) < 50

    crew._loop("busy", turn, 1000)
    until(lambda: len(turns) == 50)


def test_a_crew_looks_at_the_health_of_its_node(node, crew):
    node.house.decoder.losses_in_a_row = DECODER_LOSSES_MAX
    crew.start()
    until(lambda: Alarm.DECODER_FAILING in node.house.watch.raised)
    crew.stop()


def test_one_worker_claims_no_more_than_it_can_do():
    assert crew_module.EFFECTS_CLAIMED_MAX == 1


def test_what_waits_beside_the_record_is_entered(node, crew):
    now = node.clock.now()
    given: dict[str, object] = {"url": "https://agora.example/p/1", "explanation": "It calls on others.", "name": "Ada"}
    given |= {"email": "ada@mail.example", "good_faith": True}
    body = {"given": given, "promised": asdict(promise_notice(now)), "platform_id": None}
    node.house.spool.put(Spooled("notice", "spl_1", now, Actor("public"), body))
    assert crew._spool() is False
    assert node.house.spool.waiting == 0
    assert node.house.reserve.is_kept
    assert node.ask(lambda conn: [event.type for event in events.newest(conn, 1)]) == ["spooled-act-entered"]


def test_a_record_that_cannot_be_written_yet_is_no_failure_of_the_loop(node, crew, monkeypatch):
    def away(_house):
        raise Unavailable("record-not-written", "not yet")

    monkeypatch.setattr(crew_module.spool, "drain", away)
    assert crew._spool() is False
