import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.ground.kernel.limits import ANSWER_BYTES_MAX
from beffroi.signals.model import PICTURE_FORMATS, UNDECODABLE_REASONS, PictureFacts, Reading, Undecodable
from beffroi.signals.wire import (
    ANSWER_HEAD,
    REQUEST_HEAD,
    Nonsense,
    answer_frame,
    answer_size,
    hello_frame,
    read_answer,
    read_hello,
    request_head,
)

FACTS = PictureFacts(640, 480, "png", 3, "truncated", (("pdq", Reading("ab" * 32, 87)),))
SAID = {"width": 640, "height": 480, "frames": 3, "flaw": None, "readings": [["pdq", "ab" * 32, 87]]}


def body(frame):
    size = answer_size(frame[: ANSWER_HEAD.size])
    assert len(frame) == ANSWER_HEAD.size + size
    return frame[ANSWER_HEAD.size :]


@pytest.mark.parametrize("answer", [FACTS, *map(Undecodable, UNDECODABLE_REASONS)])
def test_an_answer_arrives(answer):
    assert read_answer(body(answer_frame(answer)), "png") == answer


def test_a_hello_arrives():
    assert read_hello(body(hello_frame(("rlimits", "seccomp")))) == ("rlimits", "seccomp")


def test_a_request_names_its_format():
    kind, size = REQUEST_HEAD.unpack(request_head("webp", 12))
    assert (PICTURE_FORMATS[kind], size) == ("webp", 12)


def test_the_size_of_an_answer_at_the_limit_and_over():
    assert answer_size(ANSWER_HEAD.pack(ANSWER_BYTES_MAX)) == ANSWER_BYTES_MAX
    with pytest.raises(Nonsense):
        answer_size(ANSWER_HEAD.pack(ANSWER_BYTES_MAX + 1))


@pytest.mark.parametrize(
    "lie",
    [
        {"width": 0},
        {"width": -1},
        {"width": "640"},
        {"width": True},
        {"width": 6.5},
        {"width": 50_000_001},
        {"width": 10_000, "height": 10_000},
        {"height": None},
        {"frames": 0},
        {"frames": 2**40},
        {"flaw": "ugly"},
        {"flaw": ["truncated"]},
        {"readings": "pdq"},
        {"readings": [["pdq", "ab" * 32, 87]] * 17},
        {"readings": [["pdq", "ab" * 31, 87]]},
        {"readings": [["pdq", "<script>", 87]]},
        {"readings": [["pdq", "ab" * 32, 101]]},
        {"readings": [["pdq", "ab" * 32, -1]]},
        {"readings": [["pdq", "ab" * 32, True]]},
        {"readings": [["pdq", "ab" * 32]]},
        {"readings": [["sha256", "ab" * 32, None]]},
        {"readings": [["tmk", "ab" * 32, None]]},
        {"readings": [[["pdq"], "ab" * 32, None]]},
        {"undecodable": "because"},
        {"undecodable": ["empty"]},
    ],
)
def test_a_lie_is_nonsense(lie):
    assert isinstance(read_answer(json.dumps(SAID).encode(), "png"), PictureFacts)
    with pytest.raises(Nonsense):
        read_answer(json.dumps(SAID | lie).encode(), "png")


@pytest.mark.parametrize("missing", SAID)
def test_nothing_may_be_missing(missing):
    said = {name: value for name, value in SAID.items() if name != missing}
    if missing == "flaw":
        assert isinstance(read_answer(json.dumps(said).encode(), "png"), PictureFacts)
    else:
        with pytest.raises(Nonsense):
            read_answer(json.dumps(said).encode(), "png")


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"{", b'{"width":1,"width":2}', b"\xff", b"[" * 4000, b'{"a":NaN}'])
@pytest.mark.parametrize("read", [read_hello, lambda raw: read_answer(raw, "png")])
def test_other_bytes_are_nonsense(read, raw):
    with pytest.raises(Nonsense):
        read(raw)


@pytest.mark.parametrize("steps", [None, "rlimits", [1], ["x"] * 17])
def test_a_hello_names_measures(steps):
    with pytest.raises(Nonsense):
        read_hello(json.dumps({"confinement": steps}).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_nonsense(raw):
    with suppress(Nonsense):
        assert isinstance(read_answer(raw, "gif"), PictureFacts | Undecodable)
