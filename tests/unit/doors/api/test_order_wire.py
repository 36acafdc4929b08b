"""The shapes of orders: what they take, what they show."""

import pytest
from pydantic import ValidationError

from beffroi.doors.api import order_wire as wire
from beffroi.orders import views
from tests.unit.orders.test_rules import NOW, received


def test_a_clock_shows_both_readings():
    [hour, *_] = views.clocks(received(authentic=True), [])
    told = wire.clock_out(hour)
    assert (told.rule, told.version, told.reading, told.stopped_at) == ("execute", 1, "earliest", None)
    assert told.start < told.end <= told.latest


def test_an_arrival_says_how_it_came():
    given = wire.OrderIn.model_validate({"order": {}, "sender": "a@b.example", "received_at": NOW})
    assert (given.arrival().signed, given.arrival().received_at) == (False, NOW)


@pytest.mark.parametrize("items", [[0], [10_001], ["x"]])
def test_numbers_of_items_are_bounded(items):
    with pytest.raises(ValidationError):
        wire.ExecuteIn.model_validate({"person": "a@b.example", "items": items})


def test_the_schema_of_an_order_is_made_from_its_form():
    schema = wire.OrderIn.model_json_schema()
    assert set(schema["required"]) == {"order", "sender", "received_at"}
    assert "grounds" in schema["$defs"]["AnnexI"]["properties"]
