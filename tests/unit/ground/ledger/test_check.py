"""The ledger's fsck finds what is wrong and names the place; the table of attacks is `ATTACKS`."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.ledger import integrate, store
from beffroi.ground.ledger.check import Finding, Held, check, check_own, lag_s
from beffroi.ground.ledger.checkpoint import Checkpoint, log_keys, sign_checkpoint
from beffroi.ground.ledger.merkle import EMPTY, grow, leaf_hash
from beffroi.ground.ledger.store import TreeReader, event_leaf
from beffroi.ground.storage.events import event_table, read
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing
from tests.unit.ground.ledger.conftest import ORIGIN, House

COPY = "SELECT :seq, 'evt_forged', type, aggregate, aggregate_id, at, actor, schema, facts, personal, salt FROM event"


def findings(house, held=()) -> list[Finding]:
    house.clock.move(timedelta(seconds=LEDGER_LAG_S_MAX + 1))
    with house.database.read() as conn:
        trusted = log_keys(ORIGIN, house.ring.ever(Purpose.LEDGER))
        return list(check(conn, trusted, house.clock.now(), held=held))


def said(found: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.code, finding.place) for finding in found}


def build(house) -> None:
    """Three checkpoints, of 512, 528 and 1,040 leaves; 610 events."""
    for first, count in ((0, 300), (300, 10), (310, 300)):
        house.light(count, first=first)
        house.beat()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A node that was built once and closed; each test gets a copy."""
    folder = tmp_path_factory.mktemp("template")
    house = House(folder, f"sqlite:///{folder / 'node.db'}")
    build(house)
    house.close()
    return folder


@pytest.fixture
def built(template, tmp_path):
    folder = shutil.copytree(template, tmp_path / "node")
    house = House(folder, f"sqlite:///{folder / 'node.db'}")
    yield house
    house.close()


@pytest.fixture
def spot(built):
    """A position that holds an event, one that holds a dummy, and the event's number and id."""
    of_event = built.column("SELECT min(position) FROM ledger_leaf WHERE event_seq IS NOT NULL AND position > 20")[0]
    dummy = built.column("SELECT min(position) FROM ledger_leaf WHERE event_seq IS NULL AND position > 20")[0]
    seq = built.column("SELECT event_seq FROM ledger_leaf WHERE position = :p", p=of_event)[0]
    event_id = built.column("SELECT id FROM event WHERE seq = :s", s=seq)[0]
    return {"p": of_event, "d": dummy, "seq": seq, "id": event_id}


def test_a_sound_ledger_has_no_finding(any_house):
    build(any_house)
    assert findings(any_house) == []


def test_an_empty_ledger_has_no_finding(any_house):
    assert findings(any_house) == []


def test_erasing_a_person_is_no_finding(built):
    built.vault.destroy("sub_5", built.clock.now())
    assert findings(built) == []


def test_rotations_and_a_new_origin_are_no_finding(built):
    built.ring.rotate(Purpose.LEDGER, timedelta(0))
    built.beat()
    built.new_integrator("node.example/ledger-2").beat()
    with built.database.read() as conn:
        keys = built.ring.ever(Purpose.LEDGER)
        trusted = [*log_keys(ORIGIN, keys), *log_keys("node.example/ledger-2", keys)]
        assert list(check(conn, trusted, built.clock.now())) == []


def test_a_node_checks_itself_under_all_its_origins_and_keys(any_house):
    build(any_house)
    any_house.ring.rotate(Purpose.LEDGER, timedelta(0))
    any_house.beat()
    any_house.new_integrator("node.example/ledger-2").beat()
    assert list(check_own(any_house.database, any_house.ring, any_house.clock.now())) == []


def test_a_node_notices_that_its_database_was_cut_back(built):
    cut_back(built)
    found = list(check_own(built.database, built.ring, built.clock.now()))
    assert said(found) == {("ledger-cut-short", f"checkpoint held by the keys of {ORIGIN}")}


def test_a_node_whose_notes_cannot_be_read_says_so_of_each(built):
    built.tamper("UPDATE ledger_checkpoint SET note = 'x'")
    found = list(check_own(built.database, built.ring, built.clock.now()))
    assert said(found) == {("checkpoint-forged", f"checkpoint {size}") for size in (512, 528, 1040)}


def test_a_beat_during_the_check_is_no_finding(any_house):
    build(any_house)

    def meanwhile(_done, _of):
        any_house.light(300, first=1000)
        any_house.beat()

    assert list(check_own(any_house.database, any_house.ring, any_house.clock.now(), progress=meanwhile)) == []
    with any_house.database.read() as conn:
        assert store.size(conn) == 1040 + 512


