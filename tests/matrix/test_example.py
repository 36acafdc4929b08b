"""`examples/matrix/run`, started as a person would start it: both are there, what it prints works, Ctrl-C ends both."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.matrix.world import free_port, until

pytestmark = pytest.mark.timeout(600)


def test_it_starts_says_what_to_try_and_ends(synapse: None, tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "examples.matrix", "--folder", str(tmp_path / "town"), "--port", str(free_port())]
    with (tmp_path / "said").open("wb") as out:
        running = subprocess.Popen(
            command, cwd=root, stdout=out, stderr=out, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
    try:
        said = until(lambda: text if "Ctrl-C ends both" in (text := (tmp_path / "said").read_text()) else None, 300)
        send, token = re.findall(r"curl -X PUT '(\S+)/1' -H 'Authorization: Bearer (\S+)'", said)[0]
        headers = {"Authorization": f"Bearer {token}"}
        content = {"msgtype": "m.text", "body": "the herons watched"}
        answer = httpx.put(f"{send}/1", json=content, headers=headers, trust_env=False, timeout=60)
        assert answer.status_code == 200, answer.text
        node = re.findall(r"http://127.0.0.1:\d+/console", said)[0]
        assert httpx.get(node, trust_env=False, follow_redirects=True, timeout=60).status_code == 200
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(90)
    for address in (send.partition("/_matrix")[0], node):
        with pytest.raises(httpx.TransportError):
            httpx.get(address, trust_env=False, timeout=10)
