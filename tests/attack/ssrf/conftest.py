"""The sentinel watches every test of this folder."""

import pytest

from tests.attack.ssrf.traps import Sentinel


@pytest.fixture(autouse=True)
def sentinel(monkeypatch: pytest.MonkeyPatch) -> Sentinel:
    return Sentinel().watch(monkeypatch)
