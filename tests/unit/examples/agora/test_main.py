"""The one command: starts alone, says what it is, and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from examples.agora.options import read_options

from .loopback import until

ROOT = Path(__file__).parents[4]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("node_url", [None, "http://127.0.0.1:9"])
def test_it_starts_by_environment_and_ends_with_status_0(tmp_path: Path, ending: int, node_url: str | None):
    port = free_port()
    environment = os.environ | {"AGORA_PORT": str(port), "AGORA_DATA": str(tmp_path)}
    if node_url:
        environment |= {"AGORA_NODE_URL": node_url, "AGORA_API_KEY": "key", "AGORA_HOOK_SECRET": "whsec_a2V5"}
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.agora"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    with process:
        until(lambda: is_healthy(port), 60)
        process.send_signal(ending)
        said, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert (node_url or "plain site") in said


def test_the_command_line_comes_before_the_environment(tmp_path: Path):
    key, secret = tmp_path / "key", tmp_path / "secret"
    key.write_text("file-key\n")
    secret.write_text("whsec_file\n")
    argv = ["--port", "1", "--data", "d", "--node", "http://n/", "--mode", "hold-then-publish"]
    argv += ["--api-key-file", str(key), "--hook-secret-file", str(secret)]
    environment = {"AGORA_PORT": "2", "AGORA_NODE_URL": "http://other", "AGORA_API_KEY": "x", "AGORA_HOOK_SECRET": "y"}
    options = read_options(argv, environment)
    assert (options.port, options.folder, options.node_url) == (1, Path("d"), "http://n")
    assert (options.api_key, options.hook_secret, options.mode) == ("file-key", "whsec_file", "hold-then-publish")
    assert options.public_url == "http://127.0.0.1:1"


def test_a_node_without_a_key_is_wrong_use(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        read_options(["--node", "http://n"], {})
    assert ended.value.code == 2
    assert "--api-key-file" in capsys.readouterr().err
