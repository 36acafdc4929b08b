"""Terms, a rule and a decision, in tests."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from beffroi.decisions import policies, service
from beffroi.decisions.model import (
    Act,
    Clause,
    Decision,
    Exemption,
    Ground,
    GroundKind,
    ItemRevision,
    Policy,
    StandingRule,
)
from beffroi.decisions.rules import Decide, ProposeRule
from beffroi.ground.kernel.ids import BankId, PersonId
from tests.databases import HouseDb
from tests.unit.content.given import take

NOOR, TOMAS, IOANA = (PersonId(f"prs_{name}") for name in ("noor", "tomas", "ioana"))
BANK = BankId("bnk_1")
SENTENCE = "Nearest is journalism; nothing in it reports, it only praises."
CLAUSES = (
    Clause("1", {"en": "Lamps"}, {"en": "Do not burn lamps."}, "terrorist_content", 3),
    Clause("2", {"en": "Groups"}, {"en": "Do not collect oil."}, "terrorist_content", 4, four_eyes=True),
)


def published(house: HouseDb, clauses: tuple[Clause, ...] = CLAUSES, of: Policy | None = None) -> Policy:
    return house.run(lambda tx: policies.publish(tx, of.id if of else None, "Terms", clauses, IOANA))


def ground(policy: Policy, clause: str = "1", number: int | None = None) -> Ground:
    return Ground(GroundKind.TERMS, policy.id, policy.number if number is None else number, clause)


def posted(house: HouseDb, number: int = 1, **changes: Any) -> ItemRevision:
    item = take(house, platform_id=f"p-{number}", **changes).item
    return ItemRevision(item.id, item.revision)


def removal(on: Ground | None, *items: ItemRevision, **changes: Any) -> Decide:
    return replace(Decide(None, Act.REMOVE, items, None, on, Exemption.JOURNALISM, SENTENCE), **changes)


def decided(house: HouseDb, command: Decide, person: PersonId = NOOR, *, four_eyes: bool = True) -> Decision:
    return house.run(lambda tx: service.decide(tx, command, person, four_eyes=four_eyes))


def standing_rule(house: HouseDb, on: Ground, **changes: Any) -> StandingRule:
    now = house.clock.now()
    wanted = replace(ProposeRule("Exact copies", BANK, Act.HOLD, 0, on, now, now + timedelta(days=90), 20), **changes)
    rule = house.run(lambda tx: service.propose_rule(tx, wanted, IOANA))
    return house.run(lambda tx: service.approve_rule(tx, rule.id, TOMAS))
