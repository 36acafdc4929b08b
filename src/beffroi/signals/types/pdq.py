"""PDQ: a 256-bit perceptual hash; alike pictures differ in few bits.

Owns: the signal type `pdq`, after Facebook's "PDQ & TMK + PDQF" paper and its reference C++ (`pdqhashing.cpp`,
`downscaling.cpp`).
Promises: at most 2 bits from that reference (as `pdqhash.compute` wraps it) on pictures of quality 50 and more and
32 pixels a side, measured on real photographs in `tests/unit/signals/types/test_pdq.py`; hex in the order that
ThreatExchange uses. (Far below that size, and in drawings that are their own mirror image such as a chessboard,
most coefficients are nothing but rounding errors, and so are their bits, in the reference too.)
Never does: scale the picture down first. The reference's command-line tools do (to 512 × 512, which moves a dozen
bits); its library, `pdqhash` and ThreatExchange's Python do not, and banks are exchanged between the latter.

The reference blurs with two box filters each way, then keeps every n-th pixel of the result, 64 × 64 in all. Only
the kept pixels are needed here: each is a weighted sum over a short band of rows and a short band of columns, the
bands nearly tile the picture, and so blur and decimation cost about one multiplication a pixel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..digest import digest_of
from ..model import Pixels, Raster, Reading, SignalType

Floats: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = Callable[[int, int], NDArray[np.uint8]]

SIDE = 64
"""The picture is brought down to this many rows and columns before the cosine transform."""
SIDE_MIN = 5
"""The reference hashes nothing smaller."""
BITS = 256
_KEPT = 16
_WINDOWS = 2 * SIDE
_GREY_WEIGHTS = (0.299, 0.587, 0.114)
_SMALL = 4 * SIDE
_QUALITY_MAX = 100
_QUALITY_DIVISOR = 90
_GREY_MAX = 255

# D[i, j] of the reference: rows 1 to 16 of a 64-point DCT-II, computed in double and kept in single precision.
_SCALE = np.float64(np.float32(np.sqrt(2.0 / SIDE)))
_ANGLES = (np.pi / 2 / SIDE) * np.arange(1, _KEPT + 1)[:, None] * (2 * np.arange(SIDE)[None, :] + 1)
_COSINES: Floats = (_SCALE * np.cos(_ANGLES)).astype(np.float32)
_SIGNS: Floats = np.where(np.arange(_KEPT) % 2 == 0, -1, 1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Turn:
    """One of the eight ways to lay down a square: flip top to bottom, flip left to right, then swap the axes."""

    flip_rows: bool
    flip_columns: bool
    swap: bool


AS_STORED = Turn(flip_rows=False, flip_columns=False, swap=False)
# The order of `pdqhash.compute_dihedral`. The names of the reference are odd: its "rotate 90" is a swap and a flip.
DIHEDRAL = (
    AS_STORED,
    Turn(flip_rows=False, flip_columns=True, swap=True),
    Turn(flip_rows=True, flip_columns=True, swap=False),
    Turn(flip_rows=True, flip_columns=False, swap=True),
    Turn(flip_rows=True, flip_columns=False, swap=False),
    Turn(flip_rows=False, flip_columns=True, swap=False),
    Turn(flip_rows=False, flip_columns=False, swap=True),
    Turn(flip_rows=True, flip_columns=True, swap=True),
)
# EXIF 2.32, tag 274: how the stored picture becomes the one a viewer shows.
_UPRIGHT = {
    2: Turn(flip_rows=False, flip_columns=True, swap=False),
    3: Turn(flip_rows=True, flip_columns=True, swap=False),
    4: Turn(flip_rows=True, flip_columns=False, swap=False),
    5: Turn(flip_rows=False, flip_columns=False, swap=True),
    6: Turn(flip_rows=True, flip_columns=False, swap=True),
    7: Turn(flip_rows=True, flip_columns=True, swap=True),
    8: Turn(flip_rows=False, flip_columns=True, swap=True),
}


def parse(text: str, where: str = "") -> str:
    """The PDQ hash written in `text`: 64 hex digits, lower case.

    Raises:
        Invalid: it is not one.

    """
    return digest_of(text, where, name="PDQ", length=BITS // 4)


def distance(one: str, other: str) -> int:
    """In how many of the 256 bits two hashes differ; up to 31 is the customary radius."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def of_raster(raster: Raster) -> tuple[Reading, ...]:
    """The hash of the picture as stored and, where EXIF turns it for viewing, also of the picture as seen.

    The reference hashes pixels as stored, so exchanged banks hold that one; a copy saved by a program that turns the
    pixels themselves is found by the other. The blur leans to one side where its window is even, so the picture is
    read again as turned rather than its frequencies turned. Nothing for pictures under 5 pixels a side.
    """
    if min(raster.height, raster.width) < SIDE_MIN:
        return ()
    turns = (AS_STORED, _UPRIGHT[raster.orientation]) if raster.orientation in _UPRIGHT else (AS_STORED,)
    smalls = (_shrink(raster.rows, raster.height, raster.width, turn) for turn in turns)
    return tuple(Reading(_bits(_transform(small), AS_STORED).hex(), _quality(small)) for small in smalls)


def pdq_of_picture(picture: Pixels) -> tuple[bytes, int]:
    """The 32 bytes of the hash and the quality, 0 to 100, of grey (h × w) or RGB (h × w × 3) pixels of 8 bits.

    Like the reference: 32 zero bytes and quality 0 under 5 pixels a side.
    """
    (original, *_), quality = pdq_dihedral(picture)
    return original, quality


