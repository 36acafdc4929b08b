from datetime import timedelta

import pytest

from beffroi.doors.console.health import Record
from beffroi.ground.kernel.limits import LEDGER_LAG_S_MAX
from beffroi.ground.storage import Actor
from beffroi.ground.storage.spool import Spooled


@pytest.fixture
def crew(place):
    """The node's loops, whose failures are forgotten afterwards."""
    crew = place.application.state.crew
    yield crew
    crew.failures.clear()


def page(place):
    return place.visitor("noor").get("/console/health").text


def test_each_part_has_its_state_in_words_and_its_figure(place):
    said = page(place)
    for part in ("Deliveries", "Ledger", "Writer", "Queue", "Disk", "Decoder of posted files", "Schema", "Versions"):
        assert f">{part}</th>" in said
    assert "Locked in:" in said
    assert "on SQLite, the newest." in said


def test_a_loop_that_fails_is_named_and_nothing_is_well_any_more(place, crew):
    crew.failures["sweep"] = "OperationalError"
    said = page(place)
    assert "<span class='mono'>sweep</span>" in said
    assert "OperationalError" in said
    assert "Something needs a person" in said


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


def test_what_waits_beside_the_record_is_said_and_nothing_is_well(place):
    assert ">Emergency spool</th>" in page(place)
    assert "Empty. It lies on the disk of the data" in page(place)
    place.house.spool.put(Spooled("order-of-a-later-release", "spl_1", place.house.clock.now(), Actor("node"), {}))
    try:
        said = page(place)
        assert "1 act waits to be recorded" in said
        assert "Something needs a person" in said
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
