"""One Synapse and one node for all tests of this folder that do not need their own."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examples.matrix.homeserver import PYTHON
from tests.conftest import _without
from tests.matrix.world import World, world


def drawing(seed: int, side: int = 512) -> Image.Image:
    """An abstract pattern with structure at many scales, the same for the same seed."""
    noise = np.random.default_rng(seed)
    layers = [np.kron(noise.random((side // s, side // s, 3)), np.ones((s, s, 1))) for s in (128, 32, 8, 4)]
    mixed = sum(layer * weight for layer, weight in zip(layers, (4, 2, 1, 0.5), strict=True))
    return Image.fromarray((np.asarray(mixed) / 7.5 * 255).astype(np.uint8))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def near_copy(seed: int) -> bytes:
    """The same pattern, smaller and as JPEG: other bytes, nearly the same look."""
    out = io.BytesIO()
    drawing(seed).resize((400, 400)).save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.fixture(scope="session")
def synapse() -> None:
    """A Synapse that can be started."""
    if not PYTHON.exists():
        _without("Synapse is not installed (examples/matrix/install)", "BEFFROI_REQUIRE_SYNAPSE")


@pytest.fixture(scope="session")
def shared(synapse: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of most tests; each makes its own rooms."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    watched = [png(drawing(number)) for number in (2, 3, 4)]
    with world(folder, png(drawing(1)), watched, charter_every_s=0.5) as made:
        yield made
