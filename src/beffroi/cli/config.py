"""`beffroi config check`: is this node fit to be started for real?

Owns: the command, and its exit codes (docs/operate.md).
Promises: says every setting in force, never a secret; then what is wrong with settings, files and people, each with its
code; exit code 1 if anything is, 0 with notes alone.
Never does: change anything.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from beffroi.app import refuse_toys_off_loopback
from beffroi.flow import readiness
from beffroi.settings import Settings

from ._options import say, settings_from, show

app = typer.Typer(no_args_is_help=True)

FOUND = 1


@app.callback()
def _config() -> None:
    """Operation settings."""


@app.command()
def check(
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """Check settings, files and people before a start, and print the settings."""
    settings = settings_from(config, data=data)
    refuse_toys_off_loopback(settings)
    found = list(readiness.check(settings))
    if as_json:
        say(dict(_in_force(settings)))
        for finding in found:
            say(asdict(finding))
    else:
        show("Operation settings", ("setting", "value"), _in_force(settings))
        for finding in found:
            typer.echo(f"{'note' if finding.is_note else 'WRONG'}: {finding.place}: {finding.message} ({finding.code})")
    raise typer.Exit(FOUND if any(not finding.is_note for finding in found) else 0)


def _in_force(settings: Settings) -> Iterator[tuple[str, object]]:
    """Every setting; of a secret only whether it is set."""
    for name, value in settings.model_dump(mode="json").items():
        secret = getattr(settings, name)
        is_set = isinstance(secret, SecretStr) and ("set" if secret.get_secret_value() else "not set")
        yield name, is_set or value
