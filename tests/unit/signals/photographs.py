"""Neutral pictures for tests: the photographs that lie inside scikit-image's wheel, and ways to save them again.

Owns: which photographs, and `saved`.
Promises: nothing is downloaded.
Never does: keep a picture in this repository.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import skimage
from PIL import Image

_FOLDER = Path(skimage.__file__).parent / "data"
COLOURED = ("astronaut.png", "chelsea.png", "coffee.png", "color.png", "ihc.png", "motorcycle_left.png", "rocket.jpg")
GREY = ("brick.png", "camera.png", "coins.png", "grass.png", "gravel.png", "moon.png", "page.png", "text.png")
LARGE = ("hubble_deep_field.jpg", "retina.jpg")
ODD = ("logo.png", "no_time_for_that_tiny.gif")
"""A drawing with transparency, and one of 14 pixels. (Not the chessboards: in a picture that is its own mirror image
most coefficients are nothing but rounding errors, and PDQ says nothing about it.)"""
ALL = (*COLOURED, *GREY, *LARGE, *ODD)


@cache
def stored(name: str) -> bytes:
    """The file as the wheel has it."""
    return (_FOLDER / name).read_bytes()


@cache
def photograph(name: str) -> Image.Image:
    """The picture in RGB."""
    return Image.open(BytesIO(stored(name))).convert("RGB")


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """The picture `factor` times as wide and high, at least 32 pixels."""
    size = (max(32, round(image.width * factor)), max(32, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a file of Pillow's format `kind`."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
