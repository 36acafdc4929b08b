import pytest

from beffroi.ground.kernel.limits import MEDIA_BYTES_MAX
from beffroi.signals.model import PICTURE_FORMATS, Undecodable
from beffroi.signals.sniff import sniff
from tests.unit.signals.photographs import photograph, saved, scaled


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_every_format_is_known_by_its_first_bytes(kind):
    assert sniff(saved(scaled(photograph("coffee.png"), 0.1), kind)) == kind


@pytest.mark.parametrize(
    "raw",
    [
        b"<html><body>hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"BM is how this text begins",
        b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2mp41",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x00",
    ],
)
def test_other_files_are_not_pictures(raw):
    assert sniff(raw) == Undecodable("not-a-picture")


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"\x00\x00\x00\x0cjP  \r\n\x87\n",
        b"\xff\x0a\x00",
        b"8BPS\x00\x01",
    ],
)
def test_pictures_without_a_decoder_are_told_apart(raw):
    assert sniff(raw) == Undecodable("unsupported-format")


def test_avif_may_name_itself_second():
    assert sniff(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "avif"


def test_a_brand_box_that_claims_to_be_huge():
    assert sniff(b"\xff\xff\xff\xffftypmif1" + b"\x00" * 1000) == Undecodable("unsupported-format")


def test_zero_bytes():
    assert sniff(b"") == Undecodable("empty")


def test_at_the_size_limit_and_over():
    start = b"\x89PNG\r\n\x1a\n"
    assert sniff(start.ljust(MEDIA_BYTES_MAX, b"\0")) == "png"
    assert sniff(start.ljust(MEDIA_BYTES_MAX + 1, b"\0")) == Undecodable("too-large")