def test_leaves_that_wait_for_their_checkpoint_are_no_finding(built):
    with built.database.read() as conn:
        batch = integrate.prepare(conn)
    built.writer.run("law", "node", lambda tx: integrate.append(tx, batch))
    assert findings(built) == []


def test_progress_is_told(built):
    told = []
    with built.database.read() as conn:
        list(check(conn, [], built.clock.now(), progress=lambda done, of: told.append((done, of))))
    assert told == [(1040, 1040)]


# Each attack: its name, the statements, and a code and place that must be among the findings.
# {p} a position that holds an event, {d} one that holds a dummy, {seq} and {id} the event.
LEAF = ("leaf-changed", "position {p}, event {id}")
ROOT_512, ROOT_528 = ("root-differs", "checkpoint 512"), ("root-differs", "checkpoint 528")
ATTACKS = [
    # the events
    ("edit facts", ['UPDATE event SET facts = \'{{"lamp_id":"lmp_0"}}\' WHERE seq = {seq}'], LEAF),
    ("edit facts by one digit", ["UPDATE event SET facts = replace(facts, 'lmp_', 'lmp_0') WHERE seq = {seq}"], LEAF),
    ("edit actor", ["UPDATE event SET actor = 'rule:rul_1' WHERE seq = {seq}"], LEAF),
    ("edit time", ["UPDATE event SET at = at - 1 WHERE seq = {seq}"], LEAF),
    ("edit type", ["UPDATE event SET type = 'lamp-put-out' WHERE seq = {seq}"], LEAF),
    ("edit aggregate", ["UPDATE event SET aggregate = 'candle' WHERE seq = {seq}"], LEAF),
    ("edit aggregate id", ["UPDATE event SET aggregate_id = 'lmp_9' WHERE seq = {seq}"], LEAF),
    ("edit salt", ["UPDATE event SET salt = zeroblob(32) WHERE seq = {seq}"], LEAF),
    ("shorten salt", ["UPDATE event SET salt = zeroblob(31) WHERE seq = {seq}"], LEAF),
    ("edit personal commitment", ['UPDATE event SET personal = \'{{"sub_1":"00"}}\' WHERE seq = {seq}'], LEAF),
    (
        "edit event id",
        ["UPDATE event SET id = 'evt_x' WHERE seq = {seq}"],
        ("leaf-changed", "position {p}, event evt_x"),
    ),
    ("make facts uncanonical", ["UPDATE event SET facts = '{{\"n\": 9007199254740993}}' WHERE seq = {seq}"], LEAF),
    ("delete event", ["DELETE FROM event WHERE seq = {seq}"], ("event-missing", "position {p}")),
    ("renumber event", ["UPDATE event SET seq = 99999 WHERE seq = {seq}"], ("event-missing", "position {p}")),
    (
        "renumbered event has no leaf",
        ["UPDATE event SET seq = 99999 WHERE seq = {seq}"],
        ("event-without-leaf", "event {id}"),
    ),
    (
        "insert event",
        ["INSERT INTO event " + COPY.replace(":seq", "99999") + " WHERE seq = {seq}"],
        ("event-without-leaf", "event evt_forged"),
    ),
    (
        "swap two events",
        [
            "UPDATE event SET seq = 77777 WHERE seq = {seq}",
            "UPDATE event SET seq = {seq} WHERE seq = 310",
            "UPDATE event SET seq = 310 WHERE seq = 77777",
        ],
        ("leaf-changed", "position {p}, event {other}"),
    ),
    # the leaves
    ("flip leaf of event", ["UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = {p}"], LEAF),
    ("flip leaf of event, root", ["UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = {p}"], ROOT_512),
    ("flip dummy", ["UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = {d}"], ROOT_512),
    (
        "flip dummy, its tile",
        ["UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = {d}"],
        ("subtree-differs", "positions 0 to 255"),
    ),
    (
        "lengthen dummy",
        ["UPDATE ledger_leaf SET leaf = zeroblob(33) WHERE position = {d}"],
        ("leaf-changed", "position {d}"),
    ),
    (
        "empty dummy",
        ["UPDATE ledger_leaf SET leaf = zeroblob(0) WHERE position = {d}"],
        ("leaf-changed", "position {d}"),
    ),
    ("flip leaf in second checkpoint", ["UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = 515"], ROOT_528),
    ("delete leaf of event", ["DELETE FROM ledger_leaf WHERE position = {p}"], ("leaf-missing", "position {p}")),
    (
        "delete leaf of event, event",
        ["DELETE FROM ledger_leaf WHERE position = {p}"],
        ("event-without-leaf", "event {id}"),
    ),
    ("delete dummy", ["DELETE FROM ledger_leaf WHERE position = {d}"], ("leaf-missing", "position {d}")),
    ("delete first leaf", ["DELETE FROM ledger_leaf WHERE position = 0"], ("leaf-missing", "position 0")),
    ("delete last leaf", ["DELETE FROM ledger_leaf WHERE position = 1039"], ("ledger-cut-short", "checkpoint 1040")),
    ("cut leaves off", ["DELETE FROM ledger_leaf WHERE position >= 520"], ("ledger-cut-short", "checkpoint 528")),
    ("delete all leaves", ["DELETE FROM ledger_leaf"], ("ledger-cut-short", "checkpoint 512")),
    (
        "delete leaf and close the gap",
        [
            "DELETE FROM ledger_leaf WHERE position = {d}",
            "UPDATE ledger_leaf SET position = -position WHERE position > {d}",
            "UPDATE ledger_leaf SET position = -position - 1 WHERE position < 0",
        ],
        ROOT_512,
    ),
    (
        "insert leaf and make room",
        [
            "UPDATE ledger_leaf SET position = -position WHERE position >= {d}",
            "UPDATE ledger_leaf SET position = 1 - position WHERE position < 0",
            "INSERT INTO ledger_leaf VALUES ({d}, NULL, zeroblob(32))",
        ],
        ROOT_512,
    ),
    (
        "swap two leaves",
        [
            "UPDATE ledger_leaf SET position = -1 WHERE position = {p}",
            "UPDATE ledger_leaf SET position = {p} WHERE position = {d}",
            "UPDATE ledger_leaf SET position = {d} WHERE position = -1",
        ],
        ROOT_512,
    ),
    (
        "say a leaf is a dummy",
        ["UPDATE ledger_leaf SET event_seq = NULL WHERE position = {p}"],
        ("event-without-leaf", "event {id}"),
    ),
    (
        "say a dummy is an event",
        ["UPDATE ledger_leaf SET event_seq = 5555 WHERE position = {d}"],
        ("event-missing", "position {d}"),
    ),
    (
        "delete event and leaf's claim",
        [
            "DELETE FROM event WHERE seq = {seq}",
            "UPDATE ledger_leaf SET event_seq = NULL, leaf = zeroblob(32) WHERE position = {p}",
        ],
        ROOT_512,
    ),
    (
        "insert leaf outside the tree",
        ["INSERT INTO ledger_leaf VALUES (-1, 9999, zeroblob(32))"],
        ("leaf-outside-tree", "position -1"),
    ),
    (
        "log an event twice",
        [
            "DROP INDEX uq_ledger_leaf_event_seq",
            "INSERT INTO ledger_leaf SELECT 1040, event_seq, leaf FROM ledger_leaf WHERE position = {p}",
        ],
        ("event-logged-twice", "position {p}"),
    ),
    # the stored hashes
    (
        "flip subtree",
        ["UPDATE ledger_subtree SET hash = zeroblob(32) WHERE position = 1"],
        ("subtree-differs", "positions 256 to 511"),
    ),
    ("delete subtree", ["DELETE FROM ledger_subtree WHERE position = 1"], ("subtree-differs", "positions 256 to 511")),
    (
        "insert subtree",
        ["INSERT INTO ledger_subtree VALUES (1, 7, zeroblob(32))"],
        ("subtree-differs", "positions 1792 to 2047"),
    ),
    (
        "insert subtree on a level that is not there",
        ["INSERT INTO ledger_subtree VALUES (2, 0, zeroblob(32))"],
        ("subtree-differs", "positions 0 to 65535"),
    ),
    # the checkpoints
    ("flip root", ["UPDATE ledger_checkpoint SET root = zeroblob(32) WHERE size = 528"], ROOT_528),
    (
        "flip root, row and note",
        ["UPDATE ledger_checkpoint SET root = zeroblob(32) WHERE size = 528"],
        ("checkpoint-changed", "checkpoint 528"),
    ),
    (
        "edit note",
        ["UPDATE ledger_checkpoint SET note = replace(note, '528', '529') WHERE size = 528"],
        ("checkpoint-forged", "checkpoint 528"),
    ),
    (
        "spoil note",
        ["UPDATE ledger_checkpoint SET note = 'x' WHERE size = 528"],
        ("checkpoint-forged", "checkpoint 528"),
    ),
    (
        "replay old note",
        ["UPDATE ledger_checkpoint SET note = (SELECT note FROM ledger_checkpoint WHERE size = 512) WHERE size = 1040"],
        ("checkpoint-changed", "checkpoint 1040"),
    ),
    (
        "renumber checkpoint",
        ["UPDATE ledger_checkpoint SET size = 530 WHERE size = 528"],
        ("root-differs", "checkpoint 530"),
    ),
    (
        "checkpoint beyond the end",
        ["UPDATE ledger_checkpoint SET size = 5000 WHERE size = 1040"],
        ("ledger-cut-short", "checkpoint 5000"),
    ),
    (
        "insert checkpoint",
        ["INSERT INTO ledger_checkpoint SELECT 600, root, at, note FROM ledger_checkpoint WHERE size = 528"],
        ("root-differs", "checkpoint 600"),
    ),
]


