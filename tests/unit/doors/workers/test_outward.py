"""Intent → effect → outcome, against a platform that takes webhooks."""

from beffroi.actions import store as actions
from beffroi.actions.model import RestrictionState, Verification
from beffroi.decisions.model import Act
from beffroi.doors.platforms import Refused, Retry, Unknown
from beffroi.doors.workers import outward
from beffroi.flow import decide
from beffroi.ground.kernel.ids import DecisionId
from beffroi.ground.storage import Actor
from beffroi.notices import store as notices
from beffroi.notices.model import StatementKind, StatementState
from beffroi.staff.model import Role
from tests.crash.receiver import Receiver
from tests.nodes import Running
from tests.unit.doors.workers.conftest import decided, until


def _state(node: Running, decision: DecisionId) -> RestrictionState:
    with node.house.read() as conn:
        return actions.of_decision(conn, decision)[0].state


def test_removed_looked_at_and_told(node: Running, platform: Receiver) -> None:
    decision = decided(node, platform, "p1")
    until(lambda: _state(node, decision) is RestrictionState.IN_FORCE, "it was never carried out")
    assert platform.removed() == ["p1"]
    with node.house.read() as conn:
        [restriction] = actions.of_decision(conn, decision)
    assert restriction.verification is Verification.VERIFIED

    def told() -> bool:
        with node.house.read() as conn:
            return [s.state for s in notices.of_decision(conn, decision)] == [StatementState.DELIVERED]

    until(told, "nobody was told")


def test_reversed_and_put_back_in_this_order(node: Running, platform: Receiver) -> None:
    decision = decided(node, platform, "p2")
    until(lambda: _state(node, decision) is RestrictionState.IN_FORCE, "it was never carried out")
    me = node.people[Role.MODERATOR]
    decide.reverse(node.house, Actor("person", me), me, decision, "It was a festival after all.")
    until(lambda: _state(node, decision) is RestrictionState.LIFTED, "it was never put back")
    acts = [body["type"] for body in platform.applied.values() if str(body["type"]).startswith("item.")]
    assert acts == ["item.remove", "item.restore"]

    def kinds() -> list[StatementKind]:
        with node.house.read() as conn:
            return [s.kind for s in notices.of_decision(conn, decision)]

    until(lambda: kinds() == [StatementKind.RESTRICTED, StatementKind.PUT_BACK], "they were not told it is back")


def test_a_label_carries_its_words(node: Running, platform: Receiver) -> None:
    decision = decided(node, platform, "p3", Act.LABEL)
    until(lambda: _state(node, decision) is RestrictionState.IN_FORCE, "it was never carried out")
    [label] = [body["data"] for body in platform.applied.values() if body["type"] == "item.label"]
    assert isinstance(label, dict)
    assert label["label"]["text"] == "Calls to violence"


def test_pauses_are_short_first_then_long_then_it_ends() -> None:
    pauses = [outward._pause_s(tries, Unknown("no answer")) for tries in range(1, 24)]
    assert pauses[0] is not None
    assert pauses[0] <= 1
    assert max(p for p in pauses[:12] if p is not None) == 60
    assert pauses[-1] is None
    assert outward._pause_s(1, Retry("busy", after_s=7)) == 7
    assert outward._pause_s(1, Refused("blocked", final=False)) is not None
