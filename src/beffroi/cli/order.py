"""`beffroi order`: removal orders at this node, and their clocks.

Owns: these commands.
Promises: while a node holds the data, the same happens through the node; `deadlines` needs no node at all.
Never does: act in nobody's name: what is decided names a person (`--as`).
"""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import Invalid
from beffroi.orders.deadlines import CATALOGUE, Deadline, deadline
from beffroi.orders.periods import Place, Span, Unit

from ._options import say, show

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


@app.command()
def deadlines(
    start: Annotated[str, typer.Argument(help="When it began: 2026-11-28T03:12+01:00.")],
    rule: Annotated[list[str] | None, typer.Option(help="Which clocks; all of them unless told.")] = None,
    zone: Annotated[str, typer.Option(help="Where whoever has the time lives.")] = "UTC",
    holiday: Annotated[list[str] | None, typer.Option(help="YYYY-MM-DD; may stand several times.")] = None,
    appeal_days: Annotated[int, typer.Option(min=1, help="What section G of the order says.")] = 30,
    as_json: Json = False,
) -> None:
    """Print when each legal clock ends that begins at an instant, in both readings, and which of them counts."""
    place = Place(_zone(zone), frozenset(map(_day, holiday or ())))
    began, appeal = _instant(start), Span(appeal_days, Unit.DAYS)
    lengths = {"national_appeal": appeal}
    told = [deadline(name, began, place, lengths.get(name)) for name in rule or CATALOGUE]
    if as_json:
        for each in told:
            say(as_row(each))
    else:
        names = ("rule", "article", "kind", "due", "reading", "earliest", "latest", "at_expiry")
        show("Clocks", names, ((as_row(each)[name] for name in names) for each in told))


def as_row(told: Deadline) -> dict[str, object]:
    """A clock as JSON."""
    return {
        "rule": told.rule,
        "version": told.version,
        "article": told.article,
        "kind": told.kind.value,
        "start": rfc3339(told.start),
        "due": rfc3339(told.due),
        "reading": told.reading.value,
        "earliest": rfc3339(told.earliest),
        "latest": rfc3339(told.latest),
        "at_expiry": told.at_expiry,
    }


def _instant(typed: str) -> datetime:
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        message = f"{typed[:40]!r} is no instant; write 2026-11-28T03:12+01:00"
        raise Invalid("bad-instant", message, where="start") from None


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("bad-day", f"{typed[:40]!r} is no day; write it YYYY-MM-DD", where="holiday") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("bad-zone", f"{name[:40]!r} is no time zone; write Europe/Vienna", where="zone") from None
