import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from beffroi.ground.kernel.errors import Conflict, InvariantViolated, Unavailable
from beffroi.ground.kernel.limits import LEDGER_BATCH_MAX, LEDGER_PAD_MIN, LEDGER_WINDOW
from beffroi.ground.ledger import integrate, store
from beffroi.ground.ledger.checkpoint import log_keys, open_checkpoint
from beffroi.ground.ledger.merkle import leaf_hash, root_of
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing
from tests.unit.ground.ledger.conftest import ORIGIN


def rows(house):
    with house.database.read() as conn:
        return list(conn.execute(select(store.leaf_table).order_by(store.leaf_table.c.position)).mappings())


def checkpoints(house):
    with house.database.read() as conn:
        return list(store.checkpoints(conn))


def test_every_event_gets_its_leaf_and_the_checkpoint_its_signature(any_house):
    any_house.light(10)
    signed = any_house.beat()
    with any_house.database.read() as conn:
        events = {event.seq: event for event in read(conn, select(event_table))}
    found = rows(any_house)
    assert [row["position"] for row in found] == list(range(16))
    assert sorted(row["event_seq"] for row in found if row["event_seq"]) == sorted(events) == list(range(1, 11))
    assert all(row["leaf"] == store.event_leaf(events[row["event_seq"]]) for row in found if row["event_seq"])
    assert signed.root == root_of(leaf_hash(row["leaf"]) for row in found)
    opened = open_checkpoint(signed.note, log_keys(ORIGIN, any_house.ring.verifying(Purpose.LEDGER)))
    assert (opened.origin, opened.size, opened.root) == (ORIGIN, 16, signed.root)
    assert checkpoints(any_house) == [signed]
    assert signed.at == any_house.clock.now()


def test_a_beat_without_events_looks_like_any_other(any_house):
    sizes = [any_house.beat().size for _ in range(3)]
    assert sizes == [8, 16, 24]
    assert len({row["leaf"] for row in rows(any_house)}) == 24


@pytest.mark.parametrize(
    ("count", "leaves"),
    [(0, 8), (1, 8), (8, 8), (9, 16), (16, 16), (17, 32), (4095, 4096), (4096, 4096)],
)
def test_padding(count, leaves):
    assert integrate.padded(count) == leaves
    assert integrate.padded(0) == LEDGER_PAD_MIN
    assert integrate.padded(LEDGER_BATCH_MAX) == LEDGER_BATCH_MAX


def test_leaves_do_not_stand_in_the_order_of_their_events(house):
    house.light(500)
    house.beat()
    order = [row["event_seq"] for row in rows(house)]
    assert [seq for seq in order if seq] != list(range(1, 501))
    assert None in order[:500]  # dummies among them, not behind them


def test_what_waits_longer_than_a_batch_is_taken_in_one_beat(house):
    house.light(LEDGER_BATCH_MAX + 1)
    assert house.beat().size == LEDGER_BATCH_MAX + LEDGER_PAD_MIN
    assert len(checkpoints(house)) == 1
    assert sum(row["event_seq"] is not None for row in rows(house)) == LEDGER_BATCH_MAX + 1


def test_beats_with_and_without_events_between(any_house):
    total = 0
    for count in (3, 0, 100, 1, 0, 260):
        any_house.light(count, first=total)
        any_house.beat()
        total += count
    found = rows(any_house)
    assert sum(row["event_seq"] is not None for row in found) == total
    made = checkpoints(any_house)
    assert [one.size for one in made] == [8, 16, 144, 152, 160, 672]
    for one in made:
        assert one.root == root_of(leaf_hash(row["leaf"]) for row in found[: one.size])


# Crashes between steps: each step alone, then a beat of a new process


def test_a_crash_after_appending_is_taken_up_by_the_next_beat(any_house):
    any_house.light(3)
    with any_house.database.read() as conn:
        batch = integrate.prepare(conn)
    any_house.writer.run("law", "node", lambda tx: integrate.append(tx, batch))
    assert checkpoints(any_house) == []
    assert any_house.new_integrator().beat().size == 16
    assert sum(row["event_seq"] is not None for row in rows(any_house)) == 3


def test_a_crash_after_signing_is_taken_up_by_the_next_beat(any_house):
    any_house.light(3)
    with any_house.database.read() as conn:
        batch = integrate.prepare(conn)
    any_house.writer.run("law", "node", lambda tx: integrate.append(tx, batch))
    with any_house.database.read() as conn:
        lost = integrate.sign(conn, any_house.ring, ORIGIN, any_house.clock.now())
    assert any_house.new_integrator().beat().size > lost.size
    assert [one.size for one in checkpoints(any_house)] == [16]


def test_publishing_twice_changes_nothing(any_house):
    signed = any_house.beat()
    any_house.writer.run("law", "node", lambda tx: integrate.publish(tx, signed))
    assert checkpoints(any_house) == [signed]


def test_a_batch_prepared_before_another_was_appended_is_refused(any_house):
    any_house.light(3)
    with any_house.database.read() as conn:
        late = integrate.prepare(conn)
    any_house.beat()
    with pytest.raises(Conflict) as refused:
        any_house.writer.run("law", "node", lambda tx: integrate.append(tx, late))
    assert refused.value.code == "ledger-grew"
    assert len(rows(any_house)) == 8


