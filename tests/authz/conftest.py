"""One node for all tests of who may do what; its crew does not work, so that nothing is recorded but what is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import running

from .scene import Scene

_PORT = 8177
"""Rates are counted per public address of a node; this one is nobody else's in the same process."""


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The node and who makes things on it."""
    folder: Path = tmp_path_factory.mktemp("authz")
    with running(folder, demo=True, port=_PORT) as node:
        node.node.crew.stop()
        yield Scene(node)
