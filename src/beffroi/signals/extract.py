"""Posted things in, signals out: the one call of this package that the flow makes.

Owns: `extract`.
Promises: one answer per item, in order; one round of the decoder per batch, each different file decoded once; nothing
in what was posted raises.
Never does: look at private messages (that is settled before) or keep what it was given.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from .decoder import Decoder
from .fold import fold
from .model import Extracted, PictureFacts, Posted, Signal, Undecodable
from .registry import TYPES

TEXT_SOURCE = "text"


def extract(decoder: Decoder, batch: Sequence[Posted]) -> list[Extracted]:
    """The signals of each item: of its text, of its files' bytes, of its pictures.

    Raises:
        Unavailable: the decoder is not running.

    """
    files = {_key(raw): raw for item in batch for raw in item.media}
    pictures = dict(zip(files, decoder.pictures(list(files.values())), strict=True))
    return [_extracted(item, [pictures[_key(raw)] for raw in item.media]) for item in batch]


def media_source(index: int) -> str:
    """What the source of a signal from file `index` of an item is called."""
    return f"media:{index}"


def _key(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def _extracted(item: Posted, pictures: Sequence[PictureFacts | Undecodable]) -> Extracted:
    signals = [*_of_text(item.text or "")]
    for index, (raw, picture) in enumerate(zip(item.media, pictures, strict=True)):
        signals += _of_file(raw, picture, media_source(index))
    return Extracted(
        signals=tuple(signals),
        folded=None if item.text is None else fold(item.text),
        pictures=tuple(pictures),
    )


def _of_text(text: str) -> Iterator[Signal]:
    for each in TYPES.values():
        for reading in each.of_text(text) if each.of_text else ():
            yield Signal(each.name, reading.value, reading.quality, TEXT_SOURCE)


def _of_file(raw: bytes, picture: PictureFacts | Undecodable, source: str) -> Iterable[Signal]:
    if raw:  # all empty files are alike, which says nothing about any of them
        for each in TYPES.values():
            if each.of_bytes:
                reading = each.of_bytes(raw)
                yield Signal(each.name, reading.value, reading.quality, source)
    if isinstance(picture, PictureFacts):
        for name, reading in picture.readings:
            yield Signal(name, reading.value, reading.quality, source)
