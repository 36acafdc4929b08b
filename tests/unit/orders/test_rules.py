"""Every (state, command) pair of the order machine that can be reached, against law.md (b); and the hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, Refusal
from beffroi.ground.kernel.ids import AuthorityId, DecisionId, ItemId, OrderId, OrderItemId, PersonId
from beffroi.ground.storage import Event
from beffroi.orders import rules, state
from beffroi.orders.events import ItemListed, OrderReceived
from beffroi.orders.model import (
    Annex,
    Appeal,
    Authentication,
    ItemState,
    Obstacle,
    Order,
    OrderItem,
    Scrutiny,
    Validity,
)
from tests.unit.orders.machine import COMMANDS, State, after

NOW = datetime(2026, 11, 28, 2, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=20)
NOOR, OFFICE = PersonId("prs_noor"), AuthorityId("aut_1")


def received(*, secret: bool = True, authentic: bool = False) -> Order:
    authentication = Authentication.AUTHENTIC if authentic else Authentication.PROVISIONAL
    until = NOW + timedelta(weeks=6) if secret else None
    event = OrderReceived(OrderId("ord_1"), "7F", None, (), True, (), 1, NOW, NOW, authentication, until, NOW)
    return state.apply(None, event)


def listed(item: str | None = "itm_1") -> OrderItem:
    return state.apply_item(
        None, ItemListed(OrderItemId("ori_1"), OrderId("ord_1"), 1, ItemId(item) if item else None, 1)
    )


def play(order: Order, events: list[Event]) -> Order:
    for event in events:
        order = state.apply(order, event)
    return order


def play_item(item: OrderItem, events: list[Event]) -> OrderItem:
    for event in events:
        item = state.apply_item(item, event)
    return item


def put_back(item: OrderItem) -> OrderItem:
    """What the platform does when the order has ended and nothing else keeps the item down."""
    return play_item(item, rules.reinstated(item, SOON))


def run(order: Order, item: OrderItem, command: str) -> tuple[Order, OrderItem]:
    """The command by the product's rules; raises what they raise."""
    if command in _HEARD:
        return _heard(order, item, command)
    if command in _ITEM:
        rules.may_execute(order) if command in {"execute", "find"} else None
        return _settled(order, play_item(item, _some(_ITEM[command](item))))
    return play(order, _DONE[command](order, item)), item


_ITEM = {
    "execute": lambda i: rules.carry_out(i, DecisionId("dec_1"), NOOR, SOON),
    "find": lambda i: rules.found(i, ItemState.NOT_FOUND, NOOR, SOON),
    "done": lambda i: rules.done(i, ItemState.DISABLED, SOON),
    "failed": rules.failed,
}
_ERRORS = (Obstacle.MANIFEST_ERRORS,)
_DONE = {
    "authenticate": lambda o, i: rules.authenticate(o, OFFICE, NOOR, "1", SOON, competent=True),
    "forged": lambda o, i: rules.forged(o, NOOR, SOON),
    "reroute": lambda o, i: rules.reroute(o, NOOR, SOON),
    "clarify": lambda o, i: rules.ask_clarification(o, NOOR, _ERRORS, SOON, open_items=_is_open(i)),
    "impossible": lambda o, i: rules.impossible(o, NOOR, SOON, open_items=_is_open(i)),
    "answer_ii": lambda o, i: rules.answer(o, Annex.II, SOON, done_items=int(i.state in rules.DOWN)),
    "answer_iii": lambda o, i: rules.answer(o, Annex.III, SOON, done_items=int(i.state in rules.DOWN)),
}


def _is_open(item: OrderItem) -> int:
    return int(item.state in rules.TO_DO)


_HEARD = {
    "clarified": lambda o: rules.clarified(o, SOON, SOON),
    "lapse": lambda o: rules.lapse(o, NOOR, SOON),
    "ceased": lambda o: rules.ceased(o, SOON, SOON),
    "withdraw": lambda o: rules.end(o, Validity.WITHDRAWN, SOON),
    "suspend": lambda o: rules.end(o, Validity.SUSPENDED, SOON),
    "annul": lambda o: rules.end(o, Validity.ANNULLED_BY_COURT, SOON),
    "finalise": lambda o: rules.finalise(o, SOON),
    "ask_scrutiny": lambda o: rules.note_scrutiny(o, Scrutiny.ASKED, SOON),
    "intend": lambda o: rules.note_scrutiny(o, Scrutiny.INTENDED, SOON),
    "no_infringement": lambda o: rules.note_scrutiny(o, Scrutiny.NO_INFRINGEMENT, SOON),
    "infringement": lambda o: rules.note_scrutiny(o, Scrutiny.INFRINGEMENT, SOON),
    "file_appeal": lambda o: rules.note_appeal(o, Appeal.FILED, SOON),
    "end_appeal": lambda o: rules.note_appeal(o, Appeal.ENDED, SOON),
    "extend_secrecy": lambda o: rules.extend_secrecy(o, SOON),
    "lift_secrecy": lambda o: rules.end_secrecy(o, SOON, lifted=True),
}


def _heard(order: Order, item: OrderItem, command: str) -> tuple[Order, OrderItem]:
    before, order = order, play(order, _HEARD[command](order))
    ended = before.validity != order.validity and order.validity not in {Validity.LIVE, Validity.FINAL}
    item = put_back(item) if ended and item.decision else item
    item = play_item(item, rules.due_again(item)) if command == "finalise" else item
    # what was carried out while an answer was awaited is met as soon as it comes
    return _settled(order, item) if command in {"finalise", "clarified", "ceased"} else (order, item)