@pytest.mark.parametrize(("statements", "expected"), [attack[1:] for attack in ATTACKS], ids=[a[0] for a in ATTACKS])
def test_each_attack_is_found_and_its_place_named(built, spot, statements, expected):
    other = built.column("SELECT id FROM event WHERE seq = 310")[0]
    places = {**spot, "other": other}
    built.tamper(*(statement.format(**places) for statement in statements))
    code, place = expected
    assert (code, place.format(**places)) in said(findings(built))


def test_the_table_of_attacks_is_long_enough():
    assert len(ATTACKS) >= 40


def test_one_damaged_row_does_not_hide_the_next(built):
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE event_seq IN (7, 8, 350)")
    assert sum(finding.code == "leaf-changed" for finding in findings(built)) == 3


def test_roots_that_follow_from_one_fault_are_reported_once(built):
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = 5")
    assert [place for code, place in sorted(said(findings(built))) if code == "root-differs"] == ["checkpoint 512"]


def test_the_message_says_which_leaves_were_touched(built):
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = 520")
    (root,) = [finding for finding in findings(built) if finding.code == "root-differs"]
    assert "from position 512 to 527" in root.message


def test_the_message_of_the_first_checkpoint_begins_at_nought(built):
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = 5")
    (root,) = [finding for finding in findings(built) if finding.code == "root-differs"]
    assert "from position 0 to 511" in root.message


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [1, 7, 260, 1039, 1040, 1041])
def test_whatever_is_read_at_a_time_each_fault_is_told_once(built, monkeypatch, chunk):
    monkeypatch.setattr("beffroi.ground.ledger.check._CHUNK", chunk)
    assert findings(built) == []
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(33) WHERE position IN (7, 259, 260, 261, 1039)")
    changed = [finding.place.split(",")[0] for finding in findings(built) if finding.code == "leaf-changed"]
    assert changed == [f"position {position}" for position in (7, 259, 260, 261, 1039)]


