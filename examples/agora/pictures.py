"""Pictures drawn by arithmetic, for the sample square and for trying out a bank.

    python -m examples.agora.pictures OUTDIR

writes `lantern-poster.png` (an original to put into a bank), `lantern-poster-copy.jpg` (the same poster, cropped by
2 % and re-encoded: post this one) and `unrelated-1.jpg` to `unrelated-3.jpg` (which match nothing).

Owns: every drawing of this example.
Promises: the same bytes on every run with the same Pillow; nothing in them but lanterns, kettles and hills.
Never does: use chance. "Noise" is the output of SHAKE-256 on a fixed word.
"""

import sys
from collections.abc import Callable
from hashlib import shake_256
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
NIGHT, DUSK, GOLD, CREAM, CLAY, SEA = (
    (24, 28, 58),
    (94, 60, 108),
    (246, 184, 72),
    (252, 240, 214),
    (176, 72, 42),
    (32, 104, 122),
)


def lantern_poster() -> Image.Image:
    """A festival poster, 900 × 1200: lanterns over a harbour at night."""
    poster = _sky((900, 1200), NIGHT, DUSK)
    draw = ImageDraw.Draw(poster)
    _stars(draw, "lantern stars", 900, 560)
    draw.ellipse((610, 90, 800, 280), fill=CREAM)
    draw.ellipse((575, 70, 745, 250), fill=(38, 36, 68))
    _hills(draw, 900, 760, (44, 46, 82), waves=2.2)
    _houses(draw, 900, 800)
    draw.rectangle((0, 860, 900, 1200), fill=(20, 60, 84))
    for row in range(14):
        y = 874 + row * 24
        draw.line([(x, y + 6 * sin(x / (18 + row) + row)) for x in range(0, 900, 6)], fill=(72, 130, 150), width=3)
    _boat(draw, 240, 960)
    draw.line([(x, _rope(x)) for x in range(0, 901, 10)], fill=CREAM, width=4)
    for x, size, colour in ((110, 92, CLAY), (290, 120, GOLD), (480, 142, CREAM), (670, 112, GOLD), (810, 80, CLAY)):
        _lantern(draw, x, _rope(x), size, colour)
    draw.rounded_rectangle((90, 1040, 810, 1150), 26, fill=GOLD)
    _letters(draw, 140, 1066, NIGHT)
    return _grain(poster, "lantern grain", 26)


