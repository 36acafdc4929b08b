"""`beffroi migrate`, `fsck`, `backup`, `restore`: looking after a node's data.

Owns: these commands, their progress, their exit codes (docs/operate.md).
Promises: a finding and a refusal name their place; `fsck` ends with 0 only if it found nothing; `backup` with 3 if
something could not be read.
Never does: print what is in the data.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from beffroi.doors.workers.outward import PERFORMERS
from beffroi.flow import fsck as flow_fsck
from beffroi.flow import upkeep as flow
from beffroi.flow.fsck import Counts
from beffroi.ground.kernel.clock import SystemClock, rfc3339
from beffroi.ground.ledger.check import Finding
from beffroi.settings import Settings

from ._options import progress_console, say, settings_from

Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of operation settings.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]

FOUND = 1
UNREADABLE = 3
_SHOWN_OF_A_KIND = 20


def migrate(data: Data = None, config: Config = None, as_json: Json = False) -> None:
    """Bring the database to this program's schema; SQLite is copied first."""
    done = flow.bring_to_head(settings_from(config, data=data), SystemClock().now())
    if as_json:
        say({"from": done.before, "to": done.after, "copy": done.copy and str(done.copy)})
    elif done.before == done.after:
        typer.echo(f"The database has schema {done.after} already.")
    else:
        typer.echo(f"From {done.before or 'nothing'} to {done.after}.")
        if done.copy is not None:
            typer.echo(f"As it was before: {done.copy}")


def fsck(data: Data = None, config: Config = None, as_json: Json = False) -> None:
    """Check that the record is whole; the node may be at work meanwhile."""
    raise typer.Exit(_check(settings_from(config, data=data), as_json=as_json))


def backup(
    out: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    with_vault: Annotated[
        Path | None, typer.Option(help="Also write all keys into this one file. It opens the backup: keep it apart.")
    ] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Copy database and blobs while the node works; keys only if told where to."""
    settings = settings_from(config, data=data)
    with _progress() as progress:
        done = flow.back_up(settings, SystemClock(), out, with_vault, progress)
    if as_json:
        say(
            {
                "folder": str(out),
                "chest": with_vault and str(with_vault),
                "made_at": rfc3339(done.facts.made_at),
                "schema": done.facts.schema,
                "blobs": done.blobs,
                "damaged": list(done.damaged),
            }
        )
    else:
        typer.echo(f"{out}: database at schema {done.facts.schema}, {done.blobs} blobs.")
        if with_vault is None:
            typer.echo("It holds no keys: without vault.db nothing personal in it can be read (--with-vault FILE).")
        else:
            typer.echo(
                f"{with_vault}: all keys. Keep it apart, and destroy older ones: they open what was erased since."
            )
    for key in done.damaged:
        typer.echo(f"beffroi: blob {key} is damaged and was left out", err=True)
    raise typer.Exit(UNREADABLE if done.damaged else 0)


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.", metavar="FROM")],
    data: Annotated[Path, typer.Option(help="An empty folder, or one to be made.")],
    vault: Annotated[Path | None, typer.Option(help="The file written by backup --with-vault.")] = None,
    same_log: Annotated[
        bool, typer.Option("--same-log", help="The node stood still since the backup: go on with its log.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty folder and check it."""
    settings = settings_from(config, data=data)
    with _progress() as progress:
        done = flow.restore(settings, SystemClock(), source, vault, same_log=same_log, progress=progress)
    if as_json:
        told = {"made_at": rfc3339(done.facts.made_at), "schema": done.schema, "blobs": done.blobs}
        say({"folder": str(data), **told, "erased_again": done.erased_again})
    else:
        typer.echo(f"{data}: as of {rfc3339(done.facts.made_at)}, schema {done.schema}, {done.blobs} blobs.")
        if done.erased_again:
            typer.echo(f"{done.erased_again} subjects were erased after the backup was made, and again now.")
        if vault is not None and not same_log:
            typer.echo("Its log may be behind what was signed: start it with another log_origin (docs/operate.md).")
    raise typer.Exit(_check(settings, as_json=as_json))


def _check(settings: Settings, *, as_json: bool) -> int:
    """Print all findings and how much was compared; the exit code."""
    counts, clock = Counts(), SystemClock()
    of_code: Counter[str] = Counter()
    with flow.open_premises(settings, clock) as premises, _progress() as progress:
        for finding in flow_fsck.check(premises, PERFORMERS.keys(), clock.now(), counts, progress):
            of_code[finding.code] += 1
            _print(finding, of_code[finding.code], as_json=as_json)
    if as_json:
        say({"clean": not counts.found, **asdict(counts)})
        return FOUND if counts.found else 0
    for code, count in of_code.items():
        if count > _SHOWN_OF_A_KIND:
            typer.echo(f"{code}: {count - _SHOWN_OF_A_KIND} more; --json prints all")
    typer.echo(
        f"Compared {counts.leaves} leaves, {counts.rows} rows, {counts.blobs} blobs, {counts.subjects} subjects: "
        f"{counts.found or 'nothing'} found. Blobs that nothing points to: {counts.orphan_blobs}."
    )
    return FOUND if counts.found else 0


def _print(finding: Finding, count: int, *, as_json: bool) -> None:
    if as_json:
        say(asdict(finding))
    elif count <= _SHOWN_OF_A_KIND:
        typer.echo(f"{finding.place}: {finding.message} ({finding.code})")


@contextmanager
def _progress() -> Iterator[flow_fsck.Progress]:
    """A line of progress on standard error for each thing that is gone through, where somebody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    disable = not progress_console.is_terminal
    with Progress(*columns, console=progress_console, transient=True, disable=disable) as shown:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, of: int | None) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what.capitalize(), total=of)
            shown.update(tasks[what], completed=done, total=of)

        yield told
