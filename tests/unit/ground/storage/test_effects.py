"""Intent, effect, outcome: nothing is dropped, nothing is begun by two, nothing is settled twice."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.ids import EffectId
from beffroi.ground.storage import Effect, Tx, effects
from beffroi.ground.storage.effects import EffectState, StoredEffect
from tests.databases import HouseDb

LEASE = timedelta(seconds=30)
LATER = timedelta(minutes=5)


def intend(house: HouseDb, *keys: str, lane: str = "bulk", after: timedelta = timedelta(0)) -> None:
    def work(tx: Tx) -> None:
        for key in keys:
            tx.intend(Effect("ring", key, {"bell": key}, lane), not_before=tx.now + after)

    house.run(work)


def claim(house: HouseDb, limit: int = 10) -> list[StoredEffect]:
    return house.run(lambda tx: effects.claim(tx.conn, tx.now, limit=limit, lease=LEASE))


def keys(claimed: list[StoredEffect]) -> list[str]:
    return [effect.key for effect in claimed]


def stored(house: HouseDb, key: str = "a") -> StoredEffect:
    found = house.ask(lambda conn: effects.by_key(conn, key))
    assert found is not None
    return found


def any_due(house: HouseDb) -> bool:
    return house.ask(lambda conn: effects.any_due(conn, house.clock.now()))


def settle(house: HouseDb, effect: EffectId, state: EffectState, **outcome: object) -> None:
    house.run(lambda tx: effects.settle(tx.conn, effect, tx.now, state, outcome))


def postpone(house: HouseDb, effect: EffectId, by: timedelta) -> None:
    house.run(lambda tx: effects.postpone(tx.conn, effect, tx.now + by, {"outcome": "retry"}))


def test_nothing_is_due(house_db: HouseDb) -> None:
    assert not any_due(house_db)
    assert claim(house_db) == []
    assert house_db.ask(lambda conn: effects.by_key(conn, "a")) is None


def test_law_first_then_the_longest_due(house_db: HouseDb) -> None:
    intend(house_db, "bulk")
    house_db.clock.move(timedelta(seconds=1))
    intend(house_db, "law-2", lane="law", after=timedelta(seconds=1))
    intend(house_db, "law-1", lane="law")
    house_db.clock.move(timedelta(seconds=1))
    assert keys(claim(house_db, limit=2)) == ["law-1", "law-2"]
    assert keys(claim(house_db)) == ["bulk"]


def test_not_before_its_time(house_db: HouseDb) -> None:
    intend(house_db, "a", after=LATER)
    house_db.clock.move(LATER - timedelta(microseconds=1))
    assert not any_due(house_db)
    assert claim(house_db) == []
    house_db.clock.move(timedelta(microseconds=1))
    assert any_due(house_db)
    assert keys(claim(house_db)) == ["a"]


def test_what_is_claimed_is_nobody_elses_until_its_lease_ends(house_db: HouseDb) -> None:
    intend(house_db, "a")
    assert keys(claim(house_db)) == ["a"]
    assert not any_due(house_db)
    assert claim(house_db) == []
    house_db.clock.move(LEASE)
    assert any_due(house_db)
    assert [(effect.key, effect.attempts) for effect in claim(house_db)] == [("a", 1)]
    assert stored(house_db).attempts == 2


@pytest.mark.parametrize("state", [EffectState.DONE, EffectState.FAILED, EffectState.CANCELLED])
def test_what_has_ended_is_not_begun_again(house_db: HouseDb, state: EffectState) -> None:
    intend(house_db, "a")
    (effect,) = claim(house_db)
    settle(house_db, effect.id, state, note="so it was")
    house_db.clock.move(timedelta(days=1))
    assert claim(house_db) == []
    after = stored(house_db)
    assert (after.state, after.outcome, after.lease_until) == (state, {"note": "so it was"}, None)
    assert after.settled_at == house_db.clock.now() - timedelta(days=1)


def test_postponed_it_comes_again_under_the_same_key(house_db: HouseDb) -> None:
    intend(house_db, "a")
    (effect,) = claim(house_db)
    postpone(house_db, effect.id, LATER)
    assert claim(house_db) == []
    house_db.clock.move(LATER)
    (again,) = claim(house_db)
    assert (again.id, again.key, again.attempts) == (effect.id, "a", 1)
    assert (again.payload, again.outcome) == ({"bell": "a"}, {"outcome": "retry"})


@pytest.mark.parametrize("state", [EffectState.DONE, EffectState.FAILED, EffectState.CANCELLED])
def test_who_comes_late_changes_nothing(house_db: HouseDb, state: EffectState) -> None:
    intend(house_db, "a")
    (effect,) = claim(house_db)
    settle(house_db, effect.id, state, note="first")
    before = stored(house_db)
    house_db.clock.move(LEASE)
    settle(house_db, effect.id, EffectState.FAILED, note="late")
    postpone(house_db, effect.id, LATER)
    assert stored(house_db) == before


def test_taken_back_before_it_began(house_db: HouseDb) -> None:
    intend(house_db, "a", after=LATER)
    assert house_db.run(lambda tx: effects.cancel(tx.conn, "a", tx.now))
    assert stored(house_db).state is EffectState.CANCELLED
    assert stored(house_db).settled_at == house_db.clock.now()
    house_db.clock.move(LATER)
    assert claim(house_db) == []


def test_not_taken_back_once_it_began(house_db: HouseDb) -> None:
    intend(house_db, "a")
    (effect,) = claim(house_db)
    assert not house_db.run(lambda tx: effects.cancel(tx.conn, "a", tx.now))
    postpone(house_db, effect.id, LATER)
    assert not house_db.run(lambda tx: effects.cancel(tx.conn, "a", tx.now)), "the platform may have heard of it"
    assert not house_db.run(lambda tx: effects.cancel(tx.conn, "never intended", tx.now))
    assert stored(house_db).state is EffectState.INTENDED


def test_a_failed_one_is_tried_again_when_somebody_says_so(house_db: HouseDb) -> None:
    intend(house_db, "a")
    (effect,) = claim(house_db)
    assert not house_db.run(lambda tx: effects.retry(tx.conn, effect.id, tx.now)), "it has not failed"
    settle(house_db, effect.id, EffectState.FAILED)
    assert house_db.run(lambda tx: effects.retry(tx.conn, effect.id, tx.now))
    assert stored(house_db).settled_at is None
    assert keys(claim(house_db)) == ["a"]


def test_a_node_that_is_alone_ends_the_leases_of_its_last_life(house_db: HouseDb) -> None:
    intend(house_db, "a", "b", "c")
    ended, *under_way = claim(house_db)
    settle(house_db, ended.id, EffectState.DONE)
    assert not any_due(house_db)
    assert house_db.run(lambda tx: effects.release_all(tx.conn)) == 2
    assert {(effect.key, effect.attempts) for effect in claim(house_db)} == {(effect.key, 1) for effect in under_way}
    assert stored(house_db, ended.key).state is EffectState.DONE


def test_what_nobody_here_performs(house_db: HouseDb) -> None:
    intend(house_db, "a", "b")
    ended, waiting = claim(house_db)
    settle(house_db, ended.id, EffectState.DONE)
    strange = house_db.ask(lambda conn: effects.of_other_kinds(conn, ["knock"]))
    assert strange == [(waiting.id, "ring")]
    assert house_db.ask(lambda conn: effects.of_other_kinds(conn, ["knock", "ring"])) == []


def test_the_newest_first(house_db: HouseDb) -> None:
    for key in "abc":
        intend(house_db, key)
        house_db.clock.move(timedelta(seconds=1))
    (first, _, _) = claim(house_db)
    settle(house_db, first.id, EffectState.FAILED)
    assert keys(house_db.ask(lambda conn: effects.recent(conn, limit=2))) == ["c", "b"]
    assert keys(house_db.ask(lambda conn: effects.recent(conn, limit=9, state=EffectState.FAILED))) == ["a"]


def hasten(house: HouseDb, effect: EffectId) -> bool:
    return house.run(lambda tx: effects.hasten(tx.conn, effect, tx.now))


def test_a_waiting_effect_is_tried_before_its_time(house_db: HouseDb) -> None:
    intend(house_db, "a", after=LATER)
    assert hasten(house_db, stored(house_db).id)
    assert stored(house_db).due_at == house_db.clock.now()
    assert any_due(house_db)


def test_what_is_due_under_way_or_ended_is_not_hastened(house_db: HouseDb) -> None:
    intend(house_db, "a")
    effect = stored(house_db).id
    assert not hasten(house_db, effect)
    claim(house_db)
    postpone(house_db, effect, LATER)
    assert hasten(house_db, effect)
    claim(house_db)
    settle(house_db, effect, EffectState.DONE)
    assert not hasten(house_db, effect)


def test_effects_are_counted_by_state_and_the_longest_due_is_known(house_db: HouseDb) -> None:
    now = house_db.clock.now()
    assert house_db.ask(effects.counts) == {}
    assert house_db.ask(lambda conn: effects.oldest_due(conn, now)) is None
    intend(house_db, "a")
    house_db.clock.move(timedelta(seconds=1))
    intend(house_db, "b", "c")
    settle(house_db, stored(house_db, "c").id, EffectState.FAILED)
    assert house_db.ask(effects.counts) == {EffectState.INTENDED: 2, EffectState.FAILED: 1}
    assert house_db.ask(lambda conn: effects.oldest_due(conn, house_db.clock.now())) == now
