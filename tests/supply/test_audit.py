"""An audit that looked at nothing is never green."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.supply import advisories
from tests.supply.audit import OLD, audit, locked

AT = advisories.read().at


def says(code: int, words: str = "") -> Callable[[], tuple[int, str]]:
    return lambda: (code, words)


def test_what_the_service_says_counts() -> None:
    assert audit(AT, says(0))[0] == 0
    assert audit(AT, says(1, "jinja2 2.10: PYSEC-2019-217")) == (1, "jinja2 2.10: PYSEC-2019-217")


@pytest.mark.parametrize("code", [2, 101, -9])
def test_where_it_cannot_be_asked_the_copy_is_and_its_age_is_told(code: int) -> None:
    fresh, told = audit(AT + timedelta(days=14), says(code))
    assert (fresh, "14 days old" in told, f"{len(locked())} packages" in told) == (0, True, True)
    old, told = audit(AT + timedelta(days=15), says(code))
    assert (old, "15 days old" in told) == (OLD, True)


def test_with_neither_it_is_red(tmp_path: Path) -> None:
    code, told = audit(AT, says(2), tmp_path / "nowhere")
    assert code == 1
    assert "nothing to look into" in told


def test_an_affected_release_in_the_lock_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.supply.audit.locked", lambda: {"jinja2": "2.10", "rich": "14.0"})
    code, told = audit(AT, says(2))
    assert code == 1
    assert "jinja2 2.10: PYSEC-2019-217" in told


def test_the_lock_was_read() -> None:
    assert {"sqlalchemy", "pillow", "cryptography"} <= locked().keys()
    assert "beffroi" not in locked()
