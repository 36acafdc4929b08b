"""`beffroi erase`, `beffroi hold`: what people may ask of a node, and what it must keep all the same.

Owns: these commands.
Promises: says until when at least something is kept that was asked to go; prints ids only.
Never does: work while a node holds the data on SQLite; stop it, or ask on its own machine with PostgreSQL.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beffroi.flow import erasure
from beffroi.flow.house import House
from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.records.holds import HoldWhy, LegalHold
from beffroi.ground.storage import Actor

from ._options import say, settings_from

Whom = Annotated[
    str, typer.Argument(help="The platform's id of an account, a notice's reference, or an id of ours.", metavar="WHOM")
]
Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]

app = typer.Typer(no_args_is_help=True)


def erase(whom: Whom, data: Data = None, as_json: Json = False) -> None:
    """Erase somebody now, as far as nothing obliges the node to keep them, and the rest as soon as nothing does."""
    with _house(data) as (house, actor):
        asked = erasure.ask(house, actor, whom)
    until = asked.waits_until and rfc3339(asked.waits_until)
    if as_json:
        say({"subject": asked.subject, "erased": until is None, "waits_until": until})
    elif until is None:
        typer.echo(f"{asked.subject}: erased. Backups open nothing of it either, once their chests are replaced.")
    else:
        typer.echo(f"{asked.subject}: what nothing needs is gone. The rest is kept until {until} at least, then goes.")


@app.command("place")
def place(
    whom: Whom,
    until: Annotated[str, typer.Option(help="The day it ends, YYYY-MM-DD, UTC; within a year.")],
    why: Annotated[HoldWhy, typer.Option(help="What is under way.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Keep what there is of somebody, whatever else would have it go."""
    with _house(data) as (house, actor):
        _tell(erasure.hold(house, actor, whom, _day(until), why), as_json=as_json)


@app.command("release")
def release(hold: Annotated[str, typer.Argument(help="Its id.")], data: Data = None, as_json: Json = False) -> None:
    """End a hold before its time."""
    with _house(data) as (house, actor):
        _tell(erasure.release(house, actor, hold), as_json=as_json)


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """Every hold that stands, the next one to end first."""
    with _house(data) as (house, _):
        for each in erasure.standing_holds(house):
            _tell(each, as_json=as_json)


@contextmanager
def _house(data: Path | None) -> Iterator[tuple[House, Actor]]:
    from beffroi.app import open_house

    with open_house(settings_from(data=data)) as house:
        yield house, Actor("command-line", getpass.getuser())


def _day(typed: str) -> datetime:
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("bad-day", f"{typed[:40]!r} is no day; write it YYYY-MM-DD", where="until") from None


def _tell(hold: LegalHold, *, as_json: bool) -> None:
    ended = hold.released_at and rfc3339(hold.released_at)
    told = {"id": hold.id, "subject": hold.subject, "until": rfc3339(hold.until), "why": hold.why, "released_at": ended}
    if as_json:
        say(told)
    else:
        typer.echo(
            f"{hold.id}: {hold.subject} is held until {told['until']} ({hold.why})"
            + (f", released {ended}" if ended else "")
        )
