"""A backup is whole or is none; what was changed in it afterwards is named."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.storage import BlobFolder
from beffroi.ground.storage.archive import (
    BackupFacts,
    begin,
    differences,
    finish,
    read_facts,
    removed_on_failure,
)

TOLD = BackupFacts(datetime(2026, 6, 1, 8, 0, 0, 1, tzinfo=UTC), "0.1.0", "0001")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    begin(folder)
    (folder / "beffroi.db").write_bytes(b"a database" * 1000)
    blobs = BlobFolder(folder / "blobs")
    for content in (b"one", b"two"):
        blobs.put(content)
    finish(folder, TOLD)
    return folder


def blob_in(folder: Path) -> Path:
    return min(path for path in (folder / "blobs").rglob("*") if path.is_file())


def test_a_backup_says_when_and_by_whom_it_was_made(backup: Path) -> None:
    assert read_facts(backup) == TOLD
    assert list(differences(backup)) == []
    assert {path.stat().st_mode & 0o777 for path in (backup / "backup.json", backup / "SHA256SUMS")} == {0o600}
    assert backup.stat().st_mode & 0o777 == 0o700


def test_anybody_can_check_it_with_coreutils(backup: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=backup, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == 4


def test_progress_reaches_the_end(backup: Path) -> None:
    told: list[tuple[int, int]] = []
    (backup / "SHA256SUMS").unlink()
    finish(backup, TOLD, lambda done, of: told.append((done, of)))
    assert told[-1] == (4, 4)
    told.clear()
    list(differences(backup, lambda done, of: told.append((done, of))))
    assert told[-1] == (4, 4)


@pytest.mark.parametrize("name", ["beffroi.db", "backup.json", "blob"])
@pytest.mark.parametrize("change", ["changed", "missing", "cut"])
def test_what_became_of_a_file_is_named(backup: Path, name: str, change: str) -> None:
    path = blob_in(backup) if name == "blob" else backup / name
    if change == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if change == "cut" else path.read_bytes()[:-1] + b"?")
    word = "missing" if change == "missing" else "changed"
    assert list(differences(backup)) == [f"{path.relative_to(backup)} {'is' if word == 'missing' else 'was'} {word}"]


def test_what_was_added_is_named(backup: Path) -> None:
    (backup / "blobs" / "vault.db").write_bytes(b"")
    assert list(differences(backup)) == ["blobs/vault.db was added"]


@pytest.mark.parametrize("name", ["beffroi.db", "backup.json"])
def test_sums_that_leave_out_what_every_backup_has(backup: Path, name: str) -> None:
    sums = (backup / "SHA256SUMS").read_text()
    (backup / "SHA256SUMS").write_text("".join(line for line in sums.splitlines(keepends=True) if name not in line))
    assert set(differences(backup)) == {f"{name} was added", f"{name} is not listed in SHA256SUMS"}


HOSTILE = [
    "0" * 64 + "  ../../etc/passwd",
    "0" * 64 + "  /etc/passwd",
    "0" * 64 + "  blobs/aa/bb/../../../beffroi.db",
    "0" * 64 + "  vault.db",
    "0" * 63 + "  beffroi.db",
    "0" * 64 + " *beffroi.db",
    "nonsense",
]


@pytest.mark.parametrize("line", HOSTILE)
def test_a_name_that_leads_elsewhere_is_refused(backup: Path, line: str) -> None:
    with (backup / "SHA256SUMS").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(Invalid) as refused:
        list(differences(backup))
    assert refused.value.code == "no-backup"


def test_a_link_is_not_followed(backup: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes((backup / "beffroi.db").read_bytes())
    (backup / "beffroi.db").unlink()
    (backup / "beffroi.db").symlink_to(elsewhere)
    with pytest.raises(Invalid):
        list(differences(backup))


def test_an_unfinished_backup_is_none(backup: Path) -> None:
    (backup / "SHA256SUMS").unlink()
    with pytest.raises(Invalid) as refused:
        read_facts(backup)
    assert "not finished" in refused.value.message


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":1}',
        json.dumps({"format": 2, "made_at": "2026-06-01T08:00:00Z", "version": "9", "schema": "9"}).encode(),
        json.dumps({"format": 1, "made_at": "today", "version": "9", "schema": "9"}).encode(),
    ],
)
def test_what_cannot_be_read_is_no_backup(backup: Path, told: bytes) -> None:
    (backup / "backup.json").write_bytes(told)
    with pytest.raises(Invalid):
        read_facts(backup)
    (backup / "backup.json").unlink()
    with pytest.raises(Invalid):
        read_facts(backup)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(Conflict) as refused:
            begin(taken)
        assert refused.value.code == "not-empty"
    begin(tmp_path / "new" / "folder")
    begin(tmp_path / "new" / "folder")


def test_what_failed_leaves_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError), removed_on_failure(tmp_path):
        _fill_and_fail(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_did_not_fail_stays(tmp_path: Path) -> None:
    with removed_on_failure(tmp_path):
        (tmp_path / "file").write_bytes(b"mine")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def _fill_and_fail(folder: Path) -> None:
    (folder / "file").write_bytes(b"mine")
    (folder / "blobs" / "aa").mkdir(parents=True)
    (folder / "blobs" / "aa" / "blob").write_bytes(b"mine")
    raise KeyError
