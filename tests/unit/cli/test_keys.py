"""`beffroi keys`: listed and rotated, never shown."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run


def _ledger_keys(beffroi: Run) -> list[dict[str, str]]:
    rows = map(json.loads, beffroi("keys", "list", "--json").stdout.splitlines())
    return [row for row in rows if row["purpose"] == "ledger"]


def test_rotation_keeps_the_old_key_for_its_overlap(beffroi: Run, tmp_path: Path) -> None:
    [first] = _ledger_keys(beffroi)
    assert beffroi("keys", "rotate", "ledger", "--overlap-days", "7").returncode == 0
    newest, old = _ledger_keys(beffroi)
    assert old["id"] == first["id"]
    assert newest["retires_at"] == "in use"
    assert old["retires_at"] != "in use"


def test_no_secret_is_printed(beffroi: Run, tmp_path: Path) -> None:
    said = beffroi("keys", "list").stdout
    for file in (tmp_path / "beffroi-data" / "keys").glob("*.json"):
        secret = json.loads(file.read_text()).get("secret")
        assert secret is None or secret not in said
