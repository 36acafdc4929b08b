"""Lines of the log: whole, bounded, and without what somebody posted."""

import io
import json
import logging
import threading

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import LOG_FRAMES_MAX, LOG_LINES_WAITING_MAX
from beffroi.ground.kernel.log import note, written_to

OURS, FOREIGN = logging.getLogger("beffroi.trial"), logging.getLogger("somebody.else")


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_row_is_a_line_with_time_level_and_origin():
    stream = io.StringIO()
    with written_to(stream):
        note(OURS, logging.INFO, [{"event": "a", "n": 1}, {"event": "b\n"}])
    first, second = lines(stream)
    assert (first["event"], first["n"], first["level"], first["log"]) == ("a", 1, "info", "beffroi.trial")
    assert first["at"].endswith("Z")
    assert second["event"] == "b\n"


def test_a_foreign_line_keeps_its_words_and_loses_what_it_was_given():
    stream = io.StringIO()
    with written_to(stream):
        FOREIGN.info("not worth a line")
        FOREIGN.warning("could not read %s", "a canary")
        OURS.info("the loop %s goes on", "sweep")
    assert [line["message"] for line in lines(stream)] == ["could not read %s", "the loop sweep goes on"]


def test_an_exception_is_told_by_kind_and_place_not_by_its_words():
    stream = io.StringIO()

    def deep(levels):
        if levels:
            deep(levels - 1)
        raise ValueError("a canary")

    with written_to(stream):
        try:
            try:
                deep(LOG_FRAMES_MAX + 5)
            except ValueError as error:
                raise Unavailable("not-now", "another canary") from error
        except Unavailable:
            OURS.exception("it failed")
        try:
            deep(LOG_FRAMES_MAX + 5)
        except ValueError:
            OURS.exception("it failed")
    first, second = lines(stream)
    assert (first["error"], first["code"]) == ("beffroi.ground.kernel.errors.Unavailable", "not-now")
    assert first["cause"] == "builtins.ValueError"
    assert len(second["frames"]) == LOG_FRAMES_MAX
    assert second["frames"][-1].endswith(":deep")
    assert "canary" not in stream.getvalue()


class Stuck(io.StringIO):
    """A reader that stands still until told."""

    def __init__(self):
        super().__init__()
        self.go_on = threading.Event()

    def write(self, text):
        self.go_on.wait()
        return super().write(text)


def test_a_reader_that_stands_still_holds_nobody_up_and_hears_how_much_it_missed():
    stream, more = Stuck(), 50
    with written_to(stream):
        for number in range(LOG_LINES_WAITING_MAX + more):
            note(OURS, logging.INFO, [{"n": number}])
        stream.go_on.set()
        while len(stream.getvalue().splitlines()) < LOG_LINES_WAITING_MAX:
            threading.Event().wait(0.01)
        note(OURS, logging.INFO, [{"n": "last"}])
    told = lines(stream)
    dropped = sum(line.get("dropped", 0) for line in told)
    assert dropped + sum(1 for line in told if "n" in line) == LOG_LINES_WAITING_MAX + more + 1
    assert 0 < dropped <= more
    assert told[-1]["n"] == "last"


def test_afterwards_nothing_is_written_any_more():
    stream = io.StringIO()
    with written_to(stream):
        pass
    OURS.warning("after the end")
    assert stream.getvalue() == ""


def test_what_nobody_listens_to_is_not_made():
    logger = logging.getLogger("beffroi.test_log.deaf")
    logger.setLevel(logging.ERROR)
    note(logger, logging.INFO, (1 / 0 for _ in "1"))
