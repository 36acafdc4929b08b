"""Operation settings: arguments before environment before file; what is wrong is refused at start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from beffroi.settings import Settings


def test_defaults_are_safe() -> None:
    settings = Settings()
    assert settings.is_loopback
    assert not settings.demo
    assert settings.database_url.startswith("sqlite:///")
    assert settings.public_url == "http://127.0.0.1:8100"
    assert settings.origin == "127.0.0.1:8100/ledger"


@pytest.mark.parametrize(
    ("given", "loopback"),
    [
        ({"base_url": "http://localhost:8100"}, True),
        ({"base_url": "https://node.example"}, False),
        ({"host": "0.0.0.0"}, False),  # noqa: S104 (that it is told apart is the point)
        ({"host": "0.0.0.0", "base_url": "http://127.0.0.1:8100"}, False),  # noqa: S104
    ],
)
def test_loopback_means_both_ways(given: dict[str, str], loopback: bool) -> None:
    assert Settings(**given).is_loopback is loopback  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": 70_000}, {"base_url": "node.example"}, {"decoders": 0}, {"x": 1}]
)
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_the_order_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "node.toml"
    file.write_text("port = 1111\nscreeners = 3\ndecoders = 4\n")
    monkeypatch.setenv("BEFFROI_SCREENERS", "5")
    settings = Settings.with_file(file, port=2222)
    assert (settings.port, settings.screeners, settings.decoders) == (2222, 5, 4)


def test_a_secret_is_not_in_the_repr() -> None:
    assert "whsec" not in repr(Settings(hook_secret="whsec_abc"))  # type: ignore[arg-type]