def test_an_event_may_wait_a_minute_for_its_leaf(built):
    built.light(1, first=610)
    (event_id,) = built.column("SELECT id FROM event ORDER BY seq DESC LIMIT 1")
    with built.database.read() as conn:
        trusted = log_keys(ORIGIN, built.ring.ever(Purpose.LEDGER))
        built.clock.move(timedelta(seconds=LEDGER_LAG_S_MAX))
        assert list(check(conn, trusted, built.clock.now())) == []
        assert lag_s(conn, built.clock.now()) == LEDGER_LAG_S_MAX
        built.clock.move(timedelta(microseconds=1))
        found = list(check(conn, trusted, built.clock.now()))
    assert said(found) == {("event-without-leaf", f"event {event_id}")}


def test_lag_is_nought_when_nothing_waits(any_house):
    with any_house.database.read() as conn:
        assert lag_s(conn, any_house.clock.now()) == 0
    any_house.light(1)
    any_house.clock.move(timedelta(seconds=5))
    with any_house.database.read() as conn:
        assert lag_s(conn, any_house.clock.now()) == 5
    any_house.beat()
    with any_house.database.read() as conn:
        assert lag_s(conn, any_house.clock.now()) == 0


# Somebody who has the database and the keys rewrites everything: only what others hold shows it


