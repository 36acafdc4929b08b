"""One node for all tests of the API door; they use items of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import Running, running


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(Path(tmp_path_factory.mktemp("node"))) as started:
        yield started
