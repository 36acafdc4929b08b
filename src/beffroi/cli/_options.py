"""What commands share: where the settings come from, how rows are printed.

Owns: `settings_from`, `say`, `table`.
Promises: with `--json` standard output carries JSON lines only.
Never does: decide exit codes; each command does.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from beffroi.ground.kernel.errors import Invalid
from beffroi.settings import Settings

console = Console()
progress_console = Console(stderr=True)


def settings_from(config: Path | None = None, **given: Any) -> Settings:
    """Settings from arguments, environment and a TOML file, in this order.

    Raises:
        Invalid: a value that is not allowed; the message names it.

    """
    values = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings.with_file(config, **values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid("bad-setting", f"setting {where}: {first['msg']}", where=where) from None


def say(row: Mapping[str, Any]) -> None:
    """One JSON object on a line of its own."""
    typer.echo(json.dumps(row, ensure_ascii=False, default=str))


def show(title: str, names: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table for people."""
    shown = Table(title=title)
    for name in names:
        shown.add_column(name)
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    console.print(shown)
