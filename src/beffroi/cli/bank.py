"""`beffroi bank`: list, create, import, export, promote, disable.

Owns: the commands on banks.
Promises: while a node holds the data, the same happens through the node; a file's refused lines are named on
standard error and end with 3; a bank that an import makes only observes, and is named.
Never does: promote in silence; the replay is shown first.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from beffroi.matching.imports import to_csv, to_json_lines
from beffroi.matching.model import BankSource, BankTerms

from ._options import progress_console, say, show
from ._reach import reach

app = typer.Typer(no_args_is_help=True)
Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Option("--bank", help="Name of the bank.")]
UNREADABLE = 3
PURPOSE = "Find known terrorist content again"


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """All banks with their numbers."""
    with reach(data) as banks:
        rows = banks.lines()
    if as_json:
        for row in rows:
            say(row)
    else:
        names = ("name", "stage", "source", "radius_bits", "entries", "confirmed", "overturned")
        show("Banks", names, ((row[name] for name in names) for row in rows))


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    purpose: Annotated[str, typer.Option(help="What it is for, in a sentence.")] = PURPOSE,
    source: Annotated[BankSource, typer.Option(help="Where its entries come from.")] = BankSource.OWN,
    radius: Annotated[int, typer.Option(min=0, max=47, help="Bits that may differ (PDQ).")] = 31,
    cap: Annotated[int, typer.Option(min=1, help="Items an hour before the brake pauses it.")] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A new bank. It only observes until it is promoted."""
    with reach(data) as banks:
        banks.create(BankTerms(name=name, purpose=purpose, source=source, radius_bits=radius, hourly_cap=cap))
    _tell(name, "observe", as_json=as_json)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=True, help="Pictures, lists, or folders.")],
    bank: Name,
    signal_type: Annotated[str | None, typer.Option("--type", help="What plain lines are: pdq, sha256, url …")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take pictures, hashes and phrase lists into a bank; where there is none of that name, a new one observes."""
    paths = [
        path for given in files for path in (sorted(given.rglob("*")) if given.is_dir() else [given]) if path.is_file()
    ]
    added = known = 0
    refused: list[str] = []
    with reach(data) as banks:
        if bank not in {row["name"] for row in banks.lines()}:
            banks.create(BankTerms(name=bank, purpose=PURPOSE))
            typer.echo(f"beffroi: {bank} is new; it observes until it is promoted", err=True)
        for path in track(paths, "Importing", console=progress_console, transient=True, disable=len(paths) < 2):  # noqa: PLR2004
            done = banks.import_file(bank, path.name, path.read_bytes(), signal_type)
            added, known = added + done["added"], known + done["known"]
            refused += [f"{path}:{line['line']}: {line['reason']}" for line in done["refused"]]
    if as_json:
        say({"bank": bank, "added": added, "known": known, "refused": refused})
    else:
        typer.echo(f"{bank}: {added} added, {known} known before, {len(refused)} refused")
    for line in refused:
        typer.echo(f"beffroi: {line}", err=True)
    raise typer.Exit(UNREADABLE if refused else 0)


@app.command()
def export(
    bank: Name,
    out: Annotated[Path, typer.Option(help="File to write; .csv or .jsonl.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write all entries of a bank into a file that `import` reads back equal."""
    with reach(data) as banks:
        entries = list(banks.export(bank))
    lines = to_csv(entries) if out.suffix == ".csv" else to_json_lines(entries)
    out.write_text("".join(f"{line}\n" if not line.endswith("\n") else line for line in lines), "utf-8")
    if as_json:
        say({"bank": bank, "entries": len(entries), "file": str(out)})
    else:
        typer.echo(f"{len(entries)} entries in {out}")


@app.command()
def promote(
    bank: Name,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Let a bank act, after showing what it would have done."""
    with reach(data) as banks:
        replay = banks.replay(bank)
        shown = f"In the last {replay['days']} days it would have opened cases for {replay['items']} items."
        typer.echo(shown, err=as_json)
        if not yes:
            typer.confirm(f"Let {bank} act from now on?", abort=True)
        banks.promote(bank)
    _tell(bank, "active", as_json=as_json)


@app.command()
def disable(bank: Name, data: Data = None, as_json: Json = False) -> None:
    """A bank matches nothing any more, at once."""
    with reach(data) as banks:
        banks.disable(bank)
    _tell(bank, "disabled", as_json=as_json)


def _tell(bank: str, stage: str, *, as_json: bool) -> None:
    if as_json:
        say({"bank": bank, "stage": stage})
    else:
        typer.echo(f"{bank}: {stage}")
