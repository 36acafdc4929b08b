"""`beffroi threat`: which authorities were warned of a threat to life, and who has it.

Owns: these commands.
Promises: they read; facts only, no word of a letter; while a node holds the data, they ask it.
Never does: warn anybody: a person does, at the console.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from beffroi.app import open_house
from beffroi.flow import warn

from ._options import say, settings_from, show
from ._running import quoted, running

app = typer.Typer(no_args_is_help=True)
Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """The newest warnings, newest first."""
    rows = _found(data, "")
    if as_json:
        for row in rows:
            say(row)
        return
    names = ("ref", "state", "danger", "window", "opened_at", "confirmed")
    show("Warnings", names, ((*(row[name] for name in names[:-1]), _confirmed(row)) for row in rows))


@app.command("show")
def show_(
    threat: Annotated[str, typer.Argument(help="Its reference, W-…, or its id.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """One warning: its state, each letter's way to each recipient, and what waits for whom."""
    [row] = _found(data, threat)
    if as_json:
        say(row)
        return
    show(
        f"Warning {row['ref']}", ("what", "value"), ((name, said) for name, said in row.items() if name != "dispatches")
    )
    for each in row["dispatches"]:
        told = f"confirmed {each['confirmed_at']} ({each['receipt']})" if each["confirmed_at"] else "NOT CONFIRMED"
        typer.echo(
            f"letter {each['letter']} ({each['kind']}) to {each['recipient']}: {each['way']}, {each['state']}, {told}"
        )


def _found(data: Path | None, named: str) -> list[dict[str, Any]]:
    settings = settings_from(data=data)
    node = running(settings)
    if node is not None:
        answer = node.get(f"/api/v1/threats/{quoted(named)}" if named else "/api/v1/threats")
        return [answer] if named else list(answer["threats"])
    with open_house(settings) as house:
        return [warn.row(house, named)] if named else warn.rows(house)


def _confirmed(row: dict[str, Any]) -> str:
    ways = row["dispatches"]
    return f"{sum(1 for each in ways if each['confirmed_at'])} of {len(ways)}"