def _some(events: list[Event]) -> list[Event]:
    if not events:
        raise Conflict("nothing-happened", "an outcome that nobody waits for changes nothing")
    return events


def _settled(order: Order, item: OrderItem) -> tuple[Order, OrderItem]:
    return play(order, rules.settle(order, SOON, open_items=_is_open(item))), item


def seen(order: Order, item: OrderItem) -> State:
    return State(
        order.authentication.value, order.handling.value, order.validity.value, order.scrutiny.value,
        order.appeal.value, order.secrecy.value, item.state.value, order.obstacle_at is not None,
    )  # fmt: skip


@pytest.mark.slow
def test_every_pair_of_state_and_command_does_what_the_law_says():
    start = received(), listed()
    waiting, known, pairs = [start], {seen(*start)}, 0
    while waiting:
        order, item = waiting.pop()
        now = seen(order, item)
        for command in COMMANDS:
            pairs += 1
            expected = after(now, command)
            try:
                reached = run(order, item, command)
            except Refusal:
                assert expected is None, (now, command)
                continue
            assert expected is not None, (now, command)
            assert seen(*reached) == expected, (now, command)
            if expected not in known:
                known.add(expected)
                waiting.append(reached)
    assert len(known) > 1000
    assert pairs == len(known) * len(COMMANDS)


def test_a_clarification_moves_the_hour_and_both_ends_are_known():
    order = received(authentic=True)
    asked = play(order, rules.ask_clarification(order, NOOR, (Obstacle.MANIFEST_ERRORS,), SOON, open_items=1))
    assert rules.pass_hour(asked, NOW + timedelta(hours=2), open_items=1) == [], "the hour is off meanwhile"
    answer_at = NOW + timedelta(hours=5)
    again = play(asked, rules.clarified(asked, answer_at, answer_at))
    assert (again.hour_from, again.hour_was_from) == (answer_at, NOW)
    assert rules.pass_hour(again, answer_at + timedelta(minutes=59), open_items=1) == []
    assert rules.pass_hour(again, answer_at + timedelta(hours=1), open_items=1)
    for wrong in (SOON - timedelta(minutes=1), answer_at + timedelta(minutes=1)):
        with pytest.raises(Invalid):
            rules.clarified(asked, wrong, answer_at)


def test_force_majeure_that_ended_before_the_platform_could_say_so():
    order = received(authentic=True)
    told = play(order, rules.impossible(order, NOOR, SOON, open_items=1))
    again = play(told, rules.ceased(told, NOW + timedelta(minutes=10), SOON))
    assert again.hour_from == NOW + timedelta(minutes=10)
    with pytest.raises(Invalid):
        rules.ceased(told, NOW - timedelta(minutes=1), SOON)


def test_a_late_order_is_carried_out_all_the_same_and_late_is_said_once():
    order, late = received(authentic=True), NOW + timedelta(hours=2)
    order = play(order, rules.pass_hour(order, late, open_items=1))
    assert order.overdue_at == late
    assert rules.pass_hour(order, late, open_items=1) == []
    rules.may_execute(order)


def test_secrecy_ends_by_its_time_is_extended_once_and_not_late():
    order = received()
    with pytest.raises(Conflict):
        rules.end_secrecy(order, NOW + timedelta(weeks=6) - timedelta(seconds=1))
    assert rules.end_secrecy(order, NOW + timedelta(weeks=6))
    with pytest.raises(Conflict):
        rules.extend_secrecy(order, NOW + timedelta(weeks=6))
    longer = play(order, rules.extend_secrecy(order, SOON))
    assert longer.secret_until == NOW + timedelta(weeks=12)
    with pytest.raises(Conflict) as refused:
        rules.extend_secrecy(longer, SOON)
    assert refused.value.code == "extended-before"
    with pytest.raises(Conflict):
        rules.extend_secrecy(received(secret=False), SOON)


def test_a_domestic_order_is_never_scrutinised_and_a_late_request_is_only_noted():
    with pytest.raises(Conflict):
        rules.note_scrutiny(replace(received(authentic=True), cross_border=False), Scrutiny.ASKED, SOON)
    [early] = rules.note_scrutiny(received(authentic=True), Scrutiny.ASKED, SOON)
    [late] = rules.note_scrutiny(received(authentic=True), Scrutiny.ASKED, NOW + timedelta(days=9))
    assert (early.late, late.late) == (False, True)


def test_what_stands_in_nobodys_form():
    order, item = received(authentic=True), listed(None)
    with pytest.raises(Invalid):
        rules.ask_clarification(order, NOOR, (), SOON, open_items=1)
    with pytest.raises(Invalid):
        rules.ask_clarification(order, NOOR, (Obstacle.FORCE_MAJEURE,), SOON, open_items=1)
    with pytest.raises(Invalid):
        rules.end(order, Validity.LIVE, SOON)
    with pytest.raises(Conflict):
        rules.carry_out(item, DecisionId("dec_1"), NOOR, SOON)
    with pytest.raises(Invalid):
        rules.found(item, ItemState.REINSTATED, NOOR, SOON)
    with pytest.raises(Invalid):
        rules.found(listed(), ItemState.REMOVED, NOOR, SOON)
    assert rules.found(item, ItemState.REMOVED, NOOR, SOON), "by hand, where the node does not know it"


def test_a_body_without_competence_orders_nothing():
    with pytest.raises(Conflict) as refused:
        rules.authenticate(received(), OFFICE, NOOR, "1", SOON, competent=False)
    assert refused.value.code == "not-competent"
