"""One process holds the node's data, and gives it back however it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.storage.lock import NodeLock

HOLDER = """
import sys, time
from pathlib import Path
from beffroi.ground.storage.lock import NodeLock
lock = NodeLock(Path(sys.argv[1]))
lock.take("http://127.0.0.1:8100")
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@contextmanager
def holder(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    lock = NodeLock(tmp_path)
    with holder(tmp_path):
        assert lock.is_held()
        assert lock.note() == "http://127.0.0.1:8100"
        with pytest.raises(Unavailable) as refused:
            lock.take("mine")
        assert refused.value.code == "already-running"
        assert "http://127.0.0.1:8100" in refused.value.message
        assert lock.note() == "http://127.0.0.1:8100", "the refused one wrote over the note"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_it_is_free_however_the_process_ends(tmp_path: Path, end: signal.Signals | None) -> None:
    lock = NodeLock(tmp_path)
    with holder(tmp_path) as process:
        if end is None:
            process.stdin.close()
        else:
            process.send_signal(end)
        process.wait()
    assert not lock.is_held()
    lock.take("mine")
    assert lock.note() == "mine"
    lock.release()


def test_children_do_not_inherit_it(tmp_path: Path) -> None:
    lock = NodeLock(tmp_path)
    lock.take("mine")
    command = [sys.executable, "-c", "print('here', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False) as child:
        child.stdout.readline()  # files are closed on exec only some time after Popen returns
        lock.release()
        assert not lock.is_held()
        child.kill()


def test_within_one_process_too(tmp_path: Path) -> None:
    first, second = NodeLock(tmp_path), NodeLock(tmp_path)
    first.take("first")
    with pytest.raises(Unavailable):
        second.take("second")
    first.release()
    first.release()
    second.take("second")
    assert second.note() == "second"
    second.release()


def test_nobody_was_here_yet(tmp_path: Path) -> None:
    lock = NodeLock(tmp_path)
    assert not lock.is_held()
    assert lock.note() == ""
    assert list(tmp_path.iterdir()) == [], "asking leaves nothing"


def test_the_note_is_empty_after_the_end_and_the_file_is_the_owners(tmp_path: Path) -> None:
    lock = NodeLock(tmp_path)
    lock.take("a long note")
    assert (tmp_path / "node.lock").stat().st_mode & 0o777 == 0o600
    lock.release()
    assert lock.note() == ""
    assert not lock.is_held()
