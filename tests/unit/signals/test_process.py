"""A child that behaves, and impostors in its place that do not."""

import os
import signal
import sys

import pytest

from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.limits import PICTURES_PER_CHILD_MAX
from beffroi.signals import process
from beffroi.signals.model import PictureFacts, Undecodable
from beffroi.signals.process import Child, Lost
from tests.unit.signals.photographs import photograph, saved, scaled

PICTURE = saved(scaled(photograph("coffee.png"), 0.3), "jpeg")
IMPOSTOR = r"""
import os, signal, sys, time
w, f = sys.stdout.buffer.write, sys.stdout.buffer.flush
hello = b'{"confinement": []}'
w(len(hello).to_bytes(4, "big") + hello)
f()
sys.stdin.buffer.read(5)
"""


@pytest.fixture
def child():
    child = Child(SystemClock())
    yield child
    child.end()


@pytest.fixture
def impostor(monkeypatch):
    """A maker of children that run a few lines of Python instead."""
    made = []

    def make(lines, wall_s=0.5):
        monkeypatch.setattr(process, "_COMMAND", (sys.executable, "-c", IMPOSTOR + lines))
        made.append(Child(SystemClock(), wall_s))
        return made[-1]

    yield make
    for each in made:
        each.end()


def lost(child, raw=PICTURE):
    with pytest.raises(Lost) as loss:
        child.examine("jpeg", raw)
    assert not child.is_fit
    assert child._process.returncode is not None, "it still lives"
    return loss.value.reason


def test_pictures_one_after_the_other(child):
    assert isinstance(child.examine("jpeg", PICTURE), PictureFacts)
    assert child.examine("png", PICTURE) == Undecodable("broken")
    assert isinstance(child.examine("jpeg", PICTURE), PictureFacts)
    assert child.is_fit


def test_it_says_how_it_is_confined(child):
    assert child.confinement() == child.confinement() != ()


def test_it_has_no_environment_but_a_search_path(monkeypatch):
    monkeypatch.setenv("BEFFROI_SECRET", "canary")
    telling = """
import json, os, sys
hello = json.dumps({"confinement": sorted(os.environ)}).encode()
sys.stdout.buffer.write(len(hello).to_bytes(4, "big") + hello)
"""
    monkeypatch.setattr(process, "_COMMAND", (sys.executable, "-c", telling))
    fresh = Child(SystemClock())
    try:
        names = set(fresh.confinement())
    finally:
        fresh.end()
    # The interpreter sets LC_CTYPE for itself where no language is set (PEP 538).
    assert names - {"LC_CTYPE"} == {"PATH", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX"}


def test_a_killed_child_is_lost(child):
    child.confinement()
    os.kill(child.pid, signal.SIGKILL)
    assert lost(child) == "decoder-crashed"


def test_a_stopped_child_is_given_up_in_time():
    child = Child(SystemClock(), wall_s=0.3)
    child.confinement()
    os.kill(child.pid, signal.SIGSTOP)
    assert lost(child) == "too-slow"


def test_a_dead_child_stays_dead(child):
    child.end()
    with pytest.raises(Lost):
        child.confinement()
    assert lost(child) == "decoder-crashed"
    child.end()


def test_it_wears_out(child):
    child._served = PICTURES_PER_CHILD_MAX - 1
    assert child.is_fit
    child.examine("jpeg", PICTURE)
    assert not child.is_fit


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("os._exit(0)", "decoder-crashed"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "decoder-crashed"),
        ("os.kill(os.getpid(), signal.SIGPROF)", "too-slow"),
        ("time.sleep(60)", "too-slow"),
        ("os.close(1); time.sleep(60)", "decoder-crashed"),
        (r"w(b'\xff\xff\xff\xff'); f(); time.sleep(60)", "decoder-crashed"),
        (r"w(b'\0\0\0\5hello'); f(); time.sleep(60)", "decoder-crashed"),
        (r"w(b'\0\0\0\x12{\"undecodable\": 1}'); f(); time.sleep(60)", "decoder-crashed"),
        (r"w(b'\0\0'); f(); time.sleep(60)", "too-slow"),
        (r"w(b'\0\0\0\5he'); f(); os._exit(0)", "decoder-crashed"),
        (r"w(b'\0\0\0\5'); [(w(b' '), f(), time.sleep(.2)) for _ in range(9)]", "too-slow"),
    ],
)
def test_impostors_are_dead_in_time(impostor, lines, reason):
    assert lost(impostor(lines), b"\xff\xd8\xff") == reason


def test_one_that_does_not_read_is_lost_in_time(impostor):
    more_than_a_pipe_holds = bytes(2**21)
    assert lost(impostor("time.sleep(60)"), more_than_a_pipe_holds) == "too-slow"
    assert lost(impostor("os._exit(0)"), more_than_a_pipe_holds) == "decoder-crashed"


def test_one_that_never_greets_is_lost(monkeypatch):
    monkeypatch.setattr(process, "_COMMAND", (sys.executable, "-c", "print('hello')"))
    child = Child(SystemClock())
    assert lost(child) == "decoder-crashed"
