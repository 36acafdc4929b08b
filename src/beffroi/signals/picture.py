"""One picture decoded and read. Runs inside the confined child only.

Owns: `examine`: bytes of a known format in, facts and picture signals out.
Promises: only the decoder of that format is tried; too large pictures are refused from their header; nothing that a
decoder raises gets out; a damaged file is read as far as it goes, as browsers do, and its flaw is told.
Never does: look at more than the first frame, compose transparency (PDQ's reference ignores it too), apply colour
profiles, or turn the picture by EXIF; `types.pdq` gives the hash of the turned picture beside the stored one's.
"""

import warnings
from io import BytesIO
from typing import Literal

import numpy as np
from PIL import AvifImagePlugin, Image, ImageFile

from beffroi.ground.kernel.limits import PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX

from .model import PictureFacts, PictureFormat, Pixels, Reading, Undecodable
from .registry import TYPES

_PILLOW_NAMES: dict[PictureFormat, str] = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WEBP",
    "avif": "AVIF",
    "bmp": "BMP",
    "tiff": "TIFF",
}
_LUMA_ONLY_PIXELS = 24_000_000
"""A JPEG above this is decoded to its luma plane: a quarter of the memory. Up to there colours are decoded, because
in saturated pictures the luma of the clipped colours, which the reference hashes, is not that plane (18 bits off on
scikit-image's `color.png`)."""
_ORIENTATION_TAG = 274
_ORIENTATIONS = range(1, 9)
_WIDE_MODES = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})

# Pillow refuses what has more than twice this, for some formats before its decoder reserves memory.
Image.MAX_IMAGE_PIXELS = PICTURE_PIXELS_MAX // 2
# The child may not start threads.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class _TooManyPixels(Exception):
    pass


class _Loaded:
    """A decoded first frame, as a `Raster`."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self.width, self.height = image.size
        self.orientation = _orientation(image)

    def rows(self, start: int, stop: int) -> Pixels:
        strip = self._image.crop((0, start, self.width, stop))
        if strip.mode in _WIDE_MODES:
            return (np.asarray(strip).astype(np.int64).clip(0, 0xFFFF) >> 8).astype(np.uint8)
        grey = strip.mode in {"L", "1", "LA"}
        return np.asarray(strip.convert("L" if grey else "RGB"))


def examine(kind: PictureFormat, raw: bytes) -> PictureFacts | Undecodable:
    """The facts of one picture, or why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _examine(kind, raw)


def _examine(kind: PictureFormat, raw: bytes) -> PictureFacts | Undecodable:
    try:
        return _attempt(kind, raw, flaw=None)
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like
        reason = _reason(error)
    if reason not in ("truncated", "broken"):
        return Undecodable(reason)
    try:
        return _attempt(kind, raw, flaw=reason)
    except Exception:  # noqa: BLE001 - see above
        return Undecodable(reason)


def _attempt(
    kind: PictureFormat,
    raw: bytes,
    *,
    flaw: Literal["truncated", "broken"] | None,
) -> PictureFacts:
    ImageFile.LOAD_TRUNCATED_IMAGES = flaw is not None
    with Image.open(BytesIO(raw), formats=[_PILLOW_NAMES[kind]]) as image:
        _check_size(*image.size)
        if kind == "jpeg" and image.width * image.height > _LUMA_ONLY_PIXELS:
            image.draft("L", image.size)
        image.load()
        raster = _Loaded(image)
        return PictureFacts(
            width=raster.width,
            height=raster.height,
            format=kind,
            readings=_readings(raster),
            frames=_frames(image),  # last, because counting moves through the file
            flaw=flaw,
        )


def _check_size(width: int, height: int) -> None:
    if width * height > PICTURE_PIXELS_MAX or max(width, height) > PICTURE_SIDE_MAX:
        raise _TooManyPixels


def _readings(raster: _Loaded) -> tuple[tuple[str, Reading], ...]:
    return tuple(
        (each.name, reading) for each in TYPES.values() if each.of_raster for reading in each.of_raster(raster)
    )


def _frames(image: Image.Image) -> int:
    """How many pictures the file holds; 1 where counting fails, since one was read."""
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - a broken later frame
        return 1


def _orientation(image: Image.Image) -> int:
    try:
        stored = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001 - broken EXIF is no reason not to look at the picture
        return 1
    return stored if stored in _ORIENTATIONS else 1


def _reason(
    error: Exception,
) -> Literal["too-many-pixels", "too-much-memory", "truncated", "broken"]:
    if isinstance(error, _TooManyPixels | Image.DecompressionBombError):
        return "too-many-pixels"
    if isinstance(error, MemoryError):
        return "too-much-memory"
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return "truncated"
    return "broken"
