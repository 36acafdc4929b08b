from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from beffroi.ground.kernel.clock import EPOCH
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.ids import EventId
from beffroi.ground.ledger import store
from beffroi.ground.ledger.merkle import EMPTY, Node, grow, leaf_hash, root_at
from beffroi.ground.ledger.store import TreeReader, event_leaf
from beffroi.ground.storage import Actor, StoredEvent

LEDGER_TABLES = [store.leaf_table, store.subtree_table, store.checkpoint_table]


EVENT = StoredEvent(
    seq=7,
    id=EventId("evt_1"),
    type="lamp-lit",
    aggregate="lamp",
    aggregate_id="lmp_1",
    at=EPOCH + timedelta(seconds=1),
    actor="node",
    facts={"lamp_id": "lmp_1"},
    personal={"sub_1": "00" * 32},
    salt=bytes(range(32)),
)


def fill(house, count):
    leaves = [number.to_bytes(32, "big") for number in range(count)]
    tree, nodes = grow(EMPTY, map(leaf_hash, leaves))

    def work(tx):
        tx.add(store.leaf_table, store.leaf_rows(0, [(None, leaf) for leaf in leaves]))
        tx.add(store.subtree_table, store.subtree_rows(nodes))

    house.writer.run("law", "node", work)
    return tree


def test_an_empty_ledger(any_house):
    with any_house.database.read() as conn:
        assert store.size(conn) == 0
        assert store.newest_logged(conn) == 0
        assert store.latest_checkpoint(conn) is None
        assert store.checkpoint_at(conn, 0) is None
        assert list(store.checkpoints(conn)) == []
        assert store.leaves(conn, 0, 10) == []
        assert root_at(0, TreeReader(conn)) == EMPTY.root


@pytest.mark.slow
def test_the_tree_read_back_is_the_tree_written(any_house):
    tree = fill(any_house, 66_000)  # reaches the second tile level
    with any_house.database.read() as conn:
        assert store.size(conn) == 66_000
        read = TreeReader(conn)
        assert root_at(66_000, read) == tree.root
        assert store.tile_hashes(conn, 2, 0, 256) == [read(16, 0)]
        assert read(16, 0) == root_at(65_536, TreeReader(conn))
        assert len(store.tile_hashes(conn, 1, 0, 17)) == 17
        assert store.leaves(conn, 300, 302) == [(300).to_bytes(32, "big"), (301).to_bytes(32, "big")]


def test_a_missing_row_is_noticed_not_hashed_over(house):
    fill(house, 600)
    house.tamper("DELETE FROM ledger_leaf WHERE position = 599", "DELETE FROM ledger_subtree WHERE position = 1")
    with house.database.read() as conn:
        for level, index in ((0, 599), (8, 1), (9, 0)):
            with pytest.raises(InvariantViolated) as error:
                TreeReader(conn)(level, index)
            assert error.value.code == "ledger-rows-missing"


def test_only_tile_levels_are_stored():
    nodes = [Node(level, 3, b"x") for level in range(1, 18)]
    assert [(row["level"], row["position"]) for row in store.subtree_rows(nodes)] == [(1, 3), (2, 3)]


def test_checkpoints_are_read_in_order_and_in_pieces(any_house):
    rows = [{"size": size, "root": bytes(32), "at": EPOCH, "note": f"n{size}"} for size in (30, 8, 2**40, 16)]
    any_house.writer.run("law", "node", lambda tx: tx.add(store.checkpoint_table, rows))
    with any_house.database.read() as conn:
        for chunk in (1, 2, 3, 4, 100):
            assert [found.size for found in store.checkpoints(conn, chunk=chunk)] == [8, 16, 30, 2**40]
        latest, named = store.latest_checkpoint(conn), store.checkpoint_at(conn, 16)
    assert latest is not None
    assert named is not None
    assert (latest.size, named.note, named.at) == (2**40, "n16", EPOCH)


@pytest.mark.parametrize("table", LEDGER_TABLES, ids=lambda table: table.name)
def test_rows_are_neither_changed_nor_deleted(any_house, table):
    any_house.light(300)
    any_house.beat()
    first = next(iter(table.c))
    for statement in (update(table).values({first.name: first + 1_000_000}), delete(table)):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            any_house.database.writer.connect() as conn,
            conn.begin(),
        ):
            conn.execute(statement)
    with any_house.database.read() as conn:
        assert conn.execute(select(table)).first() is not None


