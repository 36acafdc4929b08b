"""While a node holds the data, commands on banks go through it, with the same answers."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.unit.cli.conftest import Run


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_same_through_a_running_node(beffroi: Run, tmp_path: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "beffroi", "serve", "--data", str(tmp_path / "beffroi-data"), "--port", str(port)]
    node = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and not _listens(port):
            time.sleep(0.2)
        done = beffroi("bank", "create", "Kites", "--purpose", "a test")
        assert done.returncode == 0, done.stderr
        (tmp_path / "list.txt").write_text("a kite over the mill\n")
        done = beffroi("bank", "import", tmp_path / "list.txt", "--bank", "Kites", "--type", "phrase", "--json")
        assert json.loads(done.stdout)["added"] == 1, done.stderr
        assert beffroi("bank", "promote", "--bank", "Kites", "--yes").returncode == 0
        [row] = map(json.loads, beffroi("bank", "list", "--json").stdout.splitlines())
        assert (row["name"], row["stage"], row["entries"]) == ("Kites", "active", 1)
        out = tmp_path / "out.csv"
        assert beffroi("bank", "export", "--bank", "Kites", "--out", out).returncode == 0
        assert "a kite over the mill" in out.read_text()
        assert beffroi("bank", "disable", "--bank", "Nowhere").returncode == 1
    finally:
        node.terminate()
        said, _ = node.communicate(timeout=30)
    assert node.returncode == 0
    assert "/first-start/" in said
    assert not (tmp_path / "beffroi-data" / "local.key").exists(), "the key goes with the node"
