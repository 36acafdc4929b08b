"""`beffroi config check`: what a node would start with, or why it would not."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


def test_it_prints_every_setting_and_no_secret(beffroi: Run, tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('port = 9000\nhook_secret = "whsec_c2VjcmV0"\nmatrix_token = "syt_hush"\n')
    done = beffroi("config", "check", "--config", "node.toml", "--json")
    told = json.loads(done.stdout.splitlines()[0])
    assert (told["port"], told["hook_secret"], told["heartbeat_url"]) == (9000, "set", "not set")
    assert (told["matrix_token"], told["matrix_visitor_token"]) == ("set", "not set")
    assert "c2VjcmV0" not in done.stdout
    assert "syt_hush" not in done.stdout


def test_the_environment_wins_over_the_file(beffroi: Run, tmp_path: Path) -> None:
    (tmp_path / "beffroi.toml").write_text("port = 9000\n")
    told = beffroi("config", "check", "--json", BEFFROI_PORT="9100").stdout.splitlines()
    assert json.loads(told[0])["port"] == 9100


def test_notes_alone_are_no_fault(beffroi: Run) -> None:
    done = beffroi("config", "check", "--json")
    assert done.returncode == 0
    assert {json.loads(line)["code"] for line in done.stdout.splitlines()[1:]} >= {"no-heartbeat", "no-people-yet"}


def test_what_would_work_and_should_not_is_found(beffroi: Run, tmp_path: Path) -> None:
    (tmp_path / "beffroi.toml").write_text('base_url = "http://node.example"\n')
    done = beffroi("config", "check")
    assert done.returncode == 1
    assert "WRONG: base_url: people sign in over it" in done.stdout


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port = 0", "port"),
        ('trusted_proxies = ["everybody"]', "trusted_proxies"),
        ('heartbeat_url = "ftp://x"', "heartbeat_url"),
        ("heartbeat_s = 5", "heartbeat_s"),
        ("colour = 'red'", "colour"),
        ('hook_url = "ftp://x"', "hook_url"),
        ('matrix_url = "matrix.example"', "matrix_url"),
        ('platform = "pigeon"', "platform"),
        ('demo = true\nhost = "0.0.0.0"', "demo"),
        ('argon2 = "cheap"\nbase_url = "https://node.example"', "argon2"),
    ],
)
def test_what_is_wrong_is_named(beffroi: Run, tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "beffroi.toml").write_text(text)
    done = beffroi("config", "check")
    assert done.returncode == 1
    assert named in done.stderr