@pytest.mark.parametrize("table", LEDGER_TABLES, ids=lambda table: table.name)
def test_nothing_is_replaced_by_inserting_over_it(house, table):
    house.light(300)
    house.beat()
    with house.database.read() as conn:
        row = dict(conn.execute(select(table).limit(1)).mappings().one())
    with pytest.raises(DBAPIError), house.database.writer.connect() as conn, conn.begin():
        conn.execute(insert(table), row)
    with pytest.raises(DBAPIError), house.database.writer.connect() as conn, conn.begin():
        conn.execute(insert(table).prefix_with("OR REPLACE"), row)


def test_one_event_has_one_leaf(any_house):
    rows = store.leaf_rows(0, [(5, bytes(32)), (None, bytes(32)), (None, bytes(32)), (5, bytes(32))])
    any_house.writer.run("law", "node", lambda tx: tx.add(store.leaf_table, rows[:3]))
    with pytest.raises(DBAPIError), any_house.database.writer.connect() as conn, conn.begin():
        conn.execute(insert(store.leaf_table), rows[3:])


def test_the_search_for_events_without_a_leaf_uses_the_index(house):
    plan = house.column_of_plan(
        "SELECT seq FROM event WHERE NOT EXISTS (SELECT * FROM ledger_leaf WHERE event_seq = event.seq)"
    )
    assert any("uq_ledger_leaf_event_seq" in step for step in plan), plan


def test_an_event_is_found_by_its_id(any_house):
    any_house.light(3)
    any_house.beat()
    (event_id, *_) = any_house.column("SELECT id FROM event ORDER BY seq")
    with any_house.database.read() as conn:
        position = store.position_of(conn, event_id)
        assert store.position_of(conn, "evt_unheard_of") is None
    assert any_house.column("SELECT event_seq FROM ledger_leaf WHERE position = :p", p=position) == [1]


def test_triggers_are_there_by_name(house):
    names = house.column("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%' ORDER BY name")
    assert names == [
        f"{table}_no_{verb}"
        for table in ("ledger_checkpoint", "ledger_leaf", "ledger_subtree")
        for verb in ("delete", "update")
    ]


def test_the_leaf_of_an_event_is_fixed():
    json = (
        b'{"facts":{"actor":"node","aggregate":"lamp","aggregate_id":"lmp_1","at":1000000,'
        b'"facts":{"lamp_id":"lmp_1"},"id":"evt_1","type":"lamp-lit"},"personal":{"sub_1":"' + b"00" * 32 + b'"}}'
    )
    assert event_leaf(EVENT) == sha256(b"beffroi event v1\n" + bytes(range(32)) + json).digest()


@pytest.mark.parametrize("facts", [{"n": float("nan")}, {"n": 2**53}, {"n": object()}])
def test_an_event_without_a_canonical_form_has_no_leaf(facts):
    assert event_leaf(replace(EVENT, facts=facts)) is None


def test_the_newest_checkpoints_come_first(house):
    for size in (8, 16, 24):
        row = {"size": size, "root": bytes(32), "at": EPOCH, "note": f"note {size}"}
        house.writer.run("law", "node", lambda tx, row=row: tx.add(store.checkpoint_table, row))
    with house.database.read() as conn:
        assert [found.size for found in store.newest_checkpoints(conn, 2)] == [24, 16]


def test_the_last_checkpoint_under_another_name(house):
    def note(size, origin):
        row = {"size": size, "root": bytes(32), "at": EPOCH, "note": f"{origin}\n{size}\n"}
        house.writer.run("law", Actor("node"), lambda tx: tx.conn.execute(insert(store.checkpoint_table).values(row)))

    def last(origin):
        with house.database.read() as conn:
            return store.last_under_another_name(conn, origin)

    assert last("one.example/ledger") is None
    for size in (1, 2):
        note(size, "one.example/ledger")
    note(3, "two.example/ledger")
    assert last("two.example/ledger").size == 2
    assert last("one.example/ledger").size == 3
    note(4, "one_example/ledger")  # a letter that SQL's LIKE takes for any other
    assert last("one.example/ledger").size == 4