def test_of_two_processes_at_once_one_waits_for_its_next_beat(house, monkeypatch):
    house.light(3)
    other = house.new_integrator()
    prepare = integrate.prepare

    def overtaken(conn, *, after):
        batch = prepare(conn, after=after)
        monkeypatch.undo()
        house.beat()
        return batch

    monkeypatch.setattr(integrate, "prepare", overtaken)
    with pytest.raises(Unavailable):
        other.beat()
    assert other.beat().size == 16
    assert sum(row["event_seq"] is not None for row in rows(house)) == 3


# What must never be signed


def test_a_database_set_back_is_not_signed_for(house, tmp_path):
    house.light(3)
    house.beat()
    house.database.close()
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    house.light(3, first=3)
    house.beat()
    house.database.close()
    (tmp_path / "old.db").replace(tmp_path / "node.db")
    for leftover in ("node.db-wal", "node.db-shm"):
        (tmp_path / leftover).unlink(missing_ok=True)
    with house.database.read() as conn, pytest.raises(InvariantViolated) as error:
        integrate.sign(conn, house.ring, ORIGIN, house.clock.now())
    assert error.value.code == "ledger-set-back"
    # It caught up in size with other leaves: still refused.
    with pytest.raises(InvariantViolated) as error:
        house.beat()
    assert error.value.code == "ledger-forked"
    # A named operator opens a new origin; both logs stay what they are.
    signed = house.new_integrator("node.example/ledger-2").beat()
    assert signed.note.startswith("node.example/ledger-2\n")


def test_after_a_restore_nothing_is_signed_under_the_old_origin(house):
    before = house.beat()
    house.ring.last_signed.doubt("restored from a backup")
    for _ in range(2):
        with pytest.raises(InvariantViolated) as error:
            house.beat()
        assert error.value.code == "ledger-restored"
    assert house.ring.last_signed.get(ORIGIN) == before.note
    house.new_integrator("node.example/ledger-2").beat()


def test_a_changed_tree_is_not_signed_for(any_house):
    any_house.light(300)
    any_house.beat()
    any_house.tamper("UPDATE ledger_subtree SET hash = :h WHERE position = 0", h=bytes(32))
    with pytest.raises(InvariantViolated) as error:
        any_house.beat()
    assert error.value.code == "ledger-forked"


def test_lost_keys_do_not_go_on_in_silence(any_house, tmp_path):
    any_house.beat()
    any_house.ring = KeyRing.open(tmp_path / "fresh", any_house.clock)
    with pytest.raises(InvariantViolated) as error:
        any_house.new_integrator().beat()
    assert error.value.code == "ledger-keys-lost"
    any_house.new_integrator("node.example/ledger-2").beat()


def test_a_rotation_does_not_interrupt_the_log(any_house):
    old_keys = log_keys(ORIGIN, any_house.ring.verifying(Purpose.LEDGER))
    any_house.beat()
    any_house.ring.rotate(Purpose.LEDGER, timedelta(days=1))
    assert open_checkpoint(any_house.beat().note, old_keys).size == 16
    any_house.clock.move(timedelta(days=1))
    alone = any_house.beat()
    assert open_checkpoint(alone.note, log_keys(ORIGIN, any_house.ring.verifying(Purpose.LEDGER))).size == 24
    assert len(alone.note.splitlines()) == 5  # one signature


# Stragglers and misfits


def test_an_event_that_commits_late_is_found_within_the_window(house):
    """PostgreSQL hands out numbers before the commit; here the gap is made by hand."""
    house.light(5)
    house.tamper("DELETE FROM event WHERE seq = 3")
    house.beat()
    house.tamper(
        "INSERT INTO event SELECT 3, id || 'x', type, aggregate, aggregate_id, at, actor, schema, facts, personal, salt"
        " FROM event WHERE seq = 4"
    )
    house.beat()
    assert sorted(row["event_seq"] for row in rows(house) if row["event_seq"]) == [1, 2, 3, 4, 5]


def test_an_event_beyond_the_window_is_found_by_the_next_start(house):
    house.light(1)
    house.tamper("UPDATE event SET seq = :s WHERE seq = 1", s=LEDGER_WINDOW + 10)
    house.beat()
    house.tamper(
        "INSERT INTO event SELECT 2, id || 'x', type, aggregate, aggregate_id, at, actor, schema, facts, personal, salt"
        " FROM event"
    )
    house.beat()
    assert [row["event_seq"] for row in rows(house) if row["event_seq"]] == [LEDGER_WINDOW + 10]
    house.new_integrator().beat()
    assert sorted(row["event_seq"] for row in rows(house) if row["event_seq"]) == [2, LEDGER_WINDOW + 10]


def test_an_event_without_a_canonical_form_does_not_hold_up_the_others(house):
    house.light(3)
    house.tamper("UPDATE event SET facts = :f WHERE seq = 2", f='{"n":9007199254740993}')
    house.beat()
    assert sorted(row["event_seq"] for row in rows(house) if row["event_seq"]) == [1, 3]


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_beat_ends_after_its_rounds_even_if_more_waits(house, monkeypatch, rounds):
    monkeypatch.setattr(integrate, "LEDGER_BATCH_MAX", 8)
    monkeypatch.setattr(integrate, "LEDGER_ROUNDS_MAX", rounds)
    house.light(8 * rounds + 1)
    assert house.beat().size == 8 * rounds
    house.beat()
    assert sum(row["event_seq"] is not None for row in rows(house)) == 8 * rounds + 1
