"""`beffroi screen PATH…`: what in these files matches the banks of this node.

Owns: walking folders, printing matches.
Promises: one object a line with `--json`: {"path", "matches": [{"bank", "type", "entry", "distance"}]}; goes on
past files it cannot read, names them on standard error and ends with 3; stores nothing.
Never does: take a name for a type: a text is what decodes as UTF-8 and is no picture.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from beffroi.ground.kernel.clock import SystemClock
from beffroi.ground.kernel.limits import MEDIA_BYTES_MAX, SCREEN_FILES_AT_ONCE, TEXT_CHARS_MAX
from beffroi.ground.storage import Database
from beffroi.ground.storage.migrate import current, head
from beffroi.matching import store
from beffroi.matching.index import Index
from beffroi.matching.keeper import IndexKeeper
from beffroi.matching.model import Standing
from beffroi.signals import Decoder, Extracted, Posted, extract

from ._options import progress_console, say, settings_from

UNREADABLE = 3


def screen(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    data: Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    observed: Annotated[bool, typer.Option(help="Also show what observing banks match.")] = True,
) -> None:
    """Screen files against the banks; nothing is stored."""
    settings = settings_from(data=data)
    files = list(_walk(paths))
    failures: list[str] = [f"{path}: no such file or folder" for path in paths if not path.exists()]
    database = Database(settings.database_url)
    if not _has_banks(database):
        typer.echo("beffroi: there are no banks here yet; run `beffroi migrate` or start the node once", err=True)
        raise typer.Exit(1)
    index = IndexKeeper(database, SystemClock()).current()
    with database.read() as conn:
        names = {bank.id: bank.name for bank in store.all_banks(conn)}
    with Decoder(settings.decoders) as decoder, Progress(console=progress_console, transient=True) as progress:
        task = progress.add_task("Screening", total=len(files))
        for batch in _batches(files):
            for row, failure in _screen(batch, decoder, index, names, observed=observed):
                failures += [failure] if failure else []
                _print(row, as_json=as_json)
            progress.advance(task, len(batch))
    database.close()
    for failure in failures:
        typer.echo(f"beffroi: {failure}", err=True)
    raise typer.Exit(UNREADABLE if failures else 0)


def _has_banks(database: Database) -> bool:
    """Whether the schema is there; a SQLite file that nobody made yet cannot even be opened."""
    path = database.sqlite_path
    return (path is None or path.exists()) and current(database) == head()


def _screen(
    batch: list[Path], decoder: Decoder, index: Index, names: dict[Any, str], *, observed: bool
) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    """Per file: its row, and why it could not be (wholly) read."""
    pieces, readable, problems = [], [], []
    for path in batch:
        piece, problem = _read(path)
        if piece is None:
            problems.append((None, f"{path}: {problem}"))
        else:
            pieces.append(piece)
            readable.append(path)
    yield from problems
    signs = extract(decoder, pieces)
    for path, sign, found in zip(readable, signs, index.search(signs), strict=True):
        wanted = {Standing.ACTING, Standing.OBSERVED} if observed else {Standing.ACTING}
        matches = [
            {"bank": names[f.bank], "type": f.type, "entry": f.entry, "distance": f.distance}
            for f in found
            if f.standing in wanted
        ]
        yield {"path": str(path), "matches": matches}, _flaw(path, sign)


def _read(path: Path) -> tuple[Posted | None, str | None]:
    """A text if it decodes as UTF-8 without control characters, else a file for the decoder."""
    try:
        if path.stat().st_size > MEDIA_BYTES_MAX:
            return None, f"over {MEDIA_BYTES_MAX} bytes"
        content = path.read_bytes()
    except OSError as error:
        return None, error.strerror or type(error).__name__
    if b"\0" not in content[:4096]:
        try:
            return Posted(content.decode("utf-8")[:TEXT_CHARS_MAX], (content,) if content[:1] == b"<" else ()), None
        except UnicodeDecodeError:
            pass
    return Posted(None, (content,)), None


def _flaw(path: Path, sign: Extracted) -> str | None:
    return "; ".join(f"{path}: {flaw.reason}" for flaw in sign.undecodable) or None


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    """All files, folders opened in order, links to folders not followed (they may lead round in circles)."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        elif path.exists():
            yield path


def _batches(files: list[Path]) -> Iterator[list[Path]]:
    for start in range(0, len(files), SCREEN_FILES_AT_ONCE):
        yield files[start : start + SCREEN_FILES_AT_ONCE]


def _print(row: dict[str, Any] | None, *, as_json: bool) -> None:
    if row is None:
        return
    if as_json:
        say(row)
    elif row["matches"]:
        for match in row["matches"]:
            typer.echo(f"{row['path']}: {match['bank']} ({match['type']}, distance {match['distance']})")
