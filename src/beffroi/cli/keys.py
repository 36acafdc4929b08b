"""`beffroi keys`: the node's own keys, one per purpose.

Owns: listing and rotating them from the command line.
Promises: never prints a secret.
Never does: export a private key.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing

from ._options import say, settings_from, show

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """All keys: id, purpose, since when, until when."""
    ring = KeyRing.open(settings_from(data=data).data / "keys", SystemClock())
    rows = [(k.id, k.purpose.value, k.created_at, k.retires_at or "in use") for k in ring.listing()]
    names = ("id", "purpose", "created_at", "retires_at")
    if as_json:
        for row in rows:
            say(dict(zip(names, row, strict=True)))
    else:
        show("Keys", names, rows)


@app.command()
def rotate(
    purpose: Annotated[Purpose, typer.Argument(help="Which key.")],
    overlap_days: Annotated[int, typer.Option(help="How long the old key is still accepted; 0 if it was stolen.")] = 30,
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
) -> None:
    """Make a new key; the old one is accepted for the overlap. Restart the node afterwards."""
    ring = KeyRing.open(settings_from(data=data).data / "keys", SystemClock())
    fresh = ring.rotate(purpose, timedelta(days=overlap_days))
    typer.echo(f"{purpose.value}: {fresh.id} from now on")
