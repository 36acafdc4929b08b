"""`beffroi register`: the public bodies that this node knows.

Owns: these commands.
Promises: an entry is read from a public list by one person and called back by another; while a node holds the data, the
same happens through the node.
Never does: take a body's word for itself.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from beffroi.ground.kernel.errors import Invalid

from ._options import say, show

app = typer.Typer(no_args_is_help=True)
Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Person = Annotated[str, typer.Option("--as", help="E-mail address of the person of this node who answers for it.")]
Entry = Annotated[str, typer.Argument(help="Its id.")]


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON: name, country, functions, email, phone, source …")
    ],
    person: Person,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Enter a body as the public list has it; it counts for nothing until somebody else has called it back."""
    from beffroi.ground.kernel.json import parse

    from ._desk import desk

    given = parse(file.read_bytes())
    if not isinstance(given, dict):
        raise Invalid("not-an-entry", f"{file} holds no JSON object", where=str(file))
    with desk(data) as node:
        _tell(node.post("/api/v1/register", given | {"person": person}), as_json=as_json)


@app.command()
def verify(
    entry: Entry,
    called: Annotated[str, typer.Option(help="The number that was called: the one on the list.")],
    person: Person,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say that you called the body back at its registered number, and it is so; holds a year at most."""
    from ._desk import desk

    with desk(data) as node:
        body = {"person": person, "called": called}
        _tell(node.post(f"/api/v1/register/{entry}/verify", body), as_json=as_json)


@app.command()
def end(
    entry: Entry,
    why: Annotated[str, typer.Option(help="In a sentence.")],
    person: Person,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a body off the register."""
    from ._desk import desk

    with desk(data) as node:
        _tell(node.post(f"/api/v1/register/{entry}/end", {"person": person, "why": why}), as_json=as_json)


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """All bodies, ended ones too."""
    from ._desk import desk

    with desk(data) as node:
        rows = node.get("/api/v1/register")["authorities"]
    if as_json:
        for row in rows:
            say(row)
    else:
        names = ("id", "name", "country", "functions", "state", "expires_at")
        show("Authorities", names, ((_cell(row[name]) for name in names) for row in rows))


def _cell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(row)
    else:
        until = f", until {row['expires_at']}" if row["expires_at"] else ""
        typer.echo(f"{row['id']}: {row['name']} ({row['country']}), {row['state']}{until}")
