"""The tree as the house rules read it.

Owns: which files are ours, and how a Python file is parsed for the rules.
Promises: files are those that git tracks or would track; where there is no git, those on disk.
Never does: judge; the rules are in `rules`.
"""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file. `path` is relative to the root, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The dotted name by which it is imported; a package's is that of its `__init__`."""
        parts = self.path.removeprefix("src/").removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_product(self) -> bool:
        """Whether it is shipped, rather than a test, an example or a script."""
        return self.path.startswith("src/")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a rule is broken, and which one."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


def source(path: str, text: str) -> Source:
    """A file as the rules see it; `text` must parse."""
    return Source(path, text, ast.parse(text, path))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of `tree`, itself first; kept, because each rule asks for them."""
    return tuple(ast.walk(tree))


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the repository, relative to its root, in order."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if not _is_private(path)]
    return tuple(sorted({path for path in listed if path and (ROOT / path).is_file()}))


def _is_private(path: Path) -> bool:
    return any(part.startswith(".venv") or part == "__pycache__" for part in path.parts)


@cache
def sources(folder: str = "") -> tuple[Source, ...]:
    """The Python files whose path begins with `folder`."""
    ours = (path for path in tracked() if path.startswith(folder) and path.endswith(".py"))
    return tuple(source(path, (ROOT / path).read_text("utf-8")) for path in ours)
