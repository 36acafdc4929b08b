"""`beffroi keys`: the node's own keys, one per purpose.

Owns: listing them, the ceremony, rotation, and the drill for their loss, from the command line.
Promises: never prints a secret; the drill touches nothing but copies in a temporary folder, which it removes.
Never does: export a private key.
"""

import getpass
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from beffroi.app import open_house
from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import key_care
from beffroi.flow.key_care import Sheet
from beffroi.flow.lose_drill import Drill
from beffroi.ground.kernel.clock import SystemClock, rfc3339
from beffroi.ground.storage import Actor
from beffroi.ground.trust.keys import Purpose
from beffroi.ground.trust.ring import KeyRing

from ._options import say, settings_from, show

app = typer.Typer(no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]

NO_WAY_BACK = 1


@app.command("list")
def list_(data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
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
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a new key and record it; the old one is accepted for the overlap. The node stands still meanwhile."""
    with open_house(settings_from(config, data=data)) as house:
        fresh = key_care.rotate(house, _actor(), purpose, timedelta(days=overlap_days))
    typer.echo(f"{purpose.value}: {fresh.id} from now on")


@app.command()
def ceremony(
    present: Annotated[
        list[str], typer.Option(help="E-mail address of somebody present; once for each, at least two.")
    ],
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what those present write down, and record that they were there. The node stands still meanwhile."""
    with open_house(settings_from(config, data=data)) as house:
        sheet = key_care.ceremony(house, _actor(), present)
    if as_json:
        say(dict(_written(sheet)) | {"present": [person.id for person in sheet.present]})
        return
    show("Write this down, each of you, and keep it apart from the node", ("what", "value"), _written(sheet))
    for person in sheet.present:
        typer.echo(f"\n{person.pseudonym} ({person.id})    signature: ______________________")


@app.command("lose-drill")
def lose_drill(
    backup: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    vault: Annotated[Path, typer.Option(help="The file written by backup --with-vault.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Take each key away from a copy made of a backup, see what is lost, and try the ways back."""
    settings, works = settings_from(config), True
    with tempfile.TemporaryDirectory(prefix="beffroi-drill-") as folder:
        drill = Drill(settings, SystemClock(), backup, vault, Path(folder), PERFORMERS.keys())
        for loss in drill.run():
            works = works and all(worked for _, worked in loss.ways)
            if as_json:
                say(asdict(loss))
                continue
            typer.echo(f"Lost: {loss.what}\n  seen: {loss.seen}")
            for way, worked in loss.ways:
                typer.echo(f"  way back: {way}: {'works' if worked else 'DOES NOT WORK'}")
    raise typer.Exit(0 if works else NO_WAY_BACK)


def _actor() -> Actor:
    return Actor("command-line", getpass.getuser())


def _written(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """What each of those present writes down; nothing of it is secret."""
    yield "log", sheet.origin
    for number, vkey in enumerate(sheet.vkeys, 1):
        yield f"verifier key {number}", vkey
    yield "leaves", str(sheet.checkpoint.size)
    yield "root", sheet.checkpoint.root.hex()
    if sheet.follows is not None:
        yield "follows", f"{sheet.follows.origin} at {sheet.follows.size} leaves, root {sheet.follows.root.hex()}"
    for key in sheet.keys:
        until = f"accepted until {rfc3339(key.retires_at)}" if key.retires_at else "in use"
        yield f"{key.purpose.value} key", f"{key.id}, {until}"
