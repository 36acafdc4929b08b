"""The bench's own arithmetic; its measurements are not timed by tests."""

import io

import numpy as np
from PIL import Image

from beffroi.cli import bench


def test_pictures_are_a_megapixel_and_repeatable() -> None:
    first, again, other = bench._picture(1), bench._picture(1), bench._picture(2)
    assert first == again != other
    assert Image.open(io.BytesIO(first)).size == (1024, 1024)


def test_percentiles_are_those_of_the_caller() -> None:
    row = bench._measured("text", "idle", [0.001 * n for n in range(1, 101)], 2.0)
    assert (row.requests, row.per_s) == (100, 50.0)
    assert np.isclose(row.p50_ms, 50.5)
    assert row.p99_ms < row.worst_ms == 100.0


def test_every_tenth_text_matches() -> None:
    asked = [bench._text(number) for number in range(20)]
    assert [matches for _, matches in asked] == [number % 10 == 0 for number in range(20)]
