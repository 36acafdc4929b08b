"""Real pictures for end-to-end tests: banked photographs, copies derived from them, and pictures unrelated to any.

Owns: which photographs are banked, the recipes of copies, the making of unrelated pictures.
Promises: the same files on every run; no unrelated picture is made from a banked one.
Never does: download, or keep a picture in this repository.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.unit.signals.photographs import photograph, saved, scaled, stored

PHOTOGRAPHS = (
    "astronaut.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "moon.png",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
)
DRAWINGS = ("color.png", "horse.png", "logo.png", "page.png", "text.png")
"""No photographs: pages of small print and colour charts change more under scaling than PDQ forgives."""
OTHERS = ("brick.png", "cell.png", "grass.png", "gravel.png", "ihc.png", "microaneurysms.png")
UNRELATED = 10_000
_SUFFIXES = {"jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A file derived from a banked picture: from which, and what was done to it ("save", "crop" or "caption")."""

    path: Path
    of: str
    done: str


Recipe = tuple[str, str, Callable[[Image.Image], bytes]]
"""What is done, the format, and the doing."""


def _jpeg(quality: int, factor: float = 1, *, grey: bool = False) -> Recipe:
    def make(image: Image.Image) -> bytes:
        sized = scaled(image, factor) if factor != 1 else image
        return saved(sized.convert("L") if grey else sized, "jpeg", quality=quality)

    return "save", "jpeg", make


def _format(kind: str, factor: float) -> Recipe:
    return "save", kind, lambda image: saved(scaled(image, factor), kind)


def _crop(left: float, top: float, right: float, bottom: float) -> Recipe:
    """Cut off these percents of the width and height."""

    def make(image: Image.Image) -> bytes:
        width, height = image.size
        box = (width * left / 100, height * top / 100, width - width * right / 100, height - height * bottom / 100)
        return saved(image.crop(tuple(map(round, box))), "jpeg", quality=80)  # type: ignore[arg-type]

    return "crop", "jpeg", make


def _caption(height_percent: int, *, above: bool, inside: bool) -> Recipe:
    """A strip with words, over the picture's edge or beside it."""

    def make(image: Image.Image) -> bytes:
        bar = max(12, image.height * height_percent // 100)
        canvas = Image.new("RGB", (image.width, image.height + (0 if inside else bar)), "white")
        canvas.paste(image, (0, bar if above and not inside else 0))
        top = 0 if above else canvas.height - bar
        draw = ImageDraw.Draw(canvas)
        draw.rectangle((0, top, canvas.width, top + bar), fill="white")
        draw.text((4, top + 1), "the market opens at nine", fill="black", font=ImageFont.load_default(bar * 2 // 3))
        return saved(canvas, "jpeg", quality=80)

    return "caption", "jpeg", make


RECIPES: tuple[Recipe, ...] = (
    *(_jpeg(quality) for quality in (30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95)),
    *(_jpeg(80, factor) for factor in (0.3, 0.4, 0.5, 0.7, 0.85, 1.1, 1.25, 1.4, 1.6, 2)),
    *(_jpeg(quality, grey=True) for quality in (40, 70, 95)),
    *(_jpeg(quality, factor) for quality in (30, 60) for factor in (0.35, 0.6, 1.4)),
    *(_jpeg(50, factor, grey=True) for factor in (0.4, 1.3)),
    *(_format(kind, 0.8) for kind in ("png", "webp", "gif", "avif")),
    _crop(1, 0, 0, 0),
    _crop(0, 2, 0, 0),
    _crop(1, 1, 1, 1),
    _crop(0, 0, 3, 0),
    _crop(0, 0, 0, 5),
    _crop(2.5, 2.5, 2.5, 2.5),
    _caption(6, above=False, inside=True),
    _caption(10, above=False, inside=True),
    _caption(8, above=True, inside=True),
    _caption(6, above=False, inside=False),
    _caption(8, above=True, inside=False),
)


def write_banked(folder: Path) -> None:
    """The banked pictures as files, photographs and drawings."""
    folder.mkdir()
    for name in (*PHOTOGRAPHS, *DRAWINGS):
        (folder / name).write_bytes(stored(name))


def write_copies(folder: Path, names: Sequence[str]) -> list[Copy]:
    """Every recipe applied to each of the pictures."""
    folder.mkdir()
    return [_write_copy(folder, name, index) for name in names for index in range(len(RECIPES))]


def _write_copy(folder: Path, name: str, index: int) -> Copy:
    done, kind, make = RECIPES[index]
    path = folder / f"{Path(name).stem}-{index:02}-{done}.{_SUFFIXES.get(kind, kind)}"
    path.write_bytes(make(photograph(name)))
    return Copy(path, name, done)


def write_unrelated(folder: Path, count: int = UNRELATED) -> list[Path]:
    """Tiles and mixtures of the other pictures."""
    folder.mkdir()
    paths = []
    for number, raw in enumerate(_unrelated(count, random.Random(11))):
        paths.append(folder / f"{number:05}.jpg")
        paths[-1].write_bytes(raw)
    return paths


def _unrelated(count: int, chance: random.Random) -> Iterator[bytes]:
    for _ in range(count):
        tile = _tile(chance)
        if chance.random() < 0.6:
            tile = Image.blend(tile, _tile(chance), chance.uniform(0.3, 0.7))
        yield saved(tile, "jpeg", quality=chance.randint(50, 90))


def _tile(chance: random.Random) -> Image.Image:
    source = photograph(chance.choice(OTHERS))
    side = chance.randint(60, min(source.size))
    left, top = chance.randint(0, source.width - side), chance.randint(0, source.height - side)
    tile = source.crop((left, top, left + side, top + side)).resize((192, 144), Image.Resampling.BILINEAR)
    return tile.transpose(chance.choice(list(Image.Transpose))).resize((192, 144))
