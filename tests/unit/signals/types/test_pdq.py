"""PDQ against its reference: kept vectors always, the reference itself where it is installed (group `peers`)."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from beffroi.ground.kernel.errors import Invalid
from beffroi.signals.types import pdq
from tests.unit.signals.photographs import ALL, COLOURED, photograph, scaled

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/pdq.json").read_text("utf-8"))["pictures"]
ZERO = "0" * 64


class Turned:
    """Pixels with an EXIF orientation, as a `Raster`."""

    def __init__(self, pixels, orientation=1):
        self.pixels, self.orientation = pixels, orientation
        self.height, self.width = pixels.shape[:2]

    def rows(self, start, stop):
        return self.pixels[start:stop]


def pixels(image):
    return np.asarray(image)


@pytest.mark.parametrize("name", ALL)
def test_the_kept_vectors_of_the_reference(name):
    found, quality = pdq.pdq_of_picture(pixels(photograph(name)))
    expected = VECTORS[name]
    assert quality == expected["quality"]
    assert pdq.distance(found.hex(), expected["pdq"]) <= 2


@pytest.mark.parametrize("factor", [0.1, 0.77, 1, 1.6])
@pytest.mark.parametrize("name", ALL)
def test_within_two_bits_of_the_reference(name, factor):
    reference = pytest.importorskip("pdqhash", reason="pdqhash is not installed: uv sync --group peers")
    picture = pixels(scaled(photograph(name), factor))
    expected, expected_quality = reference.compute_dihedral(picture)
    found, quality = pdq.pdq_dihedral(picture)
    assert quality == expected_quality
    assert quality >= 50  # else the promise is not tested
    for ours, theirs in zip(found, expected, strict=True):
        assert pdq.distance(ours.hex(), np.packbits(theirs.astype(np.uint8)).tobytes().hex()) <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", COLOURED[:3])
def test_a_turned_picture_has_the_hash_as_stored_and_as_seen(name, orientation):
    stored = photograph(name)
    readings = pdq.of_raster(Turned(pixels(stored), orientation))
    tagged = stored.copy()
    tagged.getexif()[274] = orientation
    seen = pixels(ImageOps.exif_transpose(tagged))
    assert readings[0].value == pdq.pdq_of_picture(pixels(stored))[0].hex()
    assert pdq.distance(readings[-1].value, pdq.pdq_of_picture(seen)[0].hex()) <= 2
    assert len(readings) == (1 if orientation == 1 else 2)


def test_grey_and_equal_colours_are_one_picture():
    grey = pixels(photograph("camera.png").convert("L"))
    assert pdq.pdq_of_picture(grey) == pdq.pdq_of_picture(np.stack([grey] * 3, axis=2))


@pytest.mark.parametrize(("height", "width"), [(4, 400), (400, 4), (1, 1)])
def test_under_five_pixels_a_side_there_is_no_hash(height, width):
    picture = np.full((height, width), 200, np.uint8)
    assert pdq.of_raster(Turned(picture)) == ()
    assert pdq.pdq_of_picture(picture) == (bytes(32), 0)


@pytest.mark.parametrize("shape", [(5, 5), (5, 3000), (3000, 5), (129, 257), (64, 64)])
def test_odd_shapes_are_hashed(shape):
    noise = np.random.default_rng(7).integers(0, 256, shape, np.uint8)
    value, quality = pdq.pdq_of_picture(noise)
    assert len(value) == 32
    assert quality == 100


def test_a_blank_picture_has_quality_zero():
    assert pdq.pdq_of_picture(np.full((300, 300), 77, np.uint8))[1] == 0


@pytest.mark.parametrize("length", [5, 64, 127, 128, 129, 200, 1000, 4097])
def test_bands_are_two_box_filters_and_a_decimation(length):
    ramp = np.random.default_rng(length).random(length)
    window = (length + 127) // 128
    after = (window + 2) // 2

    def box(line):
        return np.array([line[max(0, i - (window - after)) : i + after].mean() for i in range(length)])

    expected = box(box(ramp))[[int((i + 0.5) * length / 64) for i in range(64)]]
    found = [float(band.weights @ ramp[band.start : band.stop]) for band in pdq._bands(length)]
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("length", [64, 129, 200, 1000])
def test_mirrored_bands_read_the_axis_from_its_end(length):
    line = np.random.default_rng(length).random(length)
    found = [float(band.weights @ line[band.start : band.stop]) for band in pdq._bands(length, mirrored=True)]
    backwards = line[::-1]
    expected = [float(band.weights @ backwards[band.start : band.stop]) for band in pdq._bands(length)]
    assert found == pytest.approx(expected, abs=1e-6)


def test_copies_are_near_and_other_pictures_far():
    coffee, cat = photograph("coffee.png"), photograph("chelsea.png")
    value = pdq.pdq_of_picture(pixels(coffee))[0].hex()
    copy = pdq.pdq_of_picture(pixels(scaled(coffee, 0.4).convert("L")))[0].hex()
    assert pdq.distance(value, copy) <= 31
    assert pdq.distance(value, pdq.pdq_of_picture(pixels(cat))[0].hex()) > 80
    mirrored = pdq.pdq_of_picture(pixels(coffee.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))[0].hex()
    assert pdq.distance(value, mirrored) > 80


def test_distance_counts_bits():
    assert pdq.distance(ZERO, ZERO) == 0
    assert pdq.distance(ZERO, "f" * 64) == 256
    assert pdq.distance(ZERO, "0" * 63 + "5") == 2


def test_a_written_hash_is_read():
    assert pdq.parse(f" {'AB' * 32}\n") == "ab" * 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32, "ab" * 31 + "a٣", "0x" + "ab" * 31])
def test_what_is_no_hash_is_refused_with_its_place(text):
    with pytest.raises(Invalid) as refused:
        pdq.parse(text, "line 7")
    assert refused.value.code == "not-a-hash"
    assert refused.value.where == "line 7"
