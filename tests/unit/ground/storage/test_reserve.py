"""Reserved disk: really taken, let go at once, taken back only when there is plenty."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.ground.storage.files import room
from beffroi.ground.storage.reserve import Reserve

SIZE = 512 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "small"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(where)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system can be mounted by root only")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def test_it_takes_room_and_gives_it_back(small_disk: Path) -> None:
    free, _ = room(small_disk)
    reserve = Reserve(small_disk, SIZE)
    assert (reserve.is_kept, reserve.is_used) == (False, False)
    assert reserve.keep()
    assert free - room(small_disk)[0] >= SIZE
    assert (small_disk / "reserve").stat().st_mode & 0o777 == 0o600
    assert reserve.release()
    assert room(small_disk)[0] == free
    assert (reserve.is_kept, reserve.is_used) == (False, True)
    assert not reserve.release()


def test_it_is_taken_back_when_twice_as_much_is_free(small_disk: Path) -> None:
    reserve = Reserve(small_disk, SIZE)
    assert reserve.keep()
    (small_disk / "rubbish").write_bytes(b"r" * (room(small_disk)[0] - 4096))
    reserve.release()
    assert not reserve.keep()
    assert reserve.is_used
    (small_disk / "rubbish").unlink()
    assert reserve.keep()
    assert not reserve.is_used


def test_a_reserve_that_was_there_is_taken_over(small_disk: Path) -> None:
    assert Reserve(small_disk, SIZE).keep()
    (small_disk / "rubbish").write_bytes(b"r" * (room(small_disk)[0] - 4096))
    again = Reserve(small_disk, SIZE)
    assert again.keep()
    assert not again.is_used


def test_a_file_with_holes_is_no_reserve(small_disk: Path) -> None:
    with (small_disk / "reserve").open("wb") as hollow:
        hollow.truncate(SIZE)
    before = room(small_disk)[0]
    assert Reserve(small_disk, SIZE).keep()
    assert before - room(small_disk)[0] >= SIZE
