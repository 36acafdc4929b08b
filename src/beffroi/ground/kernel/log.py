"""The log of a process: one JSON object a line.

Owns: the form of a line, and how lines leave the process.
Promises: a line says what happened by ids, codes and our own words: no text of an exception, no argument of a foreign
logger, for either may quote what somebody posted. A reader that stands still never holds up the node: lines that find
no room are dropped, and the next line that gets through says how many.
Never does: decide what is worth a line.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue
from typing import Any, TextIO

from .clock import rfc3339
from .errors import BeffroiError
from .limits import LOG_FRAMES_MAX, LOG_LINES_WAITING_MAX

OURS = "beffroi"
_ROWS = "beffroi_rows"


def note(logger: logging.Logger, level: int, rows: Iterable[Mapping[str, object]]) -> None:
    """Write each of `rows` (ids, codes, numbers; nothing personal) as a line of its own."""
    if logger.isEnabledFor(level):
        logger.log(level, "", extra={_ROWS: tuple(rows)})


class Lines(logging.Formatter):
    """A record as one line, or as many as it has rows."""

    def format(self, record: logging.LogRecord) -> str:
        """Without a newline at the end."""
        at = rfc3339(datetime.fromtimestamp(record.created, UTC))
        head = {"at": at, "level": record.levelname.lower(), "log": record.name}
        rows = getattr(record, _ROWS, None) or (_told(record),)
        return "\n".join(_line(head | dict(row)) for row in rows)


def _line(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"), default=str)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    ours = record.name.partition(".")[0] == OURS
    told: dict[str, Any] = {"message": record.getMessage() if ours else str(record.msg)}
    error = record.exc_info[1] if record.exc_info else None
    return told if error is None else told | _error(error)


def _error(error: BaseException) -> dict[str, Any]:
    """Its kind and where it came from; not what it says."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    told: dict[str, Any] = {"error": kind, "frames": frames[-LOG_FRAMES_MAX:]}
    if isinstance(error, BeffroiError):
        told["code"] = error.code
    cause = error.__cause__
    return told if cause is None else told | {"cause": f"{type(cause).__module__}.{type(cause).__qualname__}"}


class _Waiting(QueueHandler):
    """Hands finished lines to the thread that writes them."""

    def __init__(self, queue: "Queue[logging.LogRecord]") -> None:
        super().__init__(queue)
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return logging.makeLogRecord({"msg": self.format(record), "levelno": record.levelno})

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            if self.dropped:
                self.queue.put_nowait(logging.makeLogRecord({"msg": _line({"log": OURS, "dropped": self.dropped})}))
                self.dropped = 0
            self.queue.put_nowait(record)
        except Full:
            self.dropped += 1


@contextmanager
def written_to(stream: TextIO) -> Iterator[None]:
    """Everything that is logged goes to `stream`; what waits at the end is written before it returns."""
    queue: Queue[logging.LogRecord] = Queue(LOG_LINES_WAITING_MAX)
    waiting, writing = _Waiting(queue), QueueListener(queue, logging.StreamHandler(stream))
    waiting.setFormatter(Lines())
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    before = root.level, ours.level
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)
    root.addHandler(waiting)
    writing.start()
    try:
        yield
    finally:
        root.removeHandler(waiting)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        writing.stop()
