"""A node's folder as a release leaves it, with data: what the upgrade tests begin from.

    python -m tests.upgrade.make FILE          by the program in this folder
    python -m tests.upgrade.make --tag FILE    by the last tagged release, in a checkout and with packages of its own

Owns: the form of a fixture: a `.tar.xz` of the folder, named after its schema.
Promises: everything in it is invented; its keys are keys of nobody.
Never does: change a fixture that is there. A released schema is history.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from beffroi.ground.storage import migrate
from tests.unit.flow.node import opened
from tests.unit.flow.worked import Blind, work

ROOT = Path(__file__).parents[2]
RELEASED = Path(__file__).parent / "released"


def make(out: Path) -> None:
    """By this program."""
    with tempfile.TemporaryDirectory(prefix="beffroi-fixture-") as folder:
        made = Path(folder) / "node"
        with opened(made, Blind()) as node:
            work(node)
        out.write_bytes(packed(made))


def packed(folder: Path) -> bytes:
    """The folder as a tar, without what belongs to a running process."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w:xz", preset=9) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in {"node.lock", "local.key"} and "-shm" not in path.name:
                tar.add(path, path.relative_to(folder).as_posix())
    return into.getvalue()


def unpacked(fixture: Path, folder: Path) -> Path:
    """The node's folder again."""
    folder.mkdir(mode=0o700)
    with tarfile.open(fixture) as tar:
        tar.extractall(folder, filter="data")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


def last_tag() -> str | None:
    """The newest release before this commit; None where there is none yet, or no git."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def make_by_tag(tag: str, out: Path) -> None:
    """By that release: its code, its lock, its own packages."""
    with tempfile.TemporaryDirectory(prefix="beffroi-release-") as folder:
        checkout = Path(folder) / "checkout"
        subprocess.run(["git", "worktree", "add", "--detach", str(checkout), tag], cwd=ROOT, check=True)
        try:
            subprocess.run(["./run", "sync", "--group", "test"], cwd=checkout, check=True)
            command = [".venv/bin/python", "-m", "tests.upgrade.make", str(out.resolve())]
            subprocess.run(command, cwd=checkout, check=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(checkout)], cwd=ROOT, check=True)


if __name__ == "__main__":
    *options, file = sys.argv[1:]
    if options == ["--tag"]:
        tagged = last_tag()
        if tagged is None:
            sys.exit("there is no tag v… before this commit")
        make_by_tag(tagged, Path(file))
    else:
        make(Path(file))
    print(file, Path(file).stat().st_size, "bytes, schema", migrate.head())