def lantern_copy(original: Image.Image) -> Image.Image:
    """As somebody would post it again: 1 % cut from every side."""
    width, height = original.size
    return original.crop((width // 100, height // 100, width - width // 100, height - height // 100))


def kettle() -> Image.Image:
    """A copper kettle on a table, 960 × 640."""
    image = _sky((960, 640), (214, 232, 226), (250, 238, 214))
    draw = ImageDraw.Draw(image)
    for x in range(0, 960, 80):
        draw.line((x, 0, x, 470), fill=(204, 222, 214), width=2)
    draw.rectangle((0, 470, 960, 640), fill=(150, 104, 70))
    for y in range(480, 640, 22):
        draw.line([(x, y + 4 * sin(x / 90 + y)) for x in range(0, 961, 12)], fill=(132, 88, 56), width=3)
    draw.arc((340, 90, 640, 400), 180, 360, fill=(60, 46, 40), width=26)
    draw.polygon([(640, 330), (800, 190), (838, 206), (700, 430)], fill=(168, 82, 44))
    draw.ellipse((290, 210, 700, 540), fill=(196, 102, 56))
    draw.ellipse((330, 240, 520, 430), fill=(222, 140, 88))
    draw.ellipse((400, 196, 590, 252), fill=(150, 72, 40))
    draw.ellipse((476, 168, 514, 206), fill=(60, 46, 40))
    for puff in range(9):
        left, top, size = 834 + 16 * sin(puff) - puff * 3, 164 - puff * 22, 24 + puff * 6
        draw.ellipse((left, top, left + size, top + size), fill=(246, 246, 240))
    return _grain(image, "kettle", 12)


def harbour() -> Image.Image:
    """Bunting and boats, 960 × 640."""
    image = _sky((960, 640), (120, 190, 220), (250, 224, 180))
    draw = ImageDraw.Draw(image)
    draw.ellipse((720, 60, 850, 190), fill=(255, 220, 110))
    _hills(draw, 960, 400, (120, 156, 120), waves=1.6)
    draw.rectangle((0, 400, 960, 640), fill=(46, 122, 146))
    for row in range(11):
        y = 416 + row * 21
        draw.line([(x, y + 5 * sin(x / 26 + row * 2)) for x in range(0, 961, 6)], fill=(110, 176, 190), width=3)
    for x, y in ((170, 470), (470, 520), (760, 460)):
        _boat(draw, x, y)
    for line, sag in ((60, 50), (120, 80)):
        for flag in range(16):
            left, top = flag * 62, line + sag * sin(pi * flag / 15)
            draw.polygon(
                [(left, top), (left + 44, top), (left + 22, top + 54)], fill=(CLAY, GOLD, CREAM, SEA)[(flag + line) % 4]
            )
    return _grain(image, "harbour", 14)


def soup() -> Image.Image:
    """A bowl of beetroot soup seen from above, 960 × 640."""
    image = Image.new("RGB", (960, 640), (236, 226, 208))
    draw = ImageDraw.Draw(image)
    for x in range(-640, 960, 64):
        draw.line((x, 640, x + 640, 0), fill=(222, 208, 186), width=22)
    draw.ellipse((210, 60, 750, 600), fill=(60, 92, 130))
    draw.ellipse((250, 100, 710, 560), fill=(238, 240, 236))
    draw.ellipse((278, 128, 682, 532), fill=(150, 28, 62))
    draw.ellipse((410, 250, 540, 360), fill=(248, 238, 236))
    for leaf in range(22):
        angle, r = leaf * 2.4, 30 + leaf * 7
        left, top = 468 + r * cos(angle), 323 + r * sin(angle)
        draw.ellipse((left, top, left + 24, top + 14), fill=(72, 128, 58))
    draw.rounded_rectangle((800, 120, 832, 560), 16, fill=(170, 170, 176))
    draw.ellipse((776, 60, 856, 190), fill=(186, 186, 192))
    return _grain(image, "soup", 16)


UNRELATED: tuple[Callable[[], Image.Image], ...] = (kettle, harbour, soup)


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """JPEG bytes."""
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def write_all(folder: Path) -> list[Path]:
    """The poster, its copy and the unrelated pictures, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    original = lantern_poster()
    png = BytesIO()
    original.save(png, "PNG")
    files = {"lantern-poster.png": png.getvalue(), "lantern-poster-copy.jpg": jpeg(lantern_copy(original), 60)}
    files |= {f"unrelated-{number}.jpg": jpeg(draw()) for number, draw in enumerate(UNRELATED, 1)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


# ── parts ──


def _sky(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _grain(image: Image.Image, word: str, strength: int) -> Image.Image:
    """Paper grain, coarse and fine, so that no area is perfectly flat."""
    width, height = image.size
    coarse = Image.frombytes(
        "L", (width // 24, height // 24), shake_256(word.encode()).digest(width // 24 * (height // 24))
    )
    fine = Image.frombytes(
        "L", (width // 2, height // 2), shake_256(b"2" + word.encode()).digest(width // 2 * (height // 2))
    )
    grain = Image.blend(coarse.resize(image.size, Image.Resampling.BICUBIC), fine.resize(image.size), 0.35)
    levels = grain.point(lambda value: value * strength // 128)
    shifted = ImageChops.add(image, Image.merge("RGB", (levels,) * 3), offset=-strength)
    return shifted.filter(ImageFilter.GaussianBlur(0.6))


def _stars(draw: ImageDraw.ImageDraw, word: str, width: int, height: int) -> None:
    drops = shake_256(word.encode()).digest(3 * 90)
    for x, y, r in zip(drops[::3], drops[1::3], drops[2::3], strict=True):
        left, top, size = x * width / 255, y * height / 255, 1 + r % 4
        draw.ellipse((left, top, left + size, top + size), fill=CREAM)


def _hills(draw: ImageDraw.ImageDraw, width: int, y: int, colour: Colour, *, waves: float) -> None:
    ridge = [(x, y - 60 * sin(waves * pi * x / width) - 26 * sin(5 * x / width * pi)) for x in range(0, width + 1, 10)]
    draw.polygon([(0, y + 120), *ridge, (width, y + 120)], fill=colour)


def _houses(draw: ImageDraw.ImageDraw, width: int, y: int) -> None:
    for number, height in enumerate((90, 130, 70, 150, 110, 84, 140, 100, 124)):
        left, right = number * 100 + 6, min(number * 100 + 96, width)
        draw.rectangle((left, y - height, right, 862), fill=(60 + 14 * (number % 4), 48, 62 + 10 * (number % 3)))
        draw.polygon(
            [(left - 6, y - height), ((left + right) // 2, y - height - 46), (right + 6, y - height)], fill=CLAY
        )
        for window in range(3):
            x = left + 12 + window * 26
            draw.rectangle((x, y - height + 24, x + 14, y - height + 46), fill=GOLD if (number + window) % 3 else NIGHT)


def _boat(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.polygon([(x - 90, y), (x + 90, y), (x + 60, y + 40), (x - 60, y + 40)], fill=CLAY)
    draw.line((x, y, x, y - 130), fill=(60, 40, 30), width=7)
    draw.polygon([(x + 8, y - 124), (x + 8, y - 14), (x + 84, y - 14)], fill=CREAM)
    draw.polygon([(x - 8, y - 110), (x - 8, y - 14), (x - 62, y - 14)], fill=GOLD)


def _rope(x: float) -> float:
    return 400 - (x - 450) ** 2 / 1600


def _lantern(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, colour: Colour) -> None:
    draw.line((x, y, x, y + 36), fill=CREAM, width=3)
    top, half = y + 36, size / 2
    draw.ellipse((x - half, top, x + half, top + size * 1.25), fill=colour, outline=NIGHT, width=3)
    for rib in (0.7, 0.25):
        draw.arc((x - half * rib, top, x + half * rib, top + size * 1.25), 0, 360, fill=NIGHT, width=2)
    for edge in (top - 6, top + size * 1.25 - 6):
        draw.rectangle((x - half * 0.45, edge, x + half * 0.45, edge + 12), fill=NIGHT)
    for thread in range(-2, 3):
        foot = top + size * 1.25 + 6
        draw.line((x + thread * 6, foot, x + thread * 8, foot + size * 0.4), fill=colour, width=3)


def _letters(draw: ImageDraw.ImageDraw, x: int, y: int, colour: Colour) -> None:
    """LANTERN NIGHT in strokes on a 2 × 4 grid, so that no font file matters."""
    strokes = {
        "L": "0006 0646",
        "A": "0600 0040 4046 0343", "N": "0600 0046 4640", "T": "0040 2026", "E": "4000 0006 0646 0333",
        "R": "0600 0040 4043 4303 0346", "I": "2026", "G": "4000 0006 0646 4643", "H": "0006 4046 0343", " ": "",
    }  # fmt: skip
    for letter in "LANTERN NIGHT":
        for stroke in strokes[letter].split():
            x1, y1, x2, y2 = (int(digit) * 9 for digit in stroke)
            draw.line((x + x1, y + y1, x + x2, y + y2), fill=colour, width=7)
        x += 50


if __name__ == "__main__":
    for path in write_all(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(path)
