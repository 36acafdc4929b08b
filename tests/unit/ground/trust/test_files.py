import os

import pytest

from beffroi.ground.kernel.errors import Conflict, InvariantViolated, Unavailable
from beffroi.ground.kernel.limits import NOTE_BYTES_MAX
from beffroi.ground.trust import files


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_what_is_created_is_read_back_and_is_the_owners_alone(tmp_path):
    path = tmp_path / "a.json"
    files.create(path, b"one")
    assert files.read(path) == b"one"
    assert path.stat().st_mode & 0o777 == 0o600


def test_creating_over_a_file_leaves_it_as_it_was(tmp_path):
    path = tmp_path / "a.json"
    files.create(path, b"one")
    with pytest.raises(Conflict) as refusal:
        files.create(path, b"two")
    assert refusal.value.code == "key-file-exists"
    assert files.read(path) == b"one"
    assert names(tmp_path) == ["a.json"]


def test_replacing_swaps_the_content_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "a.json"
    files.create(path, b"one")
    files.replace(path, b"two")
    assert files.read(path) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a.json"]


def test_replacing_what_cannot_be_replaced_leaves_nothing_beside(tmp_path):
    (tmp_path / "a.json" / "inside").mkdir(parents=True)
    with pytest.raises(OSError):
        files.replace(tmp_path / "a.json", b"two")
    assert names(tmp_path) == ["a.json"]


def test_a_full_disk_leaves_nothing_beside(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.create(tmp_path / "a.json", b"one")
    assert names(tmp_path) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_a_file_others_can_reach_is_refused_and_the_remedy_named(tmp_path, mode):
    path = tmp_path / "a.json"
    files.create(path, b"one")
    path.chmod(mode)
    with pytest.raises(Unavailable, match=f"chmod 600 {path}") as refusal:
        files.read(path)
    assert refusal.value.code == "key-file-exposed"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_refused(tmp_path):
    path = tmp_path / "a.json"
    files.create(path, b"one")
    os.chown(path, 12345, 12345)
    with pytest.raises(Unavailable, match="belongs to another user"):
        files.read(path)


def test_a_link_is_not_followed(tmp_path):
    files.create(tmp_path / "a.json", b"one")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(Unavailable) as refusal:
        files.read(tmp_path / "b.json")
    assert refusal.value.code == "key-file-unreadable"


def test_a_missing_file_is_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "a.json")


def test_a_file_at_the_limit_is_read_and_one_beyond_is_not(tmp_path):
    files.create(tmp_path / "a", bytes(NOTE_BYTES_MAX))
    files.create(tmp_path / "b", bytes(NOTE_BYTES_MAX + 1))
    assert len(files.read(tmp_path / "a")) == NOTE_BYTES_MAX
    with pytest.raises(InvariantViolated) as refusal:
        files.read(tmp_path / "b")
    assert refusal.value.code == "key-file-damaged"


def test_the_folder_is_made_for_the_owner_alone(tmp_path):
    files.open_folder(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    files.open_folder(tmp_path / "keys")


def test_a_folder_others_can_reach_is_refused(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(Unavailable, match="chmod 700"):
        files.open_folder(tmp_path / "keys")
