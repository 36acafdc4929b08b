"""`beffroi config check`: would a node start with these settings?

Owns: the check.
Promises: says every setting in force, never a secret; exit code 1 with the name of what is wrong.
Never does: open the data.
"""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from beffroi.app import refuse_toys_off_loopback
from beffroi.settings import Settings

from ._options import say, settings_from, show

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _config() -> None:
    """Operation settings."""


@app.command()
def check(
    config: Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the operation settings and print them."""
    settings = settings_from(config)
    refuse_toys_off_loopback(settings)
    secrets = {name: value for name in Settings.model_fields if isinstance(value := getattr(settings, name), SecretStr)}
    said = {name: "set" if value else "not set" for name, value in secrets.items()}
    values = settings.model_dump(mode="json") | said
    if as_json:
        say(values)
    else:
        show("Operation settings", ("setting", "value"), values.items())
