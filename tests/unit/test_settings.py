"""Operation settings: safe by default, refused by name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from beffroi.settings import Settings


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch, tmp_path):
    """No file in the working folder."""
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_one_machine_s():
    settings = Settings()
    assert (settings.public_url, settings.is_loopback) == ("http://127.0.0.1:8100", True)
    assert settings.database_url == "sqlite:///beffroi-data/beffroi.db"
    assert settings.origin == "127.0.0.1:8100/ledger"
    assert (settings.demo, settings.test_clock, settings.argon2, settings.hook_url) == (False, False, "standard", "")


@pytest.mark.parametrize(
    ("given", "is_loopback"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "0.0.0.0"}, False),  # noqa: S104
        ({"base_url": "https://node.example"}, False),
        ({"base_url": "http://localhost:9"}, True),
        ({"base_url": "http://127.0.0.1.evil.example"}, False),
        ({"base_url": "http://localhost", "host": "192.0.2.1"}, False),
        ({"base_url": "http://[::1]:8100", "host": "::1"}, True),
    ],
)
def test_loopback_is_loopback_at_both_ends(given, is_loopback):
    assert Settings(**given).is_loopback is is_loopback


def test_an_address_has_no_slash_at_its_end():
    settings = Settings(base_url="https://node.example/", log_origin="")
    assert (settings.public_url, settings.origin) == ("https://node.example", "node.example/ledger")
    assert Settings(log_origin="node.example/other").origin == "node.example/other"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "node.example"),
        ("hook_url", "ftp://node.example"),
        ("port", 0),
        ("port", 65536),
        ("decoders", 0),
        ("screeners", 65),
        ("zone", "Mars/Olympus"),
        ("zone", "../etc/passwd"),
        ("argon2", "none"),
        ("unheard_of", 1),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})
    assert refused.value.errors()[0]["loc"] == (name,)


def test_arguments_before_environment_before_file(monkeypatch):
    Path("beffroi.toml").write_text('port = 1\nhost = "localhost"\ndecoders = 3\n', "utf-8")
    monkeypatch.setenv("BEFFROI_PORT", "2")
    settings = Settings.with_file(None, decoders=4)
    assert (settings.host, settings.port, settings.decoders) == ("localhost", 2, 4)


def test_a_file_can_be_named(tmp_path):
    chosen = tmp_path / "other.toml"
    chosen.write_text("port = 7\n", "utf-8")
    assert Settings.with_file(chosen).port == 7
    assert Settings.with_file(tmp_path / "missing.toml").port == 8100


def test_a_file_with_an_unknown_name_is_refused(tmp_path):
    chosen = tmp_path / "other.toml"
    chosen.write_text("prot = 7\n", "utf-8")
    with pytest.raises(ValidationError):
        Settings.with_file(chosen)


def test_secrets_are_not_shown():
    assert "QUJD" not in repr(Settings(hook_secret="whsec_QUJD"))


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().port = 1
