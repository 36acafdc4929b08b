"""A private file is there whole, for its owner only, or it is as before."""

import os
import shutil
from pathlib import Path

import pytest

from beffroi.ground.storage.files import kept, read_private, room, sync_folder, write_private


def test_is_for_the_owner_only(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", b"one")
    assert (tmp_path / "secret").read_bytes() == b"one"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"one")
    path.chmod(0o644)
    write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    write_private(path, b"one")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_content_and_name_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    write_private(tmp_path / "secret", b"one")
    assert synced[0].endswith(".partial")
    assert synced[1:] == [str(tmp_path)]


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", b"one")
    assert read_private(tmp_path / "secret") == b"one"
    assert read_private(tmp_path / "nothing") is None
    assert read_private(tmp_path) is None


def test_what_is_kept_is_made_once(tmp_path: Path) -> None:
    made = iter([b"one", b"two"])
    assert [kept(tmp_path / "pepper", lambda: next(made)) for _ in range(3)] == [b"one"] * 3
    assert (tmp_path / "pepper").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")


def test_room_is_counted_in_bytes_of_the_disk_below(tmp_path: Path) -> None:
    free, whole = room(tmp_path)
    assert 0 <= free < whole
    assert whole == shutil.disk_usage(tmp_path).total
