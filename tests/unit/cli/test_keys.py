"""`beffroi keys`: listed and rotated, never shown."""

import json
from pathlib import Path

from beffroi.ground.storage.lock import NodeLock
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


def test_a_rotation_needs_the_node_to_stand_still(beffroi: Run, tmp_path: Path) -> None:
    assert beffroi("keys", "list").returncode == 0
    lock = NodeLock(tmp_path / "beffroi-data")
    lock.take("http://127.0.0.1:8100")
    done = beffroi("keys", "rotate", "ledger")
    lock.release()
    assert (done.returncode, len(_ledger_keys(beffroi))) == (1, 1)
    assert "another process holds" in done.stderr


def test_a_ceremony_needs_people(beffroi: Run) -> None:
    done = beffroi("keys", "ceremony", "--present", "ada@node.example", "--present", "mara@node.example")
    assert done.returncode == 1
    assert "not the address of anybody who is active here" in done.stderr


def test_a_drill_needs_a_backup(beffroi: Run, tmp_path: Path) -> None:
    done = beffroi("keys", "lose-drill", tmp_path, "--vault", tmp_path / "chest")
    assert done.returncode == 1
    assert "is no backup" in done.stderr
