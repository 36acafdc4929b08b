"""The table of reactions: whole, acyclic, and what stands in it happens."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

import beffroi
from beffroi.actions import service as actions
from beffroi.actions.model import ActionCarriedOut, CauseEnded, RestrictionLifted, RestrictionState, Verification
from beffroi.actions.service import EFFECT as PLATFORM_ACT
from beffroi.cases import store as cases_store
from beffroi.cases.model import CaseState
from beffroi.content import store as content_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, DecisionMade, DecisionReversed, DecisionUndone, HoldEnded
from beffroi.doors.platforms import Refused
from beffroi.flow import decide, notice, platform_events, reactions
from beffroi.flow.records import KEEPINGS
from beffroi.flow.verdict import Word
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records.erasure import erase
from beffroi.ground.storage import Actor, Event
from beffroi.ground.storage.events import event_table
from beffroi.matching import service as matching
from beffroi.matching import store as matching_store
from beffroi.matching.model import EntryGiven
from beffroi.notices.model import StatementKind
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import IOANA, PLATFORM, TOMAS

for module in pkgutil.walk_packages(beffroi.__path__, "beffroi."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)


def events(of: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event type of the product; tests define their own."""
    for kind in of.__subclasses__():
        yield from events(kind)
        # A dataclass with slots is a second class; the first one lives on until it is collected.
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind and kind.__module__.startswith(
            "beffroi."
        ):
            yield kind


def test_every_event_there_is_stands_in_the_table_and_nothing_else():
    assert set(reactions.REACTIONS) == set(events())


def test_names_of_events_are_not_shared():
    names = [kind.type() for kind in reactions.REACTIONS]
    assert len(names) == len(set(names))


@pytest.fixture
def steps(monkeypatch):
    """Which kind of event led to which, as it happens."""
    seen: set[tuple[type, type]] = set()

    def watched(kind, reaction):
        def run(tx, event):
            before = len(tx.recorded)
            reaction(tx, event)
            seen.update((kind, type(led_to)) for led_to in list(tx.recorded)[before:])

        return run

    table = {kind: tuple(watched(kind, one) for one in row) for kind, row in reactions.REACTIONS.items()}
    monkeypatch.setattr(reactions, "REACTIONS", table)
    return seen


def reached(steps, start):
    found, waiting = set(), {start}
    while waiting:
        waiting = {after for before, after in steps if before in waiting} - found
        found |= waiting
    return found


def test_no_event_leads_back_to_its_own_kind(node, steps):
    """Everything that reacts is made to: rules, notices, four eyes, undo, reversal, deletion, time."""
    bank = node.bank()
    node.rule(bank.id, Act.HOLD)
    for number in range(1, 6):
        node.post(number)
    notice.receive(node.house, Actor("public"), NOTICE)
    one, two, three, four, five, _ = node.cases()
    node.undo(node.decide(one))
    removed = node.decide(node.ask(cases_store.CASES.load, one.id))
    node.decide(two, Act.NO_ACTION)
    proposed = node.decide(three, clause="2")
    decide.second(node.house, Actor("person", TOMAS), TOMAS, proposed.id, agrees=False)
    platform_events.item_deleted(node.house, PLATFORM, f"p-{_number(node, four)}")
    node.move(seconds=60)
    node.work()
    node.reverse(removed)
    node.move(hours=24)
    node.sweep()
    node.work()
    assert five.state is CaseState.OPEN
    assert {DecisionMade, DecisionUndone, DecisionReversed, HoldEnded, ActionCarriedOut, RestrictionLifted} <= {
        before for before, _ in steps
    }
    assert [kind.__name__ for kind in reactions.REACTIONS if kind in reached(steps, kind)] == []


def _number(node, case):
    return node.ask(content_store.platform_id_of_item, case.items[0].item).removeprefix("p-")


def test_a_loop_would_be_stopped(node, monkeypatch):
    def again(tx, event):
        tx.record(event)

    monkeypatch.setattr(reactions, "REACTIONS", {CauseEnded: (again,)})
    before = node.ask(lambda conn: len(conn.execute(event_table.select()).all()))
    event = CauseEnded("rst_1", "dec_1", "time", node.clock.now(), True)
    with pytest.raises(InvariantViolated) as raised:
        node.write(lambda tx: tx.record(event))
    assert raised.value.code == "reactions-run-on"
    assert node.ask(lambda conn: len(conn.execute(event_table.select()).all())) == before


def _entries(conn, bank):
    entry = matching_store.bank_entry
    return conn.execute(entry.select().with_only_columns(entry.c.id).where(entry.c.bank == bank)).scalars().all()


def test_an_entry_can_be_described(node):
    bank = node.bank()
    [entry] = node.ask(lambda conn: _entries(conn, bank.id))
    given = EntryGiven("phrase", "x", description="a song about lamps")
    assert node.write(matching.describe_entry, entry, given, IOANA).given.description == "a song about lamps"


# ── holds ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def held(any_node):
    """An upload held by rule, and its case."""
    any_node.rule(any_node.bank().id, Act.HOLD)
    answer = any_node.post()
    assert answer.word is Word.HOLD
    any_node.platform.hidden.add("p-1")
    [case] = any_node.cases()
    return any_node, answer, case


def states(node, item):
    return {r.kind.value: r.state.value for r in node.restrictions(item)}


def hold_decision(node, answer):
    return next(d for d in node.ask(decisions_store.of_item, answer.item) if d.act is Act.HOLD)


