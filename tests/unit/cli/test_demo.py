"""`beffroi demo`: both answer, the data stays, everything ends together (Done when 1 of the first release)."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def _two_free_ports() -> int:
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two ports in a row are free")


def _answers(url: str, within_s: float) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (our own)
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.2)
    return False


def _start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "beffroi", "demo", "--data", str(folder), "--port", str(port), "--no-browser"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)


def _left(group: int) -> list[str]:
    """Commands of the group's processes that still live; those that only wait to be reaped do not count."""
    rows = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    split = (row.split(maxsplit=2) for row in rows.splitlines())
    return [args for pgid, state, args in split if int(pgid) == group and not state.startswith("Z")]


def test_start_stop_start(tmp_path: Path, root: Path) -> None:
    folder, port = tmp_path / "demo", _two_free_ports()
    sizes = []
    for _ in range(2):
        demo = _start(folder, port)
        assert _answers(f"http://127.0.0.1:{port}/health", 60)
        assert _answers(f"http://127.0.0.1:{port + 1}/health", 60)
        demo.send_signal(signal.SIGINT)
        assert demo.stdout is not None
        said = demo.communicate(timeout=30)[0].decode()
        assert "Ready after" in said
        assert not _left(demo.pid), "a process stayed behind"
        sizes.append((folder / "node" / "site.key").read_text())
    assert sizes[0] == sizes[1], "a second start keeps the data"


def test_the_site_ends_even_when_the_node_is_killed(tmp_path: Path) -> None:
    port = _two_free_ports()
    demo = _start(tmp_path / "demo", port)
    assert _answers(f"http://127.0.0.1:{port + 1}/health", 60)
    demo.kill()
    demo.communicate()
    end = time.monotonic() + 20
    while time.monotonic() < end and _left(demo.pid):
        time.sleep(0.2)
    assert not _left(demo.pid)
