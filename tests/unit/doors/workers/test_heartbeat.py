"""The heartbeat against a real monitor on loopback."""

import json

import pytest

from beffroi.doors.workers import heartbeat
from beffroi.doors.workers.crew import Crew
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import CLOCK_BACK_S_MAX, DECODER_LOSSES_MAX
from tests.attack.ssrf.traps import Trap, answer, read_request
from tests.unit.flow.node import opened

from ..platforms.receiver import split
from .test_crew import until


class Monitor:
    """Hears beats, and answers as told."""

    def __init__(self):
        self.heard, self.status = [], "200 OK"
        self.trap = Trap(self._serve)

    def _serve(self, connection):
        first, headers, body = split(read_request(connection))
        self.heard.append((first.split(" ")[:2], headers["content-type"], json.loads(body)))
        connection.sendall(answer(b"OK", status=self.status))


@pytest.fixture
def monitor():
    made = Monitor()
    with made.trap:
        yield made


@pytest.fixture
def beating(folder, monitor):
    """A node whose monitor it is."""
    with opened(folder, heartbeat_url=monitor.trap.url("/ping/secret"), outbound_allow=(monitor.trap.pair,)) as made:
        yield made


def test_a_beat_says_how_the_node_is(beating, monitor):
    assert heartbeat.beat(beating.house)
    [(asked, kind, told)] = monitor.heard
    assert (asked, kind) == (["POST", "/ping/secret"], "application/json")
    assert (told["status"], told["alarms"], told["node"]) == ("ok", [], beating.house.settings.public_url)


def test_what_can_wait_is_told_and_the_beat_goes_on(beating, monitor):
    beating.house.decoder.losses_in_a_row = DECODER_LOSSES_MAX
    assert heartbeat.beat(beating.house)
    assert (monitor.heard[0][2]["status"], monitor.heard[0][2]["alarms"]) == ("red", ["decoder-failing"])


def test_what_pages_stops_the_beat_until_it_is_over(beating, monitor, caplog):
    beating.move(seconds=-(CLOCK_BACK_S_MAX + 1))
    assert not heartbeat.beat(beating.house)
    assert monitor.heard == []
    assert "no heartbeat: clock-back" in caplog.text
    beating.move(seconds=CLOCK_BACK_S_MAX + 1)
    assert heartbeat.beat(beating.house)
    assert len(monitor.heard) == 1


def test_a_monitor_that_refuses_is_a_failure_of_the_loop(beating, monitor):
    monitor.status = "404 Not Found"
    with pytest.raises(Unavailable) as refused:
        heartbeat.beat(beating.house)
    assert refused.value.code == "heartbeat-refused"
    assert "secret" not in refused.value.message


def test_the_crew_beats(beating, monitor):
    made = Crew(beating.house, None)
    made.start()
    until(lambda: monitor.heard)
    made.stop()


def test_without_a_monitor_there_is_no_such_loop(node, webhook):
    without = Crew(node.house, webhook)
    without.start()
    assert "heartbeat" not in {thread.name for thread in without._threads}
    without.stop()
