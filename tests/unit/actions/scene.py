"""Decisions and what follows from them, in tests, with nothing that reacts."""

from datetime import timedelta
from typing import Any

from beffroi.actions import service, store
from beffroi.actions.model import Restriction, Verification
from beffroi.decisions.model import Act, Decision
from beffroi.ground.storage import effects
from beffroi.ground.storage.effects import EffectState, StoredEffect
from tests.databases import HouseDb
from tests.unit.decisions.scene import decided, ground, posted, published, removal

UNDO = timedelta(seconds=60)
SEEN = Verification.VERIFIED


def removed(house: HouseDb, *items: Any, **changes: Any) -> Decision:
    """A decision about one item (or `items`), nothing planned yet."""
    cited = changes.pop("ground", None) or ground(published(house))
    return decided(house, removal(cited, *(items or (posted(house),)), **changes), four_eyes=False)


def plan(house: HouseDb, decision: Decision, hold: timedelta = UNDO) -> list[Restriction]:
    return house.run(lambda tx: service.plan(tx, decision, hold))


def planned(house: HouseDb, *items: Any, **changes: Any) -> tuple[Decision, Restriction]:
    decision = removed(house, *items, **changes)
    return decision, plan(house, decision)[0]


def end(house: HouseDb, decision: Decision, why: str = "decision-reversed") -> list[Restriction]:
    return house.run(lambda tx: service.end_causes(tx, decision, why))


def carry_out(house: HouseDb, restriction: Restriction, *, lifting: bool = False) -> Restriction:
    """As a worker does: the outcome, and the end of the effect."""

    def work(tx: Any) -> Restriction:
        after = service.carried_out(tx, restriction.id, SEEN, lifting=lifting)
        settle(tx, effect(house, restriction, 2 if lifting else 1), EffectState.DONE)
        return after

    return house.run(work)


def fail(house: HouseDb, restriction: Restriction, *, lifting: bool = False) -> Restriction:
    def work(tx: Any) -> Restriction:
        after = service.failed(tx, restriction.id, "refused", lifting=lifting)
        settle(tx, effect(house, restriction, 2 if lifting else 1), EffectState.FAILED)
        return after

    return house.run(work)


def settle(tx: Any, one: StoredEffect | None, state: EffectState) -> None:
    if one is not None:
        effects.settle(tx.conn, one.id, tx.now, state, {})


def effect(house: HouseDb, restriction: Restriction, turn: int) -> StoredEffect | None:
    return house.ask(lambda conn: effects.by_key(conn, service.effect_key(restriction.id, turn)))


def begin(house: HouseDb) -> list[StoredEffect]:
    """A worker claims what is due."""
    return house.run(lambda tx: effects.claim(tx.conn, tx.now, limit=10, lease=timedelta(minutes=1)))


def load(house: HouseDb, restriction: Restriction) -> Restriction:
    return house.ask(lambda conn: store.RESTRICTIONS.load(conn, restriction.id))


def sound(house: HouseDb) -> bool:
    return house.ask(store.RESTRICTIONS.disagreements) == []


__all__ = ["Act", "begin", "carry_out", "effect", "end", "fail", "load", "plan", "planned", "posted", "removed"]
