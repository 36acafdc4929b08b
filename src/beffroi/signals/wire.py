"""What parent and child say to each other.

Owns: the frames on the two pipes: a request is a format and a file, an answer is a short JSON object.
Promises: the parent believes nothing an answer says before it has checked every part of it.
Never does: read or write; that is `child` and `decoder`.

    request   1 byte: place in `PICTURE_FORMATS` · 4 bytes: length, big-endian · the file
    answer    4 bytes: length, big-endian · UTF-8 JSON
"""

import json
import struct
from typing import Any

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.json import parse
from beffroi.ground.kernel.limits import ANSWER_BYTES_MAX, PICTURE_PIXELS_MAX

from .model import PICTURE_FORMATS, UNDECODABLE_REASONS, PictureFacts, PictureFormat, Reading, Undecodable
from .registry import TYPES

REQUEST_HEAD = struct.Struct(">BI")
ANSWER_HEAD = struct.Struct(">I")
_QUALITY_MAX = 100
_FRAMES_MAX = 2**31
_READINGS_MAX = 16
_FLAWS = (None, "truncated", "broken")
_STEPS_MAX = 16


class Nonsense(Exception):
    """An answer that no honest child gives."""


def request_head(kind: PictureFormat, size_bytes: int) -> bytes:
    """What precedes a file on its way to the child."""
    return REQUEST_HEAD.pack(PICTURE_FORMATS.index(kind), size_bytes)


def answer_frame(answer: PictureFacts | Undecodable) -> bytes:
    """An answer with its length in front."""
    if isinstance(answer, Undecodable):
        return _frame({"undecodable": answer.reason})
    return _frame(
        {
            "width": answer.width,
            "height": answer.height,
            "frames": answer.frames,
            "flaw": answer.flaw,
            "readings": [[name, reading.value, reading.quality] for name, reading in answer.readings],
        },
    )


def hello_frame(confinement: tuple[str, ...]) -> bytes:
    """A child's first words: which measures hold."""
    return _frame({"confinement": list(confinement)})


def answer_size(head: bytes) -> int:
    """The length of the JSON that follows.

    Raises:
        Nonsense: over `ANSWER_BYTES_MAX`.

    """
    (size,) = ANSWER_HEAD.unpack(head)
    if size > ANSWER_BYTES_MAX:
        raise Nonsense
    return int(size)


def read_hello(body: bytes) -> tuple[str, ...]:
    """The measures that a child says hold.

    Raises:
        Nonsense: it says something else.

    """
    steps = _object(body).get("confinement")
    if not isinstance(steps, list) or len(steps) > _STEPS_MAX or not all(isinstance(step, str) for step in steps):
        raise Nonsense
    return tuple(steps)


def read_answer(body: bytes, kind: PictureFormat) -> PictureFacts | Undecodable:
    """What the child found in a picture of format `kind`, every part checked.

    Raises:
        Nonsense: a part is missing, of another type or out of range.

    """
    said = _object(body)
    if "undecodable" in said:
        if said["undecodable"] not in UNDECODABLE_REASONS:
            raise Nonsense
        return Undecodable(said["undecodable"])
    width = _whole(said.get("width"), PICTURE_PIXELS_MAX)
    height = _whole(said.get("height"), PICTURE_PIXELS_MAX // width)
    flaw, readings = said.get("flaw"), said.get("readings")
    if flaw not in _FLAWS or not isinstance(readings, list) or len(readings) > _READINGS_MAX:
        raise Nonsense
    return PictureFacts(
        width=width,
        height=height,
        format=kind,
        frames=_whole(said.get("frames"), _FRAMES_MAX),
        flaw=flaw,
        readings=tuple(_reading(each) for each in readings),
    )


def _frame(said: dict[str, Any]) -> bytes:
    body = json.dumps(said).encode()
    return ANSWER_HEAD.pack(len(body)) + body


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = parse(body, size_max=ANSWER_BYTES_MAX)
    except Invalid:
        raise Nonsense from None
    if not isinstance(said, dict):
        raise Nonsense
    return said


def _whole(value: object, largest: int) -> int:
    if type(value) is not int or not 1 <= value <= largest:
        raise Nonsense
    return value


def _reading(said: object) -> tuple[str, Reading]:
    match said:
        case [str(name), str(value), quality] if name in TYPES and TYPES[name].of_raster:
            pass
        case _:
            raise Nonsense
    if quality is not None and (type(quality) is not int or not 0 <= quality <= _QUALITY_MAX):
        raise Nonsense
    try:
        canonical = TYPES[name].parse(value, "")
    except Invalid:
        raise Nonsense from None
    return name, Reading(canonical, quality)
