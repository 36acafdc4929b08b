"""`./run` and `./check` answer wrong use and missing tools with a sentence, before they touch anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT


def call(folder: Path, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}
    command = [str(folder / script), *arguments]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of `./run` in a folder with a space in its name and nothing else in it."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    shutil.copy(ROOT / "run", folder / "run")
    return folder


@pytest.mark.parametrize(("script", "shell"), [("run", "sh"), ("check", "sh"), (".ci/run", "bash")])
def test_scripts_parse_and_may_be_run(script: str, shell: str) -> None:
    assert subprocess.run([shell, "-n", ROOT / script], check=False).returncode == 0
    assert os.access(ROOT / script, os.X_OK)


def test_run_says_what_it_can_do(elsewhere: Path) -> None:
    said = call(elsewhere, "run", "--help")
    assert (said.returncode, said.stderr) == (0, "")
    assert [line.split("  ")[0] for line in said.stdout.splitlines()] == [
        "./run",
        "./run demo …",
        "./run test …",
        "./run beffroi …",
        "./run sync …",
    ]


@pytest.mark.parametrize("script", ["run", "check"])
def test_wrong_use_is_exit_2_and_the_usage(script: str) -> None:
    said = call(ROOT, script, "nonsense")
    assert (said.returncode, said.stdout) == (2, "")
    assert f"./{script} " in said.stderr


def test_no_python_is_said_so(elsewhere: Path) -> None:
    said = call(elsewhere, "run", "sync", BEFFROI_PYTHON="/nonexistent/python")
    assert (said.returncode, said.stdout) == (1, "")
    assert "needs Python 3.11 or newer" in said.stderr


def test_neither_uv_nor_pip_is_said_so(elsewhere: Path, tmp_path: Path) -> None:
    for missing in ("pip", "venv"):
        (tmp_path / f"{missing}.py").write_text("raise SystemExit(1)")
    for needed in ("sh", "date", "dirname"):
        (tmp_path / needed).symlink_to(shutil.which(needed) or needed)
    nothing_else = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    said = call(elsewhere, "run", "sync", BEFFROI_PYTHON=sys.executable, **nothing_else)
    assert (said.returncode, said.stdout) == (1, "")
    assert "found neither uv nor pip" in said.stderr
    assert not list(elsewhere.glob(".venv*"))
