"""`beffroi bank`, while no node runs."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run


def _listed(beffroi: Run) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in map(json.loads, beffroi("bank", "list", "--json").stdout.splitlines())}


def test_the_life_of_a_bank(beffroi: Run, tmp_path: Path) -> None:
    assert beffroi("bank", "create", "Kites", "--purpose", "a test").returncode == 0
    (tmp_path / "list.txt").write_text("a kite over the mill\n\nanother kite\n")
    done = beffroi("bank", "import", tmp_path / "list.txt", "--bank", "Kites", "--type", "phrase", "--json")
    assert json.loads(done.stdout) == {"bank": "Kites", "added": 2, "known": 0, "refused": []}
    assert _listed(beffroi)["Kites"]["stage"] == "observe"
    assert beffroi("bank", "promote", "--bank", "Kites", "--yes").returncode == 0
    assert _listed(beffroi)["Kites"]["stage"] == "active"
    for name in ("out.csv", "out.jsonl"):
        assert beffroi("bank", "export", "--bank", "Kites", "--out", tmp_path / name).returncode == 0
        again = beffroi("bank", "import", tmp_path / name, "--bank", "Kites", "--json")
        assert json.loads(again.stdout)["known"] == 2, "an export reads back equal"
    assert beffroi("bank", "disable", "--bank", "Kites").returncode == 0
    assert _listed(beffroi)["Kites"]["stage"] == "disabled"


def test_every_command_says_what_it_did_in_json_too(beffroi: Run, tmp_path: Path) -> None:
    def said(*arguments: object) -> object:
        return json.loads(beffroi("bank", *arguments, "--json").stdout)

    out = tmp_path / "out.csv"
    assert said("create", "Kites") == {"bank": "Kites", "stage": "observe"}
    assert said("export", "--bank", "Kites", "--out", out) == {"bank": "Kites", "entries": 0, "file": str(out)}
    assert said("promote", "--bank", "Kites", "--yes") == {"bank": "Kites", "stage": "active"}
    assert said("disable", "--bank", "Kites") == {"bank": "Kites", "stage": "disabled"}


def test_an_import_into_no_bank_makes_one_that_observes_and_says_so(beffroi: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a kite over the mill\n")
    done = beffroi("bank", "import", tmp_path / "list.txt", "--bank", "Kites")
    assert done.returncode == 0
    assert "Kites is new; it observes" in done.stderr
    assert (_listed(beffroi)["Kites"]["stage"], _listed(beffroi)["Kites"]["entries"]) == ("observe", 1)


def test_what_cannot_be_taken_in_is_named_and_the_rest_is(beffroi: Run, tmp_path: Path) -> None:
    beffroi("bank", "create", "Hashes", "--purpose", "a test")
    (tmp_path / "h.txt").write_text("0" * 64 + "\nnot a hash\n")
    done = beffroi("bank", "import", tmp_path / "h.txt", "--bank", "Hashes", "--type", "sha256", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["added"] == 1
    assert "h.txt:2:" in done.stderr


def test_refusals_are_one_sentence(beffroi: Run, tmp_path: Path) -> None:
    done = beffroi("bank", "promote", "--bank", "Nowhere", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("beffroi: ")
    assert done.stderr.count("\n") == 1
