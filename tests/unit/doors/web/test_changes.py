import asyncio

import pytest

from beffroi.doors.web.changes import Streams
from beffroi.flow.changes import Changes
from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.errors import TooMany
from beffroi.ground.kernel.limits import CHANGES_STREAMS_MAX


class Visitor:
    gone = False

    async def is_disconnected(self):
        return self.gone


def test_a_burst_is_one_line_and_a_visitor_who_left_ends_the_stream():
    changes, visitor = Changes(), Visitor()
    streams = Streams(changes, SystemClock())

    async def listen():
        lines = streams.open(visitor).body_iterator
        assert (await anext(lines)).startswith("retry:")
        for _ in range(50):
            changes.tell()
        told = await anext(lines)
        visitor.gone = True
        return told, [line async for line in lines]

    assert asyncio.run(listen()) == ("event: changed\ndata: 50\n\n", [])


def test_all_of_them_end_with_the_node():
    streams = Streams(Changes(), SystemClock())

    async def listen():
        lines = streams.open(Visitor()).body_iterator
        await anext(lines)
        streams.stop()
        return [line async for line in lines]

    assert asyncio.run(listen()) == []


def test_there_are_only_so_many():
    streams = Streams(Changes(), SystemClock())

    async def fill():
        opened = [streams.open(Visitor()).body_iterator for _ in range(CHANGES_STREAMS_MAX)]
        for lines in opened:
            await anext(lines)
        with pytest.raises(TooMany):
            streams.open(Visitor())
        await opened[0].aclose()
        return streams.open(Visitor())

    assert asyncio.run(fill()).media_type == "text/event-stream"
