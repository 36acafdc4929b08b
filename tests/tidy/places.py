"""Which powers a module may use: the clock, randomness, sockets, processes, files, and each big library.

Owns: the two tables that say what may be used where.
Promises: names are resolved through the module's own imports, so that an alias does not hide a call.
Never does: follow values; a function handed over as an argument carries its power along, and that is intended.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tidy.sources import Finding, Source, nodes


@dataclass(frozen=True, slots=True)
class Place:
    """A power, the dotted names that give it (a trailing dot: everything below), and the modules that may have it."""

    power: str
    names: tuple[str, ...]
    allowed: tuple[str, ...]
    harmless: tuple[str, ...] = ()

    def gives(self, name: str) -> bool:
        """Whether using `name` is using this power."""
        return name not in self.harmless and any(
            name == given or (given.endswith(".") and f"{name}.".startswith(given)) for given in self.names
        )

    def allows(self, module: str) -> bool:
        """Whether `module` lies in an allowed place; `*.store` allows every module of that name."""
        return any(
            module.rpartition(".")[2] == place[2:] if place.startswith("*.") else f"{module}.".startswith(f"{place}.")
            for place in self.allowed
        )


POWERS = (
    Place(
        "the clock",
        (
            *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime")),
            *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
            "datetime.date.today",
        ),
        ("beffroi.ground.kernel.clock", "beffroi.cli.bench", "beffroi.cli.bench_match", "beffroi.cli.drill"),
    ),
    Place(
        "randomness",
        ("random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom", "numpy.random."),
        (
            "beffroi.ground.kernel.ids",
            "beffroi.ground.trust",
            "beffroi.cli.bench",
            "beffroi.cli.bench_match",
            "beffroi.cli.bench_pictures",
        ),
    ),
    Place(
        "sockets",
        ("socket.", "ssl.", "http.client.", "urllib.request.", "httpx.", "httpcore.", "smtplib.", "ftplib."),
        (
            "beffroi.ground.net",
            "beffroi.cli._server",
            "beffroi.cli.demo",
            "beffroi.cli.bench",
            "beffroi.cli.bench_size",
        ),
    ),
    Place(
        "processes",
        ("subprocess.", "multiprocessing.", "os.system", "os.popen", "os.fork", "os.execv", "os.execve", "os.kill"),
        ("beffroi.signals", "beffroi.cli"),
    ),
    Place(
        "files",
        ("open", "io.open", "os.open", "os.remove", "os.rename", "os.replace", "shutil.", "tempfile.", "mmap."),
        (
            "beffroi.ground.storage",
            "beffroi.ground.trust.files",
            "beffroi.matching.pdq_file",
            "beffroi.signals",
            "beffroi.cli",
        ),
    ),
)
FILE_METHODS = frozenset(("read_text", "read_bytes", "write_text", "write_bytes"))
FILE_METHOD_PLACES = (
    "beffroi.ground.storage",
    "beffroi.ground.trust.files",
    "beffroi.signals",
    "beffroi.doors.web",
    "beffroi.cli",
    "beffroi.settings",
)

LIBRARIES = (
    # A connection is what reads are handed; what they ask through it stands in the store.
    Place(
        "sqlalchemy",
        ("sqlalchemy.",),
        ("beffroi.ground", "*.store", "*.views", "*.tables"),
        harmless=("sqlalchemy.Connection",),
    ),
    Place("psycopg", ("psycopg.",), ("beffroi.ground.storage",)),
    Place("alembic", ("alembic.",), ("beffroi.ground.storage",)),
    Place("cryptography", ("cryptography.",), ("beffroi.ground.trust", "beffroi.ground.storage")),
    Place("fastapi", ("fastapi.", "starlette."), ("beffroi.doors", "beffroi.app", "beffroi.cli._server")),
    Place("uvicorn", ("uvicorn.",), ("beffroi.app", "beffroi.cli")),
    Place("typer", ("typer.", "rich."), ("beffroi.cli",)),
    Place("PIL", ("PIL.",), ("beffroi.signals", "beffroi.cli.bench", "beffroi.cli.bench_pictures")),
    Place(
        "beffroi.settings", ("beffroi.settings.",), ("beffroi.settings", "beffroi.flow", "beffroi.app", "beffroi.cli")
    ),
)


def powers_in_place(file: Source) -> Iterator[Finding]:
    """The clock, randomness, sockets, processes and files are reached only where the house keeps them."""
    forbidden = [place for place in POWERS if not place.allows(file.module)]
    seen_as = _imported(file.tree)
    for node in nodes(file.tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        name = _dotted(node, seen_as)
        for place in forbidden if name else ():
            if (
                place.gives(name) and f"{name}." not in place.names
            ):  # the module's bare name is only on the way to a use
                yield Finding(file.path, node.lineno, f"`{name}` is {place.power}: only for {_listed(place)}")


def files_in_place(file: Source) -> Iterator[Finding]:
    """Nothing but storage, the decoding child, the command line and the settings reads or writes files by path."""
    if Place("files", (), FILE_METHOD_PLACES).allows(file.module):
        return
    for node in nodes(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILE_METHODS:
            yield Finding(file.path, node.lineno, f"`.{node.func.attr}()` is files: ask ground.storage")


def libraries_in_place(file: Source) -> Iterator[Finding]:
    """A big library is known to the packages that are about it, and to no others."""
    forbidden = [place for place in LIBRARIES if not place.allows(file.module)]
    for line, name in _imports(file.tree):
        for place in forbidden:
            if place.gives(name):
                yield Finding(file.path, line, f"`{name}` is imported only by {_listed(place)}")


def async_in_place(file: Source) -> Iterator[Finding]:
    """The core is synchronous; only the doors may wait for many things at once."""
    if Place("async", (), ("beffroi.doors", "beffroi.app", "beffroi.cli._server")).allows(file.module):
        return
    for node in nodes(file.tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield Finding(file.path, node.lineno, f"`async def {node.name}` outside the doors")


PLACES = (powers_in_place, files_in_place, libraries_in_place, async_in_place)


def _listed(place: Place) -> str:
    return ", ".join(place.allowed)


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported absolutely, at any depth."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _imported(tree: ast.AST) -> dict[str, str]:
    """What each imported name in this module stands for: `{"dt": "datetime.datetime"}`."""
    seen_as: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                seen_as[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                seen_as[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return seen_as


def _dotted(node: ast.expr, seen_as: dict[str, str]) -> str:
    """The full name an expression stands for, or nothing where it starts from a value."""
    match node:
        case ast.Name(id="open"):
            return seen_as.get("open", "open")
        case ast.Name(id=name):
            return seen_as.get(name, "")
        case ast.Attribute(value=value, attr=attribute):
            base = _dotted(value, seen_as)
            return f"{base}.{attribute}" if base else ""
        case _:
            return ""
