"""A key that was returned is on the disk; what is read has its digest."""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from beffroi.ground.kernel.errors import InvariantViolated, NotFound
from beffroi.ground.kernel.ids import BlobKey
from beffroi.ground.storage import BlobFolder

CONTENT = b"a neutral picture"
KEY = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "blobs")


def place(blobs: BlobFolder, key: str = KEY) -> Path:
    return blobs._folder / key[:2] / key[2:4] / key


@pytest.mark.parametrize("content", [b"", b"\0", CONTENT, os.urandom(3 * 2**20)])
def test_comes_back_as_it_was(blobs: BlobFolder, content: bytes) -> None:
    key = blobs.put(content)
    assert key == hashlib.sha256(content).hexdigest()
    assert blobs.get(key) == content
    assert blobs.has(key)
    assert list(blobs.keys()) == [key]


def test_the_same_bytes_are_stored_once(blobs: BlobFolder) -> None:
    blobs.put(CONTENT)
    before = place(blobs).stat().st_ino
    assert blobs.put(CONTENT) == KEY
    assert place(blobs).stat().st_ino == before
    assert [path for path in blobs._folder.rglob("*") if path.is_file()] == [place(blobs)]


@pytest.mark.parametrize("key", ["", "ab", "../../etc/passwd", KEY.upper(), KEY[:-1], KEY + "0", KEY + "\n", "²" * 64])
def test_what_is_no_key_is_no_path(blobs: BlobFolder, key: str) -> None:
    for ask in (blobs.get, blobs.has, blobs.drop):
        with pytest.raises(NotFound):
            ask(BlobKey(key))


def test_a_blob_that_is_not_there(blobs: BlobFolder) -> None:
    assert not blobs.has(BlobKey(KEY))
    with pytest.raises(NotFound) as refused:
        blobs.get(BlobKey(KEY))
    assert refused.value.code == "no-such-blob"
    blobs.drop(BlobKey(KEY))


@pytest.mark.parametrize("damage", [b"", CONTENT + b"!", b"A" + CONTENT[1:]])
def test_changed_bytes_are_not_given_out(blobs: BlobFolder, damage: bytes) -> None:
    key = blobs.put(CONTENT)
    place(blobs).write_bytes(damage)
    with pytest.raises(InvariantViolated) as refused:
        blobs.get(key)
    assert refused.value.code == "blob-changed"


def test_dropped_is_gone(blobs: BlobFolder) -> None:
    key = blobs.put(CONTENT)
    blobs.drop(key)
    assert not blobs.has(key)
    assert list(blobs.keys()) == []


def test_a_part_left_by_a_crash_is_no_blob(blobs: BlobFolder) -> None:
    key = blobs.put(CONTENT)
    place(blobs).with_name(".abcdefgh.partial").write_bytes(b"half")
    assert list(blobs.keys()) == [key]


def test_the_owner_alone_gets_in(blobs: BlobFolder) -> None:
    blobs.put(CONTENT)
    folders = [blobs._folder, *(path for path in blobs._folder.rglob("*") if path.is_dir())]
    assert len(folders) == 3
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


class Disk:
    """What was asked of the disk, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self._fsync, self._replace = os.fsync, Path.replace
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(Path, "replace", self._noting_replace())

    def fsync(self, handle: int) -> None:
        self.asked.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink()}")
        self._fsync(handle)

    def _noting_replace(self) -> Callable[[Path, Path], Path]:
        def replace(path: Path, target: Path) -> Path:
            self.asked.append(f"name {target}")
            return self._replace(path, target)

        return replace


def test_everything_on_the_way_is_synced_in_order(blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    blobs.put(CONTENT)
    path = place(blobs)
    *folders, content, name, folder = disk.asked
    assert folders == [f"sync {path.parents[2]}", f"sync {path.parents[1]}"], "the names of the new folders"
    assert content.endswith(".partial")
    assert (name, folder) == (f"name {path}", f"sync {path.parent}")
    disk.asked.clear()
    blobs.put(CONTENT)
    assert disk.asked == [f"sync {path.parent}"], "another thread may not have come so far"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_could_not_be_written_leaves_nothing(
    blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    blobs.put(b"another blob")  # its folders are there

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BlobFolder, "_settle", lambda _self, folder: folder.mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(os if failing == "fsync" else Path, failing, fail)
    with pytest.raises(OSError, match="No space"):
        blobs.put(CONTENT)
    monkeypatch.undo()
    assert not blobs.has(BlobKey(KEY))
    assert not list(blobs._folder.rglob("*.partial"))
    assert blobs.put(CONTENT) == KEY


def test_many_threads_put_the_same_and_different_bytes(blobs: BlobFolder) -> None:
    contents = [b"%d" % (number % 20) for number in range(100)]
    threads = [threading.Thread(target=blobs.put, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(blobs.get(key) for key in blobs.keys()) == sorted(set(contents))  # noqa: SIM118 (a method of ours)
    assert not list(blobs._folder.rglob("*.partial"))
