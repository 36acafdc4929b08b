"""`beffroi spool`: what waits beside the record, for the database to come back.

Owns: the command.
Promises: it needs neither the database nor a node that runs; kinds and times are shown, never what an act says; exit
code 1 if something does not open.
Never does: change anything, or enter an act; a node does, as soon as it runs and the record can be written.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from beffroi.flow.spool import keys_of
from beffroi.ground.kernel.clock import SystemClock, rfc3339
from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.storage.spool import Frame, look
from beffroi.ground.trust.ring import KeyRing

from ._options import say, settings_from, show

FOUND = 1


def spool(
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """List the acts that wait on the emergency spool."""
    settings = settings_from(config, data=data)
    keys = settings.data / "keys"
    if not keys.exists():
        raise NotFound("no-keys", f"there are no keys in {keys}, so nothing on the spool can be read")
    frames, strange = look(settings.spool_folder, keys_of(KeyRing.open(keys, SystemClock())))
    rows = [_row(frame) for frame in frames]
    if as_json:
        for row in rows:
            say(row)
        say({"folder": str(settings.spool_folder), "waiting": len(rows), "set_aside": strange})
    elif rows:
        show(f"Waiting in {settings.spool_folder}", rows[0], (row.values() for row in rows))
    else:
        typer.echo(f"Nothing waits in {settings.spool_folder}.")
    if strange and not as_json:
        typer.echo(f"Files that hold something that does not open: {strange}. They end in .damaged or .spool.")
    if strange or not all(row["opens"] for row in rows):
        raise typer.Exit(FOUND)


def _row(frame: Frame) -> dict[str, Any]:
    act = frame.act
    told = {"kind": act.kind, "key": act.key, "at": rfc3339(act.at)} if act else {"kind": "", "key": "", "at": ""}
    return told | {"opens": act is not None, "file": frame.file, "number": frame.number}
