"""A real house with a platform in memory: what tests of the flow and of the workers stand on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from beffroi import app
from beffroi.actions import store as actions_store
from beffroi.actions.model import Restriction, Verification
from beffroi.app import open_house
from beffroi.cases import service as cases
from beffroi.cases import store as cases_store
from beffroi.cases.model import Case
from beffroi.content.model import AccountGiven, Submission
from beffroi.decisions import policies
from beffroi.decisions import service as decisions
from beffroi.decisions.model import (
    Act,
    Clause,
    Decision,
    Exemption,
    Ground,
    GroundKind,
    ItemRevision,
    StandingRule,
)
from beffroi.decisions.rules import Decide, ProposeRule
from beffroi.doors.platforms import Act as Asked
from beffroi.doors.platforms import Capability, Connector, Done, Expect, Located, Outcome, Sighting, UserReport
from beffroi.doors.workers.outward import perform
from beffroi.flow import decide, screening, sweeps
from beffroi.flow.house import House
from beffroi.flow.records import ROWS
from beffroi.flow.verdict import Verdict
from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.ids import BankId, PersonId
from beffroi.ground.storage import Actor, Tx, effects
from beffroi.ground.storage.effects import StoredEffect
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service as matching
from beffroi.matching.model import Bank, BankTerms, EntryGiven
from beffroi.notices import store as notices_store
from beffroi.notices.model import Statement
from beffroi.settings import Settings
from beffroi.signals import Decoder

T = TypeVar("T")

NOOR, TOMAS, IOANA = (PersonId(f"prs_{name}") for name in ("noor", "tomas", "ioana"))
PLATFORM = Actor("key", "key_agora")
PHRASE = "the lamps go out on market day"
SENTENCE = "Nearest is journalism; nothing in it reports, it only praises."
CLAUSES = (
    Clause("1", {"en": "Lamps"}, {"en": "Do not burn lamps."}, "terrorist_content", 3),
    Clause("2", {"en": "Groups"}, {"en": "Do not collect oil."}, "terrorist_content", 4, four_eyes=True),
)


@dataclass
class Platform:
    """A platform that does what it is asked, unless `answers` says otherwise; `hidden` is what the public misses."""

    capabilities: frozenset[Capability] = frozenset(Capability)
    name: str = "memory"
    acts: list[Any] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    looked: list[tuple[str, Expect]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    reported: list[list[UserReport]] = field(default_factory=list)

    def perform(self, act: Asked) -> Outcome:
        self.acts.append(act)
        outcome = self.answers.pop(0) if self.answers else Done("done")
        if isinstance(outcome, Done) and act.item is not None:
            kind = getattr(act, "kind", "verdict.ready")
            self.hidden |= {act.item.platform_id} if kind in {"item.remove", "item.disable", "item.hold"} else set()
            self.hidden -= {act.item.platform_id} if kind == "item.restore" else set()
        return outcome

    def verify(self, url: str, expect: Expect, territories: tuple[str, ...] = ()) -> Sighting:
        self.looked.append((url, expect))
        is_hidden = url.rpartition("/")[2] in self.hidden
        fits = is_hidden is (expect is Expect.NOT_VISIBLE)
        odd = Verification.STILL_HIDDEN if is_hidden else Verification.STILL_VISIBLE
        return Sighting(Verification.VERIFIED if fits else odd, "status")

    def locate(self, url: str) -> Located | None:
        return Located(self.places[url]) if url in self.places else None

    def reports(self, after: str) -> tuple[UserReport, ...]:
        return tuple(self.reported.pop(0)) if self.reported else ()

    def asked(self) -> list[str]:
        """The kinds of acts, in order."""
        return [str(getattr(act, "kind", "verdict.ready")) for act in self.acts]


class Node:
    """A house, its clock, its platform, and everyday commands in one word each."""

    def __init__(self, house: House, clock: FakeClock) -> None:
        self.house, self.clock, self.platform = house, clock, Platform()
        self.ground: Ground | None = None

    def write(self, work: Callable[..., T], *arguments: Any, person: PersonId = NOOR, **named: Any) -> T:
        return self.house.write("law", Actor("person", person), lambda tx: work(tx, *arguments, **named))

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        with self.house.read() as conn:
            return question(conn, *arguments, **named)

    def move(self, **by: float) -> None:
        self.clock.move(timedelta(**by))

    # what a node has before anything is posted

    def terms(self) -> Ground:
        policy = self.write(policies.publish, None, "Terms", CLAUSES, IOANA)
        self.ground = Ground(GroundKind.TERMS, policy.id, policy.number, "1")
        return self.ground

    def bank(self, *phrases: str, confirmed: bool = True, name: str = "Kettle phrases", **terms: Any) -> Bank:
        def work(tx: Tx) -> Bank:
            made = matching.create_bank(tx, BankTerms(name, "invented", **terms), IOANA)
            for phrase in phrases or (PHRASE,):
                entry = matching.add_entry(tx, made.id, EntryGiven("phrase", phrase), IOANA)
                if confirmed:
                    matching.confirm_here(tx, entry.id, IOANA)
            return matching.promote(tx, made.id, IOANA)

        bank = self.write(work)
        self.house.index.invalidate()
        return bank

    def rule(self, bank: BankId, act: Act = Act.HOLD, **changes: Any) -> StandingRule:
        now = self.clock.now()
        wanted = ProposeRule("Known words", bank, act, 0, self.cited(), now, now + timedelta(days=90), 20)
        made = self.write(decisions.propose_rule, replace(wanted, **changes), IOANA)
        return self.write(decisions.approve_rule, made.id, TOMAS)

    def cited(self, clause: str = "1") -> Ground:
        return replace(self.ground or self.terms(), clause=clause)

    # what platforms and people do

    def given(self, number: int = 1, text: str = PHRASE, **changes: Any) -> Submission:
        name = f"p-{number}"
        made = Submission(name, AccountGiven("u-1", "Somebody"), text=text, url=f"https://agora.example/p/{name}")
        return replace(made, **changes)

    def post(self, number: int = 1, text: str = PHRASE, **changes: Any) -> Verdict:
        [answer] = screening.screen(self.house, PLATFORM, [self.given(number, text, **changes)])
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def cases(self) -> list[Case]:
        return self.ask(cases_store.queue, limit=50)

    def claim(self, case: Case, person: PersonId = NOOR) -> Case:
        return self.write(cases.claim, case.id, person, timedelta(minutes=15), person=person)

    def command(self, case: Case, act: Act = Act.REMOVE, clause: str = "1", **changes: Any) -> Decide:
        items = {i.item: ItemRevision(i.item, i.revision) for i in case.items}
        wanted = Decide(case.id, act, tuple(items.values()), None, None, None, "")
        if act is not Act.NO_ACTION:
            assessed = {"exemption": Exemption.JOURNALISM, "exemption_sentence": SENTENCE}
            wanted = replace(wanted, ground=self.cited(clause), **assessed)
        return replace(wanted, **changes)

    def decide(self, case: Case, act: Act = Act.REMOVE, clause: str = "1", **changes: Any) -> Decision:
        self.claim(case)
        command = self.command(case, act, clause, **changes)
        return decide.decide(self.house, Actor("person", NOOR), NOOR, command).decision

    def undo(self, decision: Decision, person: PersonId = NOOR) -> Decision:
        return decide.undo(self.house, Actor("person", person), person, decision.id)

    def reverse(self, decision: Decision, reason: str = "It was a song.") -> bool:
        return decide.reverse(self.house, Actor("person", TOMAS), TOMAS, decision.id, reason)

    # what workers do

    def claimed(self, limit: int = 50) -> list[StoredEffect]:
        lease = timedelta(minutes=1)
        return self.house.write("law", NODE, lambda tx: effects.claim(tx.conn, tx.now, limit=limit, lease=lease))

    def work(self, connector: Connector | None = None, *, rounds: int = 5) -> int:
        """Perform what is due, and what becomes due by that, a second later each round; returns how many tries."""
        done = 0
        for _ in range(rounds):
            for effect in self.claimed():
                perform(self.house, connector or self.platform, effect)
                done += 1
            self.move(seconds=1)
        return done

    def sweep(self) -> int:
        return sweeps.sweep(self.house)

    # what came of it

    def restrictions(self, item: Any) -> list[Restriction]:
        return self.ask(actions_store.of_item, item)

    def statements(self, decision: Decision) -> list[Statement]:
        return self.ask(notices_store.of_decision, decision.id)

    def sound(self) -> bool:
        """Every row of every capability is the sum of its events."""
        return [row for rows in ROWS for row in self.ask(rows.disagreements)] == []


@contextmanager
def opened(
    folder: Path, decoder: Decoder | None = None, clock: FakeClock | None = None, **given: Any
) -> Iterator[Node]:
    """A node in `folder`. Without `decoder` it reads texts only: starting a child takes longer than a test."""
    clock = clock or FakeClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Decoder", lambda _count: nullcontext(decoder or Decoder()))
        with open_house(Settings(data=folder, argon2="cheap", decoders=1, **given), clock) as house:
            yield Node(house, clock)
