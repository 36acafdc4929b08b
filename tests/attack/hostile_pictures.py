"""Pictures made to hurt whoever opens them. Nothing here is more than a few megabytes, or shows anything.

Owns: one function per attack; `ATTACKS` names those that are one file.
Promises: the same bytes on every run.
Never does: open what it makes.
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from PIL import Image

from tests.unit.signals.photographs import photograph, saved, scaled

PICTURE = scaled(photograph("coffee.png"), 0.4)
KINDS = ("jpeg", "png", "gif", "webp", "avif", "bmp", "tiff")
HTML = b"<html><script>alert(1)</script></html>"


def chunk(name: bytes, body: bytes) -> bytes:
    """A PNG chunk with a right checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG of these dimensions, whatever follows."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


@cache
def zeros(size_bytes: int) -> bytes:
    """So many zero bytes, compressed about a thousandfold."""
    packer = zlib.compressobj(9)
    pieces = [packer.compress(bytes(min(2**20, size_bytes - done))) for done in range(0, size_bytes, 2**20)]
    return b"".join(pieces) + packer.flush()


def good_png_with(extra: bytes) -> bytes:
    """A good picture with a chunk put in after its header."""
    whole = saved(PICTURE, "png")
    return whole[:33] + extra + whole[33:]


def gif_of(frames: int) -> bytes:
    """An animation of small frames."""
    return saved(
        Image.new("P", (32, 32)),
        "gif",
        save_all=True,
        append_images=(Image.new("P", (32, 32), n % 256) for n in range(1, frames)),
        optimize=False,
    )


def gif_that_claims(width: int, height: int) -> bytes:
    """A screen and a frame of these dimensions with next to no pixels in it."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + screen + frame + b";"


def webp_that_claims(width: int, height: int) -> bytes:
    """An extended WebP header over a small picture."""
    inner = saved(PICTURE, "webp", lossless=True)[12:]
    extended = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + struct.pack("<I", width - 1)[:3]
        + struct.pack("<I", height - 1)[:3]
    )
    return b"RIFF" + struct.pack("<I", 4 + len(extended) + len(inner)) + b"WEBP" + extended + inner


def tiff_of_loops() -> bytes:
    """A directory whose next directory is itself."""
    entries = [
        (256, 4, 64),
        (257, 4, 64),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 64),
        (279, 4, 4096),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + struct.pack("<I", 8) + bytes(4096)


def jpeg_of_many_scans() -> bytes:
    """A progressive picture of one grey whose last scan, 61 bytes for a million blocks, is said 20,000 times."""
    whole = saved(Image.new("L", (6000, 6000), 128), "jpeg", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 20_000 + b"\xff\xd9"


def jpeg_polyglot() -> bytes:
    """A good JPEG that carries a page in a comment and behind its end."""
    whole = saved(PICTURE, "jpeg")
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML + whole[2:] + HTML


def gif_polyglot() -> bytes:
    """A good GIF with a script behind its end."""
    return saved(PICTURE, "gif") + b"/*" + HTML + b"*/=1;alert(1)"


ATTACKS: dict[str, Callable[[], bytes]] = {
    "gigapixel PNG header": lambda: png(50_000, 20_000, chunk(b"IDAT", b"")),
    "the largest PNG header": lambda: png(2**31 - 1, 2**31 - 1),
    "a PNG of no width": lambda: png(0, 10),
    "decompression bomb within the pixel limit": lambda: png(7000, 7000, chunk(b"IDAT", zeros(7000 * 21_001))),
    "more rows than the header says": lambda: png(100, 100, chunk(b"IDAT", zeros(2**28))),
    "a colour profile of half a gigabyte": lambda: good_png_with(chunk(b"iCCP", b"x\0\0" + zeros(2**29))),
    "a comment of half a gigabyte": lambda: good_png_with(chunk(b"zTXt", b"x\0\0" + zeros(2**29))),
    "a hundred thousand comments": lambda: good_png_with(chunk(b"tEXt", b"k\0" + b"v" * 20) * 100_000),
    "a translated comment of half a gigabyte": lambda: good_png_with(
        chunk(b"iTXt", b"x\0\1\0\0\0" + zeros(2**29)),
    ),
    "16-bit colours": lambda: png(4000, 4000, chunk(b"IDAT", zeros(4000 * 24_001)), depth=16),
    "a GIF of ten thousand frames": lambda: gif_of(10_000),
    "a GIF that claims 65,535 pixels a side": lambda: gif_that_claims(65_535, 65_535),
    "a GIF that claims 7,000 pixels a side": lambda: gif_that_claims(7_000, 7_000),
    "a WebP that claims 16,384 pixels a side": lambda: webp_that_claims(16_384, 16_384),
    "a WebP that claims a size its picture has not": lambda: webp_that_claims(4_000, 4_000),
    "a TIFF directory that follows itself": tiff_of_loops,
    "a JPEG of very many scans": jpeg_of_many_scans,
    "a BMP that claims two billion pixels": lambda: (
        saved(PICTURE, "bmp")[:18] + struct.pack("<ii", 50_000, 40_000) + saved(PICTURE, "bmp")[26:]
    ),
    "JPEG and HTML in one": jpeg_polyglot,
    "GIF and script in one": gif_polyglot,
    "a JPEG start and nothing else": lambda: b"\xff\xd8\xff",
    "a PNG start and noise": lambda: b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(100_000),
    "PNG bytes after a GIF start": lambda: b"GIF89a" + saved(PICTURE, "png"),
    "a million zero bytes after a TIFF start": lambda: b"II*\0\x08\0\0\0" + bytes(10**6),
}


def cut_short() -> Iterator[tuple[str, bytes]]:
    """Files of every kind that end early, at many places."""
    for kind in KINDS:
        whole = saved(PICTURE, kind)
        for share in (2, 5, 10, 30, 60, 90, 99):
            yield kind, whole[: len(whole) * share // 100 + 1]


def mutated(count: int, seed: int) -> Iterator[bytes]:
    """Valid files with a few bytes, lengths or stretches changed; nine in ten near the start, where the headers are."""
    chance = random.Random(seed)
    wholes = [saved(PICTURE.convert(mode), kind) for kind in KINDS for mode in ("RGB", "L")]
    wholes += [saved(PICTURE, "jpeg", progressive=True), gif_of(4), saved(PICTURE.convert("P"), "png")]
    for _ in range(count):
        raw = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 8)):
            reach = len(raw) if chance.random() < 0.1 else min(len(raw), 400)
            place = chance.randrange(12, max(13, reach))
            _change(raw, place, chance)
        yield bytes(raw)


def _change(raw: bytearray, place: int, chance: random.Random) -> None:
    match chance.randrange(5):
        case 0:
            raw[place : place + 1] = bytes([chance.randrange(256)])
        case 1:
            raw[place : place + 4] = chance.choice(
                [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b"\0\0\xff\xff"]
            )
        case 2:
            del raw[place : place + chance.randint(1, 64)]
        case 3:
            raw[place:place] = chance.randbytes(chance.randint(1, 64))
        case _:
            raw[place : place + 32] = raw[-32:]
