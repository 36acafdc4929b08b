"""What an event may hold (its type) and what a `repr` may show."""

from dataclasses import fields

import pytest

from beffroi.content import model
from beffroi.ground.storage import Event

EVENTS = [one for one in vars(model).values() if isinstance(one, type) and issubclass(one, Event) and one is not Event]
PERSONAL = {"text", "name", "bio", "url", "platform_id", "parent", "thread"}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_event_has_room_for_what_people_wrote(event):
    assert PERSONAL.isdisjoint(field.name for field in fields(event))


def test_bytes_of_files_are_not_shown():
    assert "lamp" not in repr(model.MediaGiven("m-1", content=b"lamp"))
