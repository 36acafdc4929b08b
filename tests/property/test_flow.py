"""A whole node under any order of what platforms, people, workers and time do.

Whatever happens: rows are the sums of their events; once everything due is done, what the public sees is what the
decisions say, and who was told of a put-back has it back.
"""

import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from beffroi.actions.model import HIDES, RestrictionState
from beffroi.cases import store as cases_store
from beffroi.cases.model import CaseState
from beffroi.content import store as content_store
from beffroi.decisions import store as decisions_store
from beffroi.decisions.model import Act, DecisionState
from beffroi.doors.platforms import Done, Refused, Retry, Unknown
from beffroi.flow import platform_events
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import EffectState
from beffroi.notices.model import StatementKind
from tests.unit.flow.node import PLATFORM, opened

numbers = st.integers(1, 3)
EMPTY = TemporaryDirectory()
with opened(Path(EMPTY.name) / "node"):
    pass


class WholeNode(RuleBasedStateMachine):
    """Three posts that match, one rule that holds, one moderator, one platform with moods."""

    @initialize(by_rule=st.sampled_from([None, Act.HOLD, Act.REJECT_UPLOAD]))
    def start(self, by_rule):
        self.closing = ExitStack()
        folder = Path(self.closing.enter_context(TemporaryDirectory())) / "node"
        shutil.copytree(Path(EMPTY.name) / "node", folder)
        self.node = self.closing.enter_context(opened(folder))
        bank = self.node.bank()
        if by_rule is not None:
            self.node.rule(bank.id, by_rule)
        self.revisions: dict[int, int] = {}
        self.decisions = []
        for number in (1, 2, 3):
            self.post(number)

    @rule(number=numbers)
    def post(self, number):
        self.revisions[number] = self.revisions.get(number, 0) + 1
        word = self.node.post(number, revision=self.revisions[number]).word
        if word in {"hold", "reject"}:
            self.node.platform.hidden.add(f"p-{number}")

    @rule(number=numbers)
    @precondition(lambda self: len(self.decisions) > 2)
    def delete(self, number):
        platform_events.item_deleted(self.node.house, PLATFORM, f"p-{number}")

    @rule(act=st.sampled_from([Act.REMOVE, Act.DISABLE, Act.LABEL, Act.NO_ACTION]), carried_out=st.booleans())
    @precondition(lambda self: self.node.cases())
    def decide(self, act, carried_out):
        case = self.node.cases()[0]
        try:
            self.decisions.append(self.node.decide(case, act))
        except Refusal as refusal:
            self.refused(refusal, "deleted-by-author", "item-edited")
        if carried_out:
            self.node.move(seconds=61)
            self.node.work(rounds=2)

    @rule(data=st.data())
    @precondition(lambda self: self.decisions)
    def reverse(self, data):
        try:
            self.node.reverse(data.draw(st.sampled_from(self.decisions)))
        except Refusal as refusal:
            self.refused(refusal, "does-not-stand")

    @rule()
    @precondition(lambda self: self.decisions)
    def undo(self):
        try:
            self.node.undo(self.decisions[-1])
        except Refusal as refusal:
            self.refused(refusal, "not-undoable", "too-late-to-undo")

    def refused(self, refusal, *codes):
        assert refusal.code in codes

    @rule(moods=st.lists(st.sampled_from([Done("done"), Retry("later"), Unknown("lost"), Refused("no", final=True)])))
    def work(self, moods):
        self.node.platform.answers = list(moods)
        self.node.work(rounds=1)
        self.node.platform.answers = []

    @rule(seconds=st.sampled_from([1, 59, 61, 3600, 90_000]))
    def wait(self, seconds):
        self.node.move(seconds=seconds)
        self.node.sweep()

    @invariant()
    def rows_are_the_sums_of_their_events(self):
        assert self.node.sound()

    @invariant()
    def what_stands_has_a_cause(self):
        for restriction in self.restrictions():
            stands = restriction.state in {RestrictionState.PLANNED, RestrictionState.IN_FORCE}
            assert not stands or restriction.live_causes

    @invariant()
    def a_closed_case_has_a_standing_decision(self):
        for case in self.node.ask(cases_store.queue, limit=50, states=(CaseState.DECIDED,)):
            decision = self.node.ask(decisions_store.DECISIONS.load, case.decision)
            assert decision.state in {DecisionState.MADE, DecisionState.REVERSED}
            assert not (case.confirmed and decision.state is DecisionState.REVERSED)

    def items(self):
        found = {n: self.node.ask(content_store.item_by_platform_id, f"p-{n}") for n in self.revisions}
        return {number: item for number, item in found.items() if item is not None}

    def restrictions(self):
        return [one for item in self.items().values() for one in self.node.restrictions(item.id)]

    def teardown(self):
        if hasattr(self, "node"):
            self.everything_due_is_done()
            self.closing.close()

    def everything_due_is_done(self):
        """A platform that obeys again, and a person who retries what failed."""
        for one in self.node.ask(effects.recent, limit=500, state=EffectState.FAILED):
            self.node.write(lambda tx, one=one: effects.retry(tx.conn, one.id, tx.now))
        for _ in range(6):
            self.node.move(minutes=2)
            self.node.sweep()
            self.node.work(rounds=3)
        for number, item in self.items().items():
            hiding = [one for one in self.node.restrictions(item.id) if one.kind in HIDES and one.live_causes]
            assert {one.state for one in hiding} <= {RestrictionState.IN_FORCE}
            assert (f"p-{number}" in self.node.platform.hidden) is bool(hiding)
        for decision in self.decisions:
            kinds = [one.kind for one in self.node.statements(decision)]
            state = self.node.ask(decisions_store.DECISIONS.load, decision.id).state
            assert len(set(kinds)) == len(kinds)
            assert StatementKind.PUT_BACK not in kinds or state is DecisionState.REVERSED
        assert self.node.sound()


TestWholeNode = WholeNode.TestCase
TestWholeNode.settings = settings(max_examples=30, stateful_step_count=20)