def pdq_dihedral(picture: Pixels) -> tuple[tuple[bytes, ...], int]:
    """The hashes of the picture turned and mirrored in the 8 ways of `DIHEDRAL`, and their common quality."""
    height, width = picture.shape[:2]
    if min(height, width) < SIDE_MIN:
        return (bytes(BITS // 8),) * len(DIHEDRAL), 0
    small = _shrink(lambda start, stop: picture[start:stop], height, width)
    coefficients = _transform(small)
    return tuple(_bits(coefficients, turn) for turn in DIHEDRAL), _quality(small)


@dataclass(frozen=True, slots=True)
class _Band:
    """One kept pixel's share along one axis: weights of pixels `start` onward; they sum to 1."""

    start: int
    weights: Floats

    @property
    def stop(self) -> int:
        return self.start + len(self.weights)


@lru_cache(maxsize=64)
def _bands(length: int, *, mirrored: bool = False) -> tuple[_Band, ...]:
    """The 64 bands along an axis of `length` pixels: two passes of the reference's `box1DFloat`, then `decimateFloat`.

    Its window is 1/128 of the axis, rounded up, and reaches one pixel further right than left when it is even; at
    the edges it is cut and the mean is of what is left. `mirrored` reads the axis from its end.
    """
    if mirrored:
        return tuple(_Band(length - band.stop, band.weights[::-1].copy()) for band in _bands(length))
    window = (length + _WINDOWS - 1) // _WINDOWS
    after = (window + 2) // 2
    place = np.arange(length)
    low, high = np.maximum(place - (window - after), 0), np.minimum(place + after, length)
    kept = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(int)
    return tuple(_band(low, high, range(int(low[centre]), int(high[centre]))) for centre in kept)


def _band(low: NDArray[np.int_], high: NDArray[np.int_], second_pass: range) -> _Band:
    """The mean over `second_pass` of first-pass means, as weights of the pixels themselves."""
    lows, highs = low[second_pass], high[second_pass]
    start, stop = int(lows[0]), int(highs[-1])
    steps = np.zeros(stop - start + 1)
    share = 1 / (highs - lows) / len(second_pass)
    np.add.at(steps, lows - start, share)
    np.add.at(steps, highs - start, -share)
    return _Band(start, np.cumsum(steps)[:-1].astype(np.float32))


def _shrink(rows: Rows, height: int, width: int, turn: Turn = AS_STORED) -> Floats:
    """The 64 × 64 luminances that the reference's filter and decimation leave of the picture so turned."""
    down_bands = _bands(height, mirrored=turn.flip_rows)
    if height <= _SMALL and width <= _SMALL:
        luma = _luminance(rows(0, height))
        down = np.stack([band.weights @ luma[band.start : band.stop] for band in down_bands])
    else:
        # The filter is linear: the luminance of 64 filtered rows costs less than that of all.
        strips = [_filtered(rows(band.start, band.stop), band.weights) for band in down_bands]
        down = _luminance(np.stack(strips))
    columns = np.ascontiguousarray(down.T)
    across_bands = _bands(width, mirrored=turn.flip_columns)
    swapped: Floats = np.stack([band.weights @ columns[band.start : band.stop] for band in across_bands])
    return swapped if turn.swap else np.ascontiguousarray(swapped.T)


def _filtered(strip: NDArray[np.uint8], weights: Floats) -> Floats:
    """The weighted mean of a strip's rows, shaped like one of its rows."""
    flat = strip.reshape(len(strip), -1).astype(np.float32)
    row: Floats = (weights @ flat).reshape(strip.shape[1:])
    return row


def _luminance(pixels: NDArray[np.uint8] | Floats) -> Floats:
    """Grey as it is; red, green, blue weighed as the reference weighs them, in double precision."""
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns
        return pixels.astype(np.float32)
    red, green, blue = _GREY_WEIGHTS
    luma: NDArray[np.float64] = pixels[..., 0] * red + pixels[..., 1] * green + pixels[..., 2] * blue
    return luma.astype(np.float32)


def _transform(small: Floats) -> Floats:
    """The 16 × 16 lowest frequencies but the constant ones.

    Sums run in the reference's order (`cumsum` adds one by one): in flat or symmetric pictures many coefficients are
    nothing but rounding, and would otherwise differ in sign.
    """
    columns = np.cumsum(_COSINES[:, :, None] * small[None, :, :], axis=1)[:, -1]
    coefficients: Floats = np.cumsum(columns[:, :, None] * _COSINES.T[None, :, :], axis=1)[:, -1]
    return coefficients


def _quality(small: Floats) -> int:
    """0 to 100: how much goes on in the picture, from the steps between neighbours, each cut to whole percents."""
    down = np.trunc(np.diff(small, axis=0) * _QUALITY_MAX / _GREY_MAX)
    across = np.trunc(np.diff(small, axis=1) * _QUALITY_MAX / _GREY_MAX)
    return min(_QUALITY_MAX, int(np.abs(down).sum() + np.abs(across).sum()) // _QUALITY_DIVISOR)


def _bits(coefficients: Floats, turn: Turn) -> bytes:
    """One bit a coefficient: is it above the (lower) median? Last coefficient first, as the hex is written.

    Flipping a picture changes the sign of every other frequency along that axis; swapping axes transposes.
    """
    turned = coefficients
    if turn.flip_rows:
        turned = turned * _SIGNS[:, None]
    if turn.flip_columns:
        turned = turned * _SIGNS[None, :]
    flat = (turned.T if turn.swap else turned).ravel()
    median = np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits(flat[::-1] > median).tobytes()


TYPE = SignalType(name="pdq", parse=parse, distance=distance, distance_max=BITS, of_raster=of_raster)
