"""From figures to alarms."""

from datetime import timedelta

import pytest

from beffroi.flow.health import Alarm, look, measure
from beffroi.ground.kernel.limits import DECODER_LOSSES_MAX, DUE_LATE_S_MAX, OUTBOX_AGE_S_MAX, SPOOL_REFUSED_DAYS
from beffroi.ground.records import spooled
from beffroi.ground.storage import Actor, Effect, effects
from beffroi.ground.storage.spool import Frame, Spooled


def alarms(node):
    return set(measure(node.house).alarms)


def test_a_node_at_rest_is_well_and_says_its_figures(any_node):
    found = measure(any_node.house)
    assert found.alarms == ()
    assert not found.is_paging
    assert found.stored.record.waiting == found.stored.cases == 0
    assert found.own.disk.free > 0


def test_an_effect_that_no_worker_takes(node):
    node.write(lambda tx: tx.intend(Effect("late_verdict", "k", {})))
    node.move(seconds=DUE_LATE_S_MAX)
    assert Alarm.DUE_LATE not in alarms(node)
    node.move(seconds=1)
    assert alarms(node) == {Alarm.DUE_LATE}
    node.claimed()
    assert alarms(node) == set()


def test_an_effect_that_was_tried_and_is_not_done(node):
    node.write(lambda tx: tx.intend(Effect("late_verdict", "k", {})))
    [effect] = node.claimed()
    node.write(lambda tx: effects.postpone(tx.conn, effect.id, tx.now + timedelta(days=1), {}))
    node.move(seconds=OUTBOX_AGE_S_MAX)
    assert alarms(node) == set()
    node.move(seconds=1)
    assert alarms(node) == {Alarm.OUTBOX_OLD}


@pytest.mark.parametrize("losses", [DECODER_LOSSES_MAX - 1, DECODER_LOSSES_MAX])
def test_losses_of_the_decoder(node, losses):
    node.house.decoder.losses_in_a_row = losses
    assert (Alarm.DECODER_FAILING in alarms(node)) is (losses == DECODER_LOSSES_MAX)
    assert not measure(node.house).is_paging


def test_an_act_that_could_not_be_entered_calls_for_a_person_for_a_week(any_node):
    act = Spooled("reinstatement", "spl_1", any_node.clock.now(), Actor("person", "prs_1"), {})
    any_node.write(lambda tx: spooled.note(tx, act, "d", "does-not-stand"))
    any_node.move(days=SPOOL_REFUSED_DAYS)
    assert Alarm.SPOOL_ODD in alarms(any_node)
    any_node.move(seconds=1)
    assert Alarm.SPOOL_ODD not in alarms(any_node)


def test_what_did_not_open_is_over_once_its_file_is_gone(node):
    node.write(lambda tx: spooled.note_unreadable(tx, Frame("f.spool", 3, "ab" * 32, None)))
    aside = node.house.spool.folder / "f.damaged"
    aside.write_bytes(b"?")
    assert Alarm.SPOOL_ODD in alarms(node)
    aside.unlink()
    assert Alarm.SPOOL_ODD not in alarms(node)


def test_a_look_notes_since_when_and_logs_beginning_and_end(node, caplog):
    node.house.decoder.losses_in_a_row = DECODER_LOSSES_MAX
    began = node.clock.now()
    look(node.house)
    node.move(minutes=7)
    assert look(node.house).alarms == (Alarm.DECODER_FAILING,)
    assert node.house.watch.raised == {Alarm.DECODER_FAILING: began}
    node.house.decoder.losses_in_a_row = 0
    look(node.house)
    assert [record.getMessage() for record in caplog.records if "alarm" in record.getMessage()] == [
        "alarm raised: decoder-failing",
        "alarm over: decoder-failing",
    ]


def test_who_can_wait_and_who_cannot():
    assert {alarm for alarm in Alarm if not alarm.pages} == {
        Alarm.DECODER_FAILING,
        Alarm.DISK_SHORT,
        Alarm.LOOP_FAILING,
        Alarm.SPOOL_ODD,
        Alarm.WARNING_UNSEEN,
    }
