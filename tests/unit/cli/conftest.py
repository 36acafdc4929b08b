"""The command line as it is typed: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def beffroi(tmp_path: Path) -> Run:
    """Run `beffroi` with these arguments in an empty folder."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", "HOME": str(tmp_path)}

    def run(*arguments: object, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "beffroi", *map(str, arguments)]
        given = environment | more
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=given, timeout=60, check=False)

    return run
