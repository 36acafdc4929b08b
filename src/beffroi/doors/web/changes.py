"""The stream that says `changed`, with a number and nothing else (server-sent events).

Owns: its form and its pace.
Promises: it holds no thread; a burst of commits is one line; it tells nobody what changed; it ends when the node does.
Never does: authorise; the door does, before it begins.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from beffroi.flow.changes import Changes
from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import TooMany
from beffroi.ground.kernel.limits import CHANGES_BEAT_S, CHANGES_POLL_S, CHANGES_STREAMS_MAX


class Streams:
    """The open streams of this process."""

    def __init__(self, changes: Changes, clock: Clock) -> None:
        """Tell of `changes`."""
        self._changes = changes
        self._clock = clock
        self._open = 0
        self._stopping = False

    def stop(self) -> None:
        """End all of them; the node stops."""
        self._stopping = True

    def open(self, request: Request) -> StreamingResponse:
        """One more stream; it ends when the visitor leaves.

        Raises:
            TooMany: `CHANGES_STREAMS_MAX` are open.

        """
        if self._open >= CHANGES_STREAMS_MAX:
            raise TooMany("too-many-streams", "too many pages are open", retry_after_s=30)
        return StreamingResponse(
            self._lines(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    async def _lines(self, request: Request) -> AsyncIterator[str]:
        self._open += 1
        try:
            seen = self._changes.number
            said_at = self._clock.monotonic()
            yield "retry: 3000\n\n"
            while not self._stopping and not await request.is_disconnected():
                await asyncio.sleep(CHANGES_POLL_S)
                now, number = self._clock.monotonic(), self._changes.number
                if number != seen:
                    seen, said_at = number, now
                    yield f"event: changed\ndata: {number}\n\n"
                elif now - said_at > CHANGES_BEAT_S:
                    said_at = now
                    yield ": still here\n\n"
        finally:
            self._open -= 1
