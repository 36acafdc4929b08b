"""The drawn pictures: the same every time, and fit to try out a bank with."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examples.agora.pictures import write_all

pdqhash = pytest.importorskip("pdqhash", reason="pdqhash is not installed: uv sync --group peers")


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def test_two_runs_draw_the_same_bytes(tmp_path: Path):
    first, second = write_all(tmp_path / "1"), write_all(tmp_path / "2")
    assert [path.name for path in first] == [
        "lantern-poster.png",
        "lantern-poster-copy.jpg",
        "unrelated-1.jpg",
        "unrelated-2.jpg",
        "unrelated-3.jpg",
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_copy_is_near_the_original_and_the_others_are_far(tmp_path: Path):
    hashes = [pdqhash.compute(np.asarray(opened(path))) for path in write_all(tmp_path)]
    (original, quality), (copy, copy_quality), *unrelated = hashes
    assert (quality, copy_quality) == (100, 100)
    assert 0 < int((original != copy).sum()) <= 24
    assert min(int((original != other).sum()) for other, _ in unrelated) >= 100


def test_the_copy_is_cropped_by_two_percent(tmp_path: Path):
    original, copy, *_ = write_all(tmp_path)
    assert opened(original).size == (900, 1200)
    assert opened(copy).size == (882, 1176)
