"""The one command: starts alone, says what it is, and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from examples.agora.options import read_options

from .loopback import SECRET, StandInNode, until

ROOT = Path(__file__).parents[4]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def process(folder: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The site as a process of its own, and its address."""
    port = free_port()
    environment = os.environ | {"AGORA_PORT": str(port), "AGORA_DATA": str(folder)} | more
    command = [sys.executable, "-m", "examples.agora"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as started:
        try:
            until(lambda: is_healthy(port), 60)
            yield started, f"http://127.0.0.1:{port}"
        finally:
            started.kill()


def with_node(url: str) -> dict[str, str]:
    return {"AGORA_NODE_URL": url, "AGORA_API_KEY": "key", "AGORA_HOOK_SECRET": SECRET}


@pytest.mark.parametrize(("ending", "node_url"), [(signal.SIGINT, None), (signal.SIGTERM, "http://127.0.0.1:9")])
def test_it_starts_by_environment_and_ends_with_status_0(tmp_path: Path, ending: int, node_url: str | None):
    with process(tmp_path, **(with_node(node_url) if node_url else {})) as (started, _):
        started.send_signal(ending)
        said, _ = started.communicate(timeout=15)
    assert started.returncode == 0
    assert (node_url or "plain site") in said


def test_a_killed_site_still_asks_about_what_was_posted(tmp_path: Path, node: StandInNode):
    node.stop()
    with process(tmp_path, **with_node(node.url)) as (started, url), httpx.Client(trust_env=False) as mara:
        mara.post(f"{url}/login", data={"name": "Mara"})
        assert mara.post(f"{url}/posts", data={"text": "Not lost"}).status_code == 303
        started.kill()
    node.start()
    with process(tmp_path, **with_node(node.url)) as (_, url):
        until(lambda: len(node.asked()) == 13)
        assert node.asked()[-1]["item"]["text"] == "Not lost"
        page = httpx.get(f"{url}/", trust_env=False).text
    assert "Not lost" in page


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
