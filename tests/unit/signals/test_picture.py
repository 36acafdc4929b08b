"""The reading of one picture, in this process; `tests/attack/test_pictures.py` sends the hostile ones to children."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from beffroi.ground.kernel.limits import PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX
from beffroi.signals.model import PICTURE_FORMATS, PictureFacts, PictureFormat, Undecodable
from beffroi.signals.picture import examine
from beffroi.signals.types.pdq import distance, pdq_of_picture
from tests.unit.signals.photographs import COLOURED, photograph, saved, scaled

SAVINGS = [
    *(("jpeg", {"quality": quality}) for quality in (30, 50, 75, 95)),
    ("jpeg", {"quality": 80, "progressive": True}),
    ("jpeg", {"quality": 80, "subsampling": 0}),
    ("png", {}),
    ("webp", {"quality": 60}),
    ("webp", {"lossless": True}),
    ("avif", {"quality": 60}),
    ("gif", {}),
    ("bmp", {}),
    ("tiff", {"compression": "tiff_lzw"}),
    ("tiff", {"compression": "jpeg"}),
]


def facts(kind, raw):
    found = examine(kind, raw)
    assert isinstance(found, PictureFacts), found
    return found


def value(picture):
    return picture.readings[0][1].value


def as_the_reference_reads(raw):
    """Colours as Pillow gives them, hashed by the reference."""
    reference = pytest.importorskip("pdqhash", reason="pdqhash is not installed: uv sync --group peers")
    bits, quality = reference.compute(np.asarray(Image.open(BytesIO(raw)).convert("RGB")))
    return np.packbits(bits.astype(np.uint8)).tobytes().hex(), quality


def png(width, height, pixels=b""):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "options"), SAVINGS)
@pytest.mark.parametrize("name", ["color.png", "rocket.jpg", "camera.png"])
def test_every_saving_is_within_two_bits_of_the_reference(name, kind, options):
    """Three pictures, the first as colourful as can be; `tests/contract/test_real_pictures.py` takes them all."""
    raw = saved(scaled(photograph(name), 0.7), kind, **options)
    expected, expected_quality = as_the_reference_reads(raw)
    found = facts(kind, raw)
    assert expected_quality >= 50
    assert distance(value(found), expected) <= 2
    assert found.readings[0][1].quality == expected_quality


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "YCbCr", "I;16"])
def test_every_colour_mode_is_near_the_picture(mode):
    original = photograph("coffee.png")
    kind: PictureFormat = "jpeg" if mode in {"CMYK", "YCbCr"} else "png"
    if mode == "I;16":
        image = Image.fromarray(np.asarray(original.convert("L")).astype(np.uint16) * 257)
    else:
        image = original.convert(mode)
    found = facts(kind, saved(image, kind))
    tolerance = 40 if mode == "1" else 12  # black and white dots are another picture, nearly
    assert distance(value(found), pdq_of_picture(np.asarray(original))[0].hex()) <= tolerance


def test_transparency_does_not_count():
    opaque = photograph("astronaut.png")
    clear = opaque.copy()
    clear.putalpha(Image.linear_gradient("L").resize(opaque.size))
    assert value(facts("png", saved(clear, "png"))) == value(facts("png", saved(opaque, "png")))


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_picture_turned_by_exif_is_read_as_stored_and_as_seen(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    raw = saved(photograph("coffee.png"), kind, exif=exif)
    stored, seen = (reading.value for _, reading in facts(kind, raw).readings)
    assert distance(stored, as_the_reference_reads(raw)[0]) <= 2
    turned = ImageOps.exif_transpose(Image.open(BytesIO(raw))).convert("RGB")
    assert distance(seen, pdq_of_picture(np.asarray(turned))[0].hex()) <= 2


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0nonsense", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\xff\xff\0\0"]
)
def test_broken_exif_does_not_matter(exif):
    found = facts("jpeg", saved(photograph("coffee.png"), "jpeg", exif=exif))
    assert len(found.readings) == 1


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tiff", "avif"])
def test_of_several_frames_the_first_is_read_and_all_are_counted(kind):
    first, *others = (scaled(photograph(name), 0.3).resize((160, 120)) for name in COLOURED[:3])
    found = facts(kind, saved(first, kind, save_all=True, append_images=others))
    assert found.frames == 3
    assert distance(value(found), pdq_of_picture(np.asarray(first))[0].hex()) <= 20


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_what_the_facts_say(kind):
    found = facts(kind, saved(photograph("coffee.png"), kind))
    assert (found.width, found.height, found.format, found.frames, found.flaw) == (600, 400, kind, 1, None)
    assert [name for name, _ in found.readings] == ["pdq"]


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "tiff", "bmp"])
def test_what_is_left_of_a_cut_file_is_read_and_told(kind):
    whole = saved(photograph("coffee.png"), kind)
    found = examine(kind, whole[: len(whole) * 95 // 100])
    if isinstance(found, PictureFacts):
        assert found.flaw in {"truncated", "broken"}
    else:
        assert found.reason in {"truncated", "broken"}


def test_a_jpeg_without_its_last_bytes_is_still_recognised():
    whole = saved(photograph("coffee.png"), "jpeg", quality=90)
    found = facts("jpeg", whole[:-500])
    assert found.flaw == "truncated"
    assert distance(value(found), value(facts("jpeg", whole))) <= 16


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_bytes_of_nothing(kind):
    assert examine(kind, b"\0" * 100) == Undecodable("broken")


def test_sizes_at_the_limits_and_over():
    too_many = Undecodable("too-many-pixels")
    assert examine("png", png(PICTURE_SIDE_MAX, 1)) != too_many
    assert examine("png", png(PICTURE_SIDE_MAX + 1, 1)) == too_many
    assert PICTURE_PIXELS_MAX == 10_000 * 5_000
    assert examine("png", png(10_000, 5_000)) != too_many
    assert examine("png", png(10_000, 5_001)) == too_many
    assert examine("png", png(50_000, 50_000)) == too_many


@pytest.mark.slow
def test_a_large_jpeg_is_read_by_its_luma_plane():
    large = photograph("camera.png").resize((6000, 4200))
    raw = saved(large, "jpeg", quality=60)
    found = facts("jpeg", raw)
    assert distance(value(found), pdq_of_picture(np.asarray(large))[0].hex()) <= 4


def test_a_picture_too_small_for_a_hash_has_none():
    found = facts("png", saved(photograph("coffee.png").resize((4, 300)), "png"))
    assert (found.width, found.readings) == (4, ())
