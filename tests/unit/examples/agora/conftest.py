"""The site and the stand-in node, ready to use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .loopback import Site, StandInNode, running, until


@pytest.fixture
def node() -> Iterator[StandInNode]:
    stand_in = StandInNode()
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def site(tmp_path: Path, node: StandInNode) -> Iterator[Site]:
    """publish-then-check, with a node that allows everything."""
    with running(tmp_path, node.url) as started:
        yield started


@pytest.fixture
def holding(tmp_path: Path, node: StandInNode) -> Iterator[Site]:
    """hold-then-publish."""
    with running(tmp_path, node.url, mode="hold-then-publish") as started:
        until(lambda: started.client.get("/health").json()["node"] == "up")
        yield started