def test_a_hold_ends_after_its_time_and_the_item_is_published(held):
    node, answer, case = held
    node.move(hours=23, minutes=59)
    assert node.sweep() == 0
    node.move(minutes=1)
    assert node.sweep() == 1
    node.work()
    assert states(node, answer.item) == {"hold": "lifted"}
    assert node.platform.hidden == set()
    assert [s.kind for s in node.statements(hold_decision(node, answer))] == [
        StatementKind.RESTRICTED, StatementKind.PUT_BACK
    ]  # fmt: skip
    assert node.ask(cases_store.CASES.load, case.id).state is CaseState.OPEN


def test_no_action_publishes_what_was_held(held):
    node, answer, case = held
    node.decide(case, Act.NO_ACTION)
    node.work()
    assert states(node, answer.item) == {"hold": "lifted"}
    assert node.platform.hidden == set()


def test_a_hold_gives_way_to_a_removal_without_ever_showing_the_item(held):
    node, answer, case = held
    decision = node.decide(case)
    node.work()
    assert states(node, answer.item) == {"remove": "planned", "hold": "in_force"}
    node.move(seconds=60)
    node.work()
    assert states(node, answer.item) == {"remove": "in_force", "hold": "lifted"}
    assert "item.restore" not in node.platform.asked()
    assert node.platform.hidden == {"p-1"}
    assert [s.kind for s in node.statements(hold_decision(node, answer))] == [StatementKind.RESTRICTED]
    node.reverse(decision)
    node.work()
    assert node.platform.hidden == set()


def test_an_undone_removal_leaves_the_hold(held):
    node, answer, case = held
    node.undo(node.decide(case))
    node.work()
    assert states(node, answer.item) == {"remove": "withdrawn", "hold": "in_force"}
    assert node.platform.hidden == {"p-1"}


def test_a_hold_whose_time_ends_inside_an_undo_hold_waits_for_the_removal(held):
    node, answer, case = held
    node.move(hours=23, minutes=59, seconds=30)
    node.decide(case)
    node.move(seconds=30)
    assert node.sweep() == 1
    node.work(rounds=40)
    assert states(node, answer.item) == {"remove": "in_force", "hold": "lifted"}
    assert "item.restore" not in node.platform.asked()


def test_a_refused_removal_does_not_publish_what_was_held(held):
    node, answer, case = held
    node.work(rounds=1)
    node.decide(case)
    node.platform.answers = [Refused("no", final=True)]
    node.move(seconds=60)
    node.work(rounds=2)
    assert states(node, answer.item) == {"remove": "failed", "hold": "in_force"}
    assert node.platform.hidden == {"p-1"}


# ── being told ────────────────────────────────────────────────────────────────────────────────────


def removed_item(node):
    node.bank()
    answer = node.post()
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    node.work()
    return answer, decision


def test_a_decision_that_joins_a_restriction_in_force_is_told_too(node):
    answer, first = removed_item(node)
    second = _again(node)
    assert [s.kind for s in node.statements(second)] == [StatementKind.RESTRICTED]
    node.reverse(first)
    node.work()
    assert [s.kind for s in node.statements(first)] == [StatementKind.RESTRICTED]
    assert states(node, answer.item) == {"remove": "in_force"}
    node.reverse(second)
    node.work()
    assert StatementKind.PUT_BACK in [s.kind for s in node.statements(first)]
    assert node.platform.asked().count("item.restore") == 1


def _again(node):
    """A notice about the removed item, decided likewise."""

    _notice(node)
    return node.decide(node.cases()[0])


def _notice(node):
    notice.receive(node.house, Actor("public"), replace(NOTICE, url="https://agora.example/p/p-1"))


def test_nobody_is_told_of_a_put_back_while_something_else_hides_the_item(node):
    answer, first = removed_item(node)

    _notice(node)
    second = node.decide(node.cases()[0], Act.DISABLE)
    node.move(seconds=60)
    node.work()
    node.reverse(first)
    node.work()
    assert states(node, answer.item) == {"disable": "in_force", "remove": "lifted"}
    assert [s.kind for s in node.statements(first)] == [StatementKind.RESTRICTED]
    node.reverse(second)
    node.work()
    assert [s.kind for s in node.statements(second)] == [StatementKind.RESTRICTED, StatementKind.PUT_BACK]


def test_after_the_author_was_erased_the_act_is_written_down_and_nobody_told(node):
    node.bank()
    answer = node.post()
    decision = node.decide(node.cases()[0])
    node.move(seconds=60)
    effects = node.claimed()
    assert [one.kind for one in effects] == [PLATFORM_ACT]
    [restriction] = node.restrictions(answer.item)
    account = node.ask(lambda conn: conn.exec_driver_sql("SELECT id FROM account").scalar())
    node.write(lambda tx: erase(tx, SubjectId(account), "request", KEEPINGS))

    node.write(actions.carried_out, restriction.id, Verification.VERIFIED)
    assert node.restrictions(answer.item)[0].state is RestrictionState.IN_FORCE
    assert node.statements(decision) == []


def test_a_lease_and_a_restriction_end_in_one_sweep_each_by_its_own_row(node):
    node.bank()
    answer = node.post()
    node.post(2)
    first, second = node.cases()
    decision = node.decide(first, until=node.clock.now() + timedelta(days=1))
    node.claim(second)
    node.move(days=1)
    node.work()
    assert node.sweep() == 2
    node.work()
    assert "lifted" in states(node, decision.items[0].item).values()
    assert answer.item
