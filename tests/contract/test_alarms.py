"""Each alarm is caused once on a real node, seen over HTTP, and seen to go (house rule O1)."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from beffroi.flow import health
from beffroi.flow.health import Alarm
from beffroi.ground.storage import Effect
from beffroi.ground.storage.tx import NODE
from tests.alarms import CAUSES, Stage, platform_that_hangs, staged, until
from tests.nodes import Running

OF_THE_DATABASE = {Alarm.DATABASE_SILENT}
"""While it is raised no key is known, so that `/health` cannot say which."""


def alarms(node: Running) -> set[str]:
    """As a monitor with a key reads them; without one only that there are any."""
    told = node.client.get("/health", headers=node.bearer)
    assert told.status_code == 200, told.text
    said = told.json()
    assert said["status"] == ("red" if said["alarms"] else "ok")
    return set(said["alarms"])


def raised_then_gone(stage: Stage, alarm: Alarm, cause: AbstractContextManager[None]) -> None:
    until(lambda: alarm not in alarms(stage.node))
    with cause:
        until(lambda: alarm in alarms(stage.node))
    until(lambda: alarm not in alarms(stage.node))


def test_every_alarm_has_its_cause() -> None:
    assert set(CAUSES) == set(Alarm)


@pytest.mark.parametrize("alarm", sorted(set(Alarm) - OF_THE_DATABASE))
def test_an_alarm_comes_with_its_cause_and_goes_with_it(tmp_path: Path, alarm: Alarm) -> None:
    with staged(tmp_path) as stage:
        raised_then_gone(stage, alarm, CAUSES[alarm](stage))


def test_without_a_key_it_says_only_whether(tmp_path: Path) -> None:
    with staged(tmp_path) as stage, CAUSES[Alarm.CLOCK_BACK](stage):
        told = stage.node.client.get("/health").json()
        assert (told["status"], told["alarms"]) == ("red", None)


def test_a_clock_that_is_corrected_a_little_is_no_alarm(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.move(-2)
        assert Alarm.CLOCK_BACK not in alarms(stage.node)


def test_a_delivery_that_no_worker_takes(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        house = stage.node.house
        stage.node.node.crew.stop()
        house.write("law", NODE, lambda tx: tx.intend(Effect("late_verdict", "k-1", {}), not_before=tx.now))
        stage.move(6)
        until(lambda: Alarm.DUE_LATE in alarms(stage.node))
        house.write("law", NODE, lambda tx: tx.take_back("k-1"))
        until(lambda: Alarm.DUE_LATE not in alarms(stage.node))


def test_a_platform_that_hangs_holds_up_a_worker(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        raised_then_gone(stage, Alarm.LOOP_SILENT, platform_that_hangs(stage))


def test_a_database_that_does_not_answer(tmp_path: Path, postgres_url: str) -> None:
    with staged(tmp_path, postgres_url) as stage:
        node = stage.node
        until(lambda: not alarms(node))
        with CAUSES[Alarm.DATABASE_SILENT](stage):
            until(lambda: node.client.get("/health").status_code == 503)
            measured = health.measure(node.house)
            assert Alarm.DATABASE_SILENT in measured.alarms
            assert measured.is_paging
        until(lambda: not alarms(node))
