"""Reading bodies: caps at the limit and one beyond, bombs, broken codings."""

import gzip
import tracemalloc
import zlib

import pytest

from beffroi.ground.net.bodies import read_body
from beffroi.ground.net.errors import AnswerTooLarge, AnswerUnreadable


def pieces(raw: bytes, size: int = 1000) -> list[bytes]:
    return [raw[start : start + size] for start in range(0, len(raw), size)]


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_plain_bodies_up_to_the_limit(coding: str) -> None:
    assert read_body(pieces(b"x" * 5000), coding, 5000) == b"x" * 5000
    with pytest.raises(AnswerTooLarge):
        read_body(pieces(b"x" * 5001), coding, 5000)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_gzip_bodies_up_to_the_limit(coding: str, size: int) -> None:
    body = bytes(range(256)) * 20
    assert read_body(pieces(gzip.compress(body), size), coding, len(body)) == body
    with pytest.raises(AnswerTooLarge):
        read_body(pieces(gzip.compress(body + b"!"), size), coding, len(body))


def test_several_gzip_members_are_one_body() -> None:
    raw = gzip.compress(b"one, ") + gzip.compress(b"") + gzip.compress(b"two")
    for size in (1, 3, 1000):
        assert read_body(pieces(raw, size), "gzip", 100) == b"one, two"


def test_an_empty_body_needs_no_coding() -> None:
    assert read_body([], "gzip", 10) == b""


@pytest.mark.slow
def test_a_bomb_is_never_held() -> None:
    bomb = gzip.compress(bytes(256 * 2**20), 9)
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLarge):
            read_body(pieces(bomb, 65536), "gzip", 2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    "raw",
    [gzip.compress(b"whole")[:-4], gzip.compress(b"whole")[:12], b"not gzip at all", gzip.compress(b"a") + b"tail",
     zlib.compress(b"deflate"), gzip.compress(b"whole")[:-8] + bytes(8)],
    ids=["no checksum", "cut", "no gzip", "a tail", "deflate", "a wrong checksum"],  # gzip writes the time into bytes
)  # fmt: skip
def test_a_broken_coding_is_no_short_body(raw: bytes) -> None:
    with pytest.raises(AnswerUnreadable) as failure:
        read_body(pieces(raw, 5), "gzip", 1000)
    assert failure.value.reason == "content-coding-broken"


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "compress", "gzip, gzip", "gzip,br", "nonsense"])
def test_a_coding_nobody_asked_for(coding: str) -> None:
    with pytest.raises(AnswerUnreadable) as failure:
        read_body([b"x"], coding, 10)
    assert failure.value.reason == "content-coding-unknown"
