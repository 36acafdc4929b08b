import re
import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr

from beffroi.flow.health import Record
from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.storage import Actor
from beffroi.ground.storage.spool import Spooled


@pytest.fixture
def crew(place):
    """What the node notes of its loops, whose failures are forgotten afterwards."""
    yield place.house.watch
    place.house.watch.failures.clear()


def page(place):
    return place.visitor("noor").get("/console/health").text


def test_each_part_has_its_state_in_words_and_its_figure(place):
    said = page(place)
    parts = ("Deliveries", "Ledger", "Writer", "Queue", "Disk", "Decoder of posted files", "Schema", "Versions")
    for part in (*parts, "Clock", "What time brings", "Oldest due delivery", "Oldest delivery that was tried"):
        assert f">{part}</th>" in said
    assert "Locked in:" in said
    assert "on SQLite, the newest." in said


def test_a_loop_that_fails_is_named_and_nothing_is_well_any_more(place, crew):
    crew.failures["sweep"] = "OperationalError"
    said = page(place)
    assert "A part of the node failed in its last turn" in said
    assert "Can wait for the day" in said
    assert "<span class='mono'>sweep</span>" in said
    assert "OperationalError" in said
    assert "All is well" not in said


def test_a_node_without_a_platform_says_that_nothing_can_be_carried_out(place):
    assert "nothing can be carried out." in page(place)


def test_the_ledger_is_late_only_once_an_event_has_waited_too_long(place):
    now = place.house.clock.now()
    just, late = (Record(8, now, 1, now - timedelta(seconds=LEDGER_LAG_S_MAX + more)) for more in (0, 1))
    assert not just.is_late(now)
    assert late.is_late(now)
    assert not Record(8, now, 0, None).is_late(now)


def test_a_change_of_banks_is_in_the_index(place):
    place.house.index.invalidate()
    assert "as the banks are." in page(place)


def test_a_loop_that_hangs_says_what_to_do(place):
    def hang():
        threading.Event().wait(0.01)

    dead = threading.Thread(target=hang)
    dead.start()
    dead.join()
    place.house.watch.begun("trial", dead, 1.0)
    said = page(place)
    place.house.watch.ended("trial")
    assert "It hangs or died" in said
    assert "Restart the node" in said
    assert "systemctl restart beffroi" in said
    assert "It hangs or died" not in page(place)


def test_a_decoder_that_fails_and_a_clock_that_went_back_have_their_words(place, monkeypatch):
    monkeypatch.setattr(place.house.decoder, "losses_in_a_row", 7)
    monkeypatch.setattr(place.house.watch, "clock_back_s", lambda: 90.0)
    said = page(place)
    assert "7 pictures in a row cost it a process" in said
    assert "It was set back by" in said
    assert "Somebody must come now" in said
    assert said.index("The clock was set back") < said.index("Pictures cost their decoder")  # that one can wait
    assert said.index("Come now") < said.index("Can wait for the day")


def test_what_waits_beside_the_record_is_said_and_nothing_is_well(place):
    assert ">Emergency spool</th>" in page(place)
    assert "Empty. It lies on the disk of the data" in page(place)
    place.house.spool.put(Spooled("order-of-a-later-release", "spl_1", place.house.clock.now(), Actor("node"), {}))
    try:
        said = page(place)
        assert "1 act waits to be recorded" in said
        assert "All is well" not in said
    finally:
        place.house.spool.drain(lambda _frame: None)
    assert "Empty." in page(place)


def test_the_reserved_disk_in_use(place):
    place.house.reserve.keep()
    place.house.reserve.release()
    try:
        assert "screening waits until there is room" in page(place)
    finally:
        assert place.house.reserve.keep()
    assert ">Reserved disk</th>" not in page(place)


def test_an_alarm_says_since_when_as_far_as_the_node_has_looked(place, monkeypatch):
    monkeypatch.setattr(place.house.decoder, "losses_in_a_row", 7)
    assert "since a moment ago" in page(place)
    monkeypatch.setitem(place.house.watch.raised, "decoder-failing", place.house.clock.now() - timedelta(minutes=7))
    assert "7 min ago" in page(place)


def test_what_is_measured_stands_beside_its_limit(place, monkeypatch):
    assert page(place).count('class="bar"') == 7
    assert re.search(r'Pictures lost in a row</th><td><svg[^>]*><rect class="a" x="0" y="0" width="0.0"', page(place))
    monkeypatch.setattr(place.house.decoder, "losses_in_a_row", 40)
    row = page(place).split("Pictures lost in a row</th>")[1].split("</tr>")[0]
    assert '<rect class="k" x="0" y="0" width="150.0"' in row
    assert "800 %" in row
    assert ">40 " in row


def test_a_node_with_a_monitor_says_that_it_hears_nothing(place, monkeypatch):
    monkeypatch.setattr(place.house.watch, "clock_back_s", lambda: 90.0)
    assert "No heartbeat is sent" not in page(place)
    monkeypatch.setitem(place.house.settings.__dict__, "heartbeat_url", SecretStr("https://monitor.example/x"))
    assert "No heartbeat is sent" in page(place)
