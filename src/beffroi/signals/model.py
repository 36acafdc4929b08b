"""The words of this package: what goes in, what comes out.

Owns: `Posted` (in), `Signal`, `Folded`, `PictureFacts`, `Undecodable`, `Extracted` (out), `SignalType` (how).
Promises: all are frozen; a `Signal` value is canonical, so that equal things have equal values.
Never does: input or output.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""Rows × columns (grey), or rows × columns × 3 (red, green, blue); 0 to 255."""

PictureFormat = Literal["jpeg", "png", "gif", "webp", "avif", "bmp", "tiff"]
PICTURE_FORMATS: tuple[PictureFormat, ...] = get_args(PictureFormat)

UndecodableReason = Literal[
    "empty",  # zero bytes
    "too-large",  # over `MEDIA_BYTES_MAX`
    "not-a-picture",  # judged by its first bytes: text, HTML, SVG, video, anything else
    "unsupported-format",  # a picture, of a kind we have no decoder for
    "too-many-pixels",  # refused from its header
    "truncated",  # ends early; signals of what was there may still exist
    "broken",  # the decoder refused it
    "too-much-memory",  # over `CHILD_MEMORY_BYTES_MAX`
    "too-slow",  # over `PICTURE_CPU_S_MAX` or `PICTURE_WALL_S_MAX`; the child was killed
    "decoder-crashed",  # the child died or answered nonsense; it was replaced
]
UNDECODABLE_REASONS: tuple[UndecodableReason, ...] = get_args(UndecodableReason)


@dataclass(frozen=True, slots=True)
class Signal:
    """One comparable value found in something posted.

    `type` is a name in `registry.TYPES`. `value` is canonical text: lower-case hex for hashes, a normalised URL.
    `quality` is 0 to 100 where the type has such a notion (PDQ; below 50 a match means little), else None.
    `source` says where it was found: "text", or "media:0" for the first file.
    """

    type: str
    value: str
    quality: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a signal type read: a canonical value and, where the type has one, its quality of 0 to 100."""

    value: str
    quality: int | None = None


class Raster(Protocol):
    """A decoded picture that can be read a few rows at a time, so that big ones are never held twice."""

    @property
    def height(self) -> int:
        """Rows."""
        ...

    @property
    def width(self) -> int:
        """Columns."""
        ...

    @property
    def orientation(self) -> int:
        """EXIF orientation, 1 to 8: how a viewer turns the stored rows; 1 is "as stored"."""
        ...

    def rows(self, start: int, stop: int) -> Pixels:
        """Rows `start` up to, not including, `stop`, as stored."""
        ...


@dataclass(frozen=True, slots=True)
class SignalType:
    """One way to tell that two things are the same or alike.

    `parse(text, where)` reads a value written in a bank file and gives its canonical form, or raises
    `Invalid(where=where)`. `distance(a, b)` of two canonical values runs from 0 (equal) to `distance_max`.
    `of_bytes`, `of_text` and `of_raster` read the type from a file, a text, a picture; None where it cannot be.
    """

    name: str
    parse: Callable[[str, str], str]
    distance: Callable[[str, str], int]
    distance_max: int
    of_bytes: Callable[[bytes], Reading] | None = None
    of_text: Callable[[str], tuple[Reading, ...]] | None = None
    of_raster: Callable[[Raster], tuple[Reading, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """A text reduced to what a reader sees, with the way back.

    `offsets[i]` is the place in the original (of `length_original` characters) that folded character `i` came
    from. It never decreases; it is a `range` where nothing moved.
    """

    text: str
    offsets: Sequence[int]
    length_original: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that folded characters `start` up to `end` came from; never empty."""
        last = self.offsets[end - 1]
        following = bisect_right(self.offsets, last)
        stop = self.offsets[following] if following < len(self.offsets) else self.length_original
        return self.offsets[start], stop


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the child found in one picture. Pixels as stored; `frames` counts, but only the first one was read.

    `flaw` is "truncated" or "broken" when only a part could be decoded: its signals stand, yet a picture that
    browsers may show in another way was not wholly examined. `readings` pairs a type's name with what it read.
    """

    width: int
    height: int
    format: PictureFormat
    frames: int
    flaw: Literal["truncated", "broken"] | None
    readings: tuple[tuple[str, Reading], ...]


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A file that was not, or not wholly, decoded. The verdict on it is "unknown", never "reject"."""

    reason: UndecodableReason
    source: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """One item as it was posted: its text, if any, and its files in their order."""

    text: str | None
    media: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one item gave. `pictures[i]` speaks of file `i`; `folded` is None where there was no text."""

    signals: tuple[Signal, ...]
    folded: Folded | None
    pictures: tuple[PictureFacts | Undecodable, ...]

    @property
    def undecodable(self) -> tuple[Undecodable, ...]:
        """The files that were not wholly decoded, each with its source."""
        verdicts = ((f"media:{index}", _shortcoming(picture)) for index, picture in enumerate(self.pictures))
        return tuple(replace(verdict, source=source) for source, verdict in verdicts if verdict)


def _shortcoming(picture: PictureFacts | Undecodable) -> Undecodable | None:
    if isinstance(picture, Undecodable):
        return picture
    return Undecodable(picture.flaw) if picture.flaw else None
