"""A case under any order of commands: what is refused leaves no trace, and the row is the sum of its events.

A small model beside the real thing says what must come of each command.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from beffroi.cases import rules, service, store
from beffroi.cases.model import CaseState
from beffroi.ground.kernel.errors import Conflict, NotAllowed
from beffroi.ground.kernel.ids import DecisionId
from beffroi.ground.storage import metadata
from tests.databases import HouseDb
from tests.unit.cases.scene import IOANA, LEASE, NOOR, TOMAS, item, load, opened

people = st.sampled_from([NOOR, TOMAS, IOANA])


class OneCase(RuleBasedStateMachine):
    """`expected`: state, holder (with the end of the lease), proposer, for whom."""

    @initialize()
    def open_it(self):
        self.folder = TemporaryDirectory()
        self.house = HouseDb(f"sqlite:///{self.folder.name}/x.db", Path(self.folder.name))
        metadata.create_all(self.house.database.writer)
        self.case = opened(self.house, item(self.house), cluster="ent_1")
        self.state, self.held, self.until, self.proposer, self.meant = CaseState.OPEN, None, None, None, None
        self.decision = None
        self.decisions = 0

    def holder(self):
        return self.held if self.until is not None and self.until > self.house.clock.now() else None

    def is_open(self):
        return self.state in rules.OPEN

    def attempt(self, allowed, command):
        """Do it; refused exactly when not `allowed`, and then nothing has changed."""
        before, events = load(self.house, self.case), len(self.house.recorded)
        try:
            self.house.run(command)
        except (Conflict, NotAllowed):
            assert not allowed
            assert load(self.house, self.case) == before
            assert len(self.house.recorded) == events
        else:
            assert allowed

    def free(self):
        self.held = self.until = None

    @rule(person=people)
    def claim(self, person):
        own_proposal = self.state is CaseState.AWAITS_SECOND and self.proposer == person
        allowed = self.is_open() and self.holder() in {None, person} and not own_proposal
        self.attempt(allowed, lambda tx: service.claim(tx, self.case.id, person, LEASE))
        if allowed:
            self.held, self.until = person, self.house.clock.now() + LEASE

    @rule(person=people)
    def give_back(self, person):
        allowed = self.is_open() and self.holder() == person
        self.attempt(allowed, lambda tx: service.give_back(tx, self.case.id, person))
        if allowed:
            self.free()
            self.meant = None

    @rule(person=people, reason=st.sampled_from(["", "not me"]))
    def skip(self, person, reason):
        own_proposal = self.state is CaseState.AWAITS_SECOND and self.proposer == person
        holds = self.holder() == person
        allowed = self.is_open() and (holds or (self.holder() is None and not own_proposal))
        self.attempt(allowed, lambda tx: service.skip(tx, self.case.id, person, reason, LEASE))
        if allowed:
            self.free()
            self.meant = None

    @rule(person=people, to=st.none() | people)
    def hand_over(self, person, to):
        allowed = self.is_open() and self.holder() == person and to != person
        self.attempt(allowed, lambda tx: service.hand_over(tx, self.case.id, person, to, "see above"))
        if allowed:
            self.free()
            self.meant = to

    @rule(person=people)
    def propose(self, person):
        """What `flow.decide` does for a decision that needs a second person."""
        allowed = self.state is CaseState.OPEN and self.holder() == person
        decision = DecisionId(f"dec_{self.decisions}")

        def work(tx):
            rules.may_decide(store.CASES.load(tx.conn, self.case.id), person, tx.now)
            service.proposed(tx, self.case.id, decision, person)

        self.attempt(allowed, work)
        if allowed:
            self.free()
            self.state, self.proposer, self.meant, self.decision = CaseState.AWAITS_SECOND, person, None, decision
            self.decisions += 1

    @rule(person=people, stale=st.booleans())
    def second(self, person, stale):
        decision = DecisionId("dec_other") if stale else (self.decision or DecisionId("dec_none"))
        allowed = self.state is CaseState.AWAITS_SECOND and not stale

        def work(tx):
            rules.may_second(store.CASES.load(tx.conn, self.case.id), decision)
            service.decided(tx, self.case.id, decision, confirmed=True)

        self.attempt(allowed, work)
        if allowed:
            self.free()
            self.state = CaseState.DECIDED

    @rule(person=people)
    def decide(self, person):
        allowed = self.state is CaseState.OPEN and self.holder() == person
        decision = DecisionId(f"dec_{self.decisions}")

        def work(tx):
            rules.may_decide(store.CASES.load(tx.conn, self.case.id), person, tx.now)
            service.decided(tx, self.case.id, decision, confirmed=False)

        self.attempt(allowed, work)
        if allowed:
            self.free()
            self.state, self.decision = CaseState.DECIDED, decision
            self.decisions += 1

    @rule()
    def reopen(self):
        self.attempt(True, lambda tx: service.reopen(tx, self.case.id, "decision-undone"))
        if self.state in {CaseState.DECIDED, CaseState.AWAITS_SECOND}:
            self.free()
            self.state, self.proposer, self.decision = CaseState.OPEN, None, None

    @rule(person=people)
    @precondition(lambda self: self.decisions > 1)
    def seal(self, person):
        allowed = self.is_open()
        self.attempt(allowed, lambda tx: service.seal(tx, self.case.id, person))
        if allowed:
            self.free()
            self.state = CaseState.SEALED

    @rule()
    @precondition(lambda self: self.decisions > 1)
    def withdraw(self):
        self.attempt(True, lambda tx: service.withdraw_of_item(tx, self.case.items[0].item, "deleted_by_author"))
        if self.is_open():
            self.free()
            self.state = CaseState.WITHDRAWN

    @rule(minutes=st.sampled_from([1, 14, 15, 16]))
    def wait(self, minutes):
        self.house.clock.move(timedelta(minutes=minutes))

    @rule()
    def sweep(self):
        over = self.is_open() and self.held is not None and self.holder() is None
        assert self.house.run(lambda tx: service.end_leases(tx, 10)) == int(over)
        if over:
            self.free()
            self.meant = None

    @invariant()
    def the_model_agrees(self):
        now, case = self.house.clock.now(), load(self.house, self.case)
        assert (case.state, rules.holder(case, now), case.for_person) == (self.state, self.holder(), self.meant)
        assert case.proposed_by == self.proposer or case.state is not CaseState.AWAITS_SECOND
        assert (case.decision, case.id) == (self.decision, self.case.id)

    @invariant()
    def the_row_is_the_sum_of_its_events(self):
        assert self.house.ask(store.CASES.disagreements) == []

    def teardown(self):
        if hasattr(self, "house"):
            self.house.close()
            self.folder.cleanup()


TestOneCase = OneCase.TestCase
TestOneCase.settings = settings(max_examples=25, stateful_step_count=30)
