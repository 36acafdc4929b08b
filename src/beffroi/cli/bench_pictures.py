"""PDQ hashes as real banks have them: of photographs and of many copies of each.

Owns: how copies are made: cropped, mirrored, brightened, blurred, blended with another photograph, written upon.
Promises: photographs that scikit-image ships, whose terms allow testing; the same hashes for the same seed.
Never does: download; keep a picture.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from beffroi.ground.kernel.errors import Unavailable
from beffroi.signals.types.pdq import pdq_of_picture

_SIDE = 128
_QUALITY_MIN = 50
_BYTES_MIN = 10_000
"""Smaller ones are drawings."""


def hashes_of_photographs(count: int, chance: np.random.Generator) -> NDArray[np.uint8]:
    """`count` hashes, uint8 (count, 32), of random copies of all photographs; of quality 50 or more."""
    photographs = _photographs()
    made = np.empty((count, 32), np.uint8)
    at = 0
    while at < count:
        picture = _copy(photographs, chance)
        found, quality = pdq_of_picture(np.asarray(picture))
        if quality >= _QUALITY_MIN:
            made[at] = np.frombuffer(found, np.uint8)
            at += 1
    return made


def _photographs() -> list[Image.Image]:
    try:
        import skimage
    except ImportError:
        raise Unavailable("no-photographs", "scikit-image is not installed: ./run sync --group bench") from None
    folder = Path(skimage.__file__).parent / "data"
    files = sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg"})
    return [Image.open(path).convert("L").resize((512, 512)) for path in files if path.stat().st_size > _BYTES_MIN]


def _copy(photographs: Sequence[Image.Image], chance: np.random.Generator) -> Image.Image:
    """One photograph, cropped a little, and up to two things done to it."""
    original = photographs[int(chance.integers(len(photographs)))]
    left, top, right, bottom = (chance.random(4) * 60).tolist()
    picture = original.resize((_SIDE, _SIDE), Image.Resampling.BOX, (left, top, 512 - right, 512 - bottom))
    for done in chance.permutation(5)[: int(chance.integers(3))]:
        match int(done):
            case 0:
                picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            case 1:
                picture = ImageEnhance.Brightness(picture).enhance(0.6 + chance.random())
            case 2:
                picture = picture.filter(ImageFilter.GaussianBlur(1 + 2 * chance.random()))
            case 3:
                other = photographs[int(chance.integers(len(photographs)))].resize((_SIDE, _SIDE))
                picture = Image.blend(picture, other, 0.4 * chance.random())
            case _:
                words = ImageDraw.Draw(picture)
                height = int(chance.integers(10, 30))
                words.rectangle((0, _SIDE - height, _SIDE, _SIDE), fill=255)
                words.text((4, _SIDE - height), f"three herons {int(chance.integers(1000))}", fill=0)
    return picture
