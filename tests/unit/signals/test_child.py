"""The child alone, spoken to over its pipes as the parent does."""

import subprocess
import sys

import pytest

from beffroi.signals.child import _CODECS, _next_request, _warm_up
from beffroi.signals.model import PICTURE_FORMATS, Undecodable
from beffroi.signals.wire import ANSWER_HEAD, answer_size, read_answer, read_hello, request_head
from tests.unit.signals.photographs import photograph, saved, scaled


@pytest.fixture
def child():
    command = [sys.executable, "-I", "-m", "beffroi.signals.child"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        yield running
        running.kill()


def heard(child):
    return child.stdout.read(answer_size(child.stdout.read(ANSWER_HEAD.size)))


def ask(child, kind, raw):
    child.stdin.write(request_head(kind, len(raw)) + raw)
    child.stdin.flush()
    return read_answer(heard(child), kind)


def test_it_greets_answers_and_ends_with_its_input(child):
    assert "rlimits" in read_hello(heard(child)) or sys.platform != "linux"
    picture = scaled(photograph("coffee.png"), 0.2)
    for kind in PICTURE_FORMATS:
        answer = ask(child, kind, saved(picture, kind))
        assert (answer.width, answer.height) == picture.size
        assert answer.readings
        assert ask(child, kind, b"nonsense") == Undecodable("broken")
    child.stdin.close()
    assert child.wait(20) == 0


@pytest.mark.parametrize("cut", [0, 3, 5, 20])
def test_a_request_cut_short_ends_it(child, cut):
    heard(child)
    child.stdin.write((request_head("png", 100) + bytes(100))[:cut])
    child.stdin.close()
    assert child.wait(20) == 0
    assert child.stdout.read() == b""


def test_a_request_is_read_whole():
    from io import BytesIO

    assert _next_request(BytesIO(request_head("gif", 3) + b"abc" + b"more")) == ("gif", b"abc")


def test_nothing_is_left_to_load_after_the_warm_up():
    """In a fresh process: pictures of every kind, whole and broken, import no further module."""
    program = """
import sys
from beffroi.signals.child import _warm_up
from beffroi.signals.picture import examine
sys.path.insert(0, {root!r})
from tests.unit.signals.photographs import photograph, saved, scaled
from beffroi.signals.model import PICTURE_FORMATS
import tests.unit.signals.test_picture
_warm_up()
before = set(sys.modules)
for name in ("coffee.png", "camera.png"):
    for kind in PICTURE_FORMATS:
        for mode in ("RGB", "L", "P"):
            try:
                whole = saved(scaled(photograph(name), 0.2).convert(mode), kind)
            except OSError:
                continue
            for place in range(0, len(whole), max(1, len(whole) // 15)):
                examine(kind, whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1:])
                examine(kind, whole[:place])
print(sorted(set(sys.modules) - before))
"""
    from pathlib import Path

    root = str(Path(__file__).parents[3])
    run = subprocess.run(
        [sys.executable, "-c", program.format(root=root)], capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout.strip() == "[]"


def test_codecs_are_known_by_name():
    assert all("x".encode(name) for name in _CODECS)
    _warm_up()