def rewrite(house) -> None:
    """One event changed, and leaf, tree and checkpoints made anew to fit, signed with the right key."""
    house.tamper("UPDATE event SET actor = 'rule:rul_1' WHERE seq = 5")
    with house.database.read() as conn:
        sizes = [row.size for row in store.checkpoints(conn)]
        leaves = store.leaves(conn, 0, store.size(conn))
    (position,) = house.column("SELECT position FROM ledger_leaf WHERE event_seq = 5")
    with house.database.read() as conn:
        (event,) = read(conn, select(event_table).where(event_table.c.seq == 5))
    leaves[position] = event_leaf(event) or b""
    _, nodes = grow(EMPTY, map(leaf_hash, leaves))
    house.tamper("UPDATE ledger_leaf SET leaf = :leaf WHERE position = :p", leaf=leaves[position], p=position)
    for row in store.subtree_rows(nodes):
        house.tamper("UPDATE ledger_subtree SET hash = :hash WHERE level = :level AND position = :position", **row)
    for size in sizes:
        root = grow(EMPTY, map(leaf_hash, leaves[:size]))[0].root
        note = sign_checkpoint(Checkpoint(ORIGIN, size, root), house.ring.signers(Purpose.LEDGER))
        house.tamper("UPDATE ledger_checkpoint SET root = :r, note = :n WHERE size = :s", r=root, n=note, s=size)


def test_a_record_rewritten_throughout_agrees_with_itself_but_not_with_what_others_hold(any_house):
    build(any_house)
    with any_house.database.read() as conn:
        kept = [Held("witness.example", row.note) for row in store.checkpoints(conn)]
    rewrite(any_house)
    assert findings(any_house) == []
    assert said(findings(any_house, held=kept[1:])) == {("root-differs", "checkpoint held by witness.example")}
    last = any_house.ring.last_signed.get(ORIGIN)
    assert ("root-differs", "checkpoint held by the keys") in said(findings(any_house, held=[Held("the keys", last)]))


def cut_back(house) -> None:
    house.tamper(
        "DELETE FROM event WHERE seq IN (SELECT event_seq FROM ledger_leaf WHERE position >= 528)",
        "DELETE FROM ledger_leaf WHERE position >= 528",
        "DELETE FROM ledger_subtree WHERE (position + 1) * 256 > 528",
        "DELETE FROM ledger_checkpoint WHERE size > 528",
    )


def test_a_log_cut_back_whole_is_shown_by_what_others_hold(built):
    with built.database.read() as conn:
        latest = store.latest_checkpoint(conn)
    assert latest is not None
    cut_back(built)
    assert findings(built) == []
    found = findings(built, held=[Held("peer.example", latest.note)])
    assert said(found) == {("ledger-cut-short", "checkpoint held by peer.example")}


def test_held_checkpoints_that_agree_are_no_finding(built):
    with built.database.read() as conn:
        kept = [Held("witness.example", row.note) for row in store.checkpoints(conn)]
    assert findings(built, held=[*kept[::-1], *kept]) == []


def test_a_held_checkpoint_that_nobody_signed_is_told(built, tmp_path):
    stranger = KeyRing.open(tmp_path / "stranger", built.clock)
    note = sign_checkpoint(Checkpoint(ORIGIN, 512, bytes(32)), stranger.signers(Purpose.LEDGER))
    found = findings(built, held=[Held("peer.example", note), Held("other.example", "rubbish")])
    assert said(found) == {
        ("held-checkpoint-forged", "checkpoint held by peer.example"),
        ("held-checkpoint-forged", "checkpoint held by other.example"),
    }


def test_checkpoints_under_a_lost_key_are_told(built, tmp_path):
    built.ring = KeyRing.open(tmp_path / "fresh", built.clock)
    assert {code for code, _ in said(findings(built))} == {"checkpoint-forged"}


def test_the_check_reads_no_stored_hash_to_make_its_own(built):
    """`TreeReader` would be fooled by this; `check` is not."""
    with built.database.read() as conn:
        sound = TreeReader(conn)(9, 0)
    built.tamper("UPDATE ledger_leaf SET leaf = zeroblob(32) WHERE position = 5")
    with built.database.read() as conn:
        assert TreeReader(conn)(9, 0) == sound
    assert ROOT_512 in said(findings(built))


def test_a_name_that_was_given_up_after_a_restore_binds_nobody(house):
    house.beat()
    signed_elsewhere = house.ring.last_signed.get(ORIGIN)
    house.ring.last_signed.remember(ORIGIN, signed_elsewhere.replace("\n8\n", "\n4096\n", 1))
    assert {f.code for f in check_own(house.database, house.ring, house.clock.now())} == {"held-checkpoint-forged"}
    house.ring.last_signed.doubt("restored from a backup")
    assert list(check_own(house.database, house.ring, house.clock.now())) == []
