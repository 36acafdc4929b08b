"""`beffroi migrate`, `fsck`, `backup`, `restore`, as they are typed: what is printed and how it ends."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from beffroi.ground.storage.migrate import head
from tests.unit.cli.conftest import Run
from tests.unit.flow.node import opened
from tests.unit.flow.worked import CANARY, Blind, work


@pytest.fixture(scope="module")
def worked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worked") / "node"
    with opened(folder, Blind()) as node:
        work(node)
    return folder


@pytest.fixture
def data(worked_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(worked_folder, tmp_path / "node")


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def execute(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as conn:
        assert conn.execute(statement).rowcount > 0
    conn.close()


def test_migrate_makes_a_schema_and_then_has_nothing_to_do(beffroi: Run, tmp_path: Path) -> None:
    first = beffroi("migrate", "--data", tmp_path / "new", "--json")
    assert (first.returncode, lines(first.stdout)) == (0, [{"from": None, "to": head(), "copy": None}])
    second = beffroi("migrate", "--data", tmp_path / "new")
    assert (second.returncode, second.stdout) == (0, f"The database has schema {head()} already.\n")


def test_migrate_leaves_a_later_programs_schema_alone(beffroi: Run, data: Path) -> None:
    execute(data / "beffroi.db", "UPDATE alembic_version SET version_num = '9999'")
    done = beffroi("migrate", "--data", data)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"beffroi: schema 9999 is not known to this program, which has {head()}\n"
    assert not (data / "backups").exists()


def test_fsck_ends_with_0_only_if_it_found_nothing(beffroi: Run, data: Path) -> None:
    clean = beffroi("fsck", "--data", data)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "nothing found" in clean.stdout
    execute(data / "beffroi.db", "UPDATE item SET visibility = 'private'")
    found = beffroi("fsck", "--data", data)
    assert found.returncode == 1
    assert found.stdout.count("(row-differs)") == 3
    assert "item itm_" in found.stdout
    assert CANARY not in found.stdout


def test_fsck_prints_json_one_object_a_line(beffroi: Run, data: Path) -> None:
    execute(data / "beffroi.db", "DELETE FROM decision")
    *findings, told = lines(beffroi("fsck", "--data", data, "--json").stdout)
    assert [set(finding) for finding in findings] == [{"code", "place", "message"}] * len(findings)
    assert {finding["code"] for finding in findings} == {"row-differs"}
    assert told == told | {"clean": False, "found": len(findings), "blobs": 3, "orphan_blobs": 0}


def test_fsck_names_twenty_of_a_kind_and_counts_the_rest(beffroi: Run, tmp_path: Path) -> None:
    with opened(tmp_path / "node", Blind()) as node:
        for number in range(25):
            node.post(number, text=f"post number {number}")
    execute(tmp_path / "node" / "beffroi.db", "UPDATE item SET visibility = 'private'")
    found = beffroi("fsck", "--data", tmp_path / "node")
    assert found.stdout.count("(row-differs)") == 20
    assert "row-differs: 5 more; --json prints all" in found.stdout


@pytest.mark.parametrize("command", [("fsck",), ("backup", "out")])
def test_where_there_is_no_node_there_is_a_sentence(beffroi: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = beffroi(*command, "--data", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"beffroi: there is no database at {tmp_path / 'nowhere' / 'beffroi.db'}\n"
    assert list(tmp_path.iterdir()) == []


def test_there_and_back(beffroi: Run, data: Path, tmp_path: Path) -> None:
    made = beffroi("backup", tmp_path / "out", "--with-vault", tmp_path / "chest", "--data", data)
    assert made.returncode == 0, made.stderr
    assert "3 blobs" in made.stdout
    assert "Keep it apart" in made.stdout
    back = beffroi("restore", tmp_path / "out", "--data", tmp_path / "new", "--vault", tmp_path / "chest")
    assert back.returncode == 0, back.stderr
    assert "log_origin" in back.stdout
    assert "nothing found" in back.stdout
    assert beffroi("fsck", "--data", tmp_path / "new").returncode == 0
    again = beffroi("restore", tmp_path / "out", "--data", tmp_path / "new", "--vault", tmp_path / "chest")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"beffroi: {tmp_path / 'new'} is not an empty folder\n"


def test_there_and_back_without_keys_says_what_is_missing(beffroi: Run, data: Path, tmp_path: Path) -> None:
    made = lines(beffroi("backup", tmp_path / "out", "--data", data, "--json").stdout)
    assert made == [made[0] | {"folder": str(tmp_path / "out"), "chest": None, "blobs": 3, "damaged": []}]
    back = beffroi("restore", tmp_path / "out", "--data", tmp_path / "new", "--json")
    restored, *findings, told = lines(back.stdout)
    assert back.returncode == 1
    assert (restored["blobs"], restored["made_at"]) == (3, made[0]["made_at"])
    assert [finding["code"] for finding in findings] == ["vault-missing", "keys-missing"]
    assert told["clean"] is False


def test_a_node_that_stood_still_goes_on_with_its_log(beffroi: Run, data: Path, tmp_path: Path) -> None:
    beffroi("backup", tmp_path / "out", "--with-vault", tmp_path / "chest", "--data", data)
    arguments = ("--data", tmp_path / "new", "--vault", tmp_path / "chest", "--same-log")
    back = beffroi("restore", tmp_path / "out", *arguments)
    assert back.returncode == 0
    assert "log_origin" not in back.stdout
    assert not list((tmp_path / "new" / "keys").glob("*.restored"))


def test_what_could_not_be_read_is_named_and_ends_with_3(beffroi: Run, data: Path, tmp_path: Path) -> None:
    blob = next(path for path in (data / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(b"!")
    made = beffroi("backup", tmp_path / "out", "--data", data)
    assert made.returncode == 3
    assert made.stderr == f"beffroi: blob {blob.name} is damaged and was left out\n"


@pytest.mark.parametrize("arguments", [("restore", "out"), ("restore", "--data", "new"), ("backup",), ("fsck", "x")])
def test_wrong_use_ends_with_2(beffroi: Run, arguments: tuple[str, ...]) -> None:
    assert beffroi(*arguments).returncode == 2
