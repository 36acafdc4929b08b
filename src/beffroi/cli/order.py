"""`beffroi order`: removal orders at this node, and their clocks.

Owns: these commands.
Promises: while a node holds the data, the same happens through the node; `deadlines` needs no node at all.
Never does: act in nobody's name: what is decided names a person (`--as`).
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from beffroi.ground.kernel.clock import rfc3339
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.json import parse
from beffroi.orders.deadlines import CATALOGUE, Deadline, deadline
from beffroi.orders.model import ItemState, Measure, Obstacle
from beffroi.orders.periods import Place, Span, Unit

from ._options import say, show

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Data = Annotated[Path | None, typer.Option(help="Folder of database, blobs, keys.")]
Order = Annotated[str, typer.Argument(help="Its id.")]
Person = Annotated[str, typer.Option("--as", help="E-mail address of the person of this node who answers for it.")]
Items = Annotated[list[int] | None, typer.Option("--item", help="Number of an item; may stand several times.")]


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """Orders, those to act on first."""
    from ._desk import desk

    with desk(data) as node:
        rows = node.get("/api/v1/orders")["orders"]
    if as_json:
        for row in rows:
            say(row)
    else:
        names = ("id", "ref", "state", "authority", "received_at", "due_at", "items")
        show("Orders", names, ((row[name] if row[name] is not None else "" for name in names) for row in rows))


@app.command("show")
def show_(order: Order, data: Data = None, as_json: Json = False) -> None:
    """One order: state, checks, items with their states, every clock, the filled forms."""
    from ._desk import desk

    with desk(data) as node:
        _tell(node.get(f"/api/v1/orders/{order}"), as_json=as_json)


@app.command()
def receive(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON: order (Annex I), sender …")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take in an order that reached the contact point; its hour runs from its `received_at`."""
    from ._desk import desk

    given = parse(file.read_bytes())
    if not isinstance(given, dict):
        raise Invalid("not-an-order", f"{file} holds no JSON object", where=str(file))
    with desk(data) as node:
        received = node.post("/api/v1/orders", given)
        shown = node.get(f"/api/v1/orders/{received['id']}")
    if not received["is_new"]:
        typer.echo("beffroi: this order came before; its first time stands", err=True)
    _tell(shown, as_json=as_json)


@app.command()
def execute(
    order: Order,
    person: Person,
    item: Items = None,
    measure: Annotated[Measure | None, typer.Option(help="The narrowest that the platform can unless told.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Carry an order out, on these items or on all that are located and pending. There is no undo."""
    body = {"person": person, "items": item or [], "measure": measure}
    _command(order, "execute", body, data, as_json=as_json)


@app.command()
def found(
    order: Order,
    state: Annotated[ItemState, typer.Option(help="already_unavailable, not_found, out_of_scope; or done by hand.")],
    item: Annotated[list[int], typer.Option("--item", help="Number of an item; may stand several times.")],
    person: Person,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what you found about items of which the node can do nothing."""
    body = {"person": person, "items": item, "state": state}
    _command(order, "found", body, data, as_json=as_json)


@app.command()
def clarify(
    order: Order,
    obstacle: Annotated[list[Obstacle], typer.Option(help="manifest_errors, insufficient_information.")],
    person: Person,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Ask the authority (Annex III); the hour is off until it answers (`told clarified`)."""
    _command(order, "clarify", {"person": person, "obstacles": obstacle}, data, as_json=as_json)


@app.command()
def impossible(order: Order, person: Person, data: Data = None, as_json: Json = False) -> None:
    """Report an impossibility (Annex III); the hour is off until the grounds cease (`told grounds_ceased`)."""
    _command(order, "impossible", {"person": person}, data, as_json=as_json)


@app.command("call-back")
def call_back(
    order: Order,
    person: Person,
    authority: Annotated[str | None, typer.Option(help="Id in the register; without it the order is forged.")] = None,
    called: Annotated[str, typer.Option(help="The registered number that was called.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what the registered contact answered: the order is theirs, or (without --authority) it is forged."""
    body = {"person": person, "authority": authority, "called": called}
    _command(order, "call-back", body, data, as_json=as_json)


@app.command()
def reroute(order: Order, person: Person, data: Data = None, as_json: Json = False) -> None:
    """Whoever sent it may not order removal: no duty follows from it."""
    _command(order, "reroute", {"person": person}, data, as_json=as_json)


@app.command()
def lapse(order: Order, person: Person, data: Data = None, as_json: Json = False) -> None:
    """It was never clarified: close it."""
    _command(order, "lapse", {"person": person}, data, as_json=as_json)


@app.command()
def answered(
    order: Order,
    annex: Annotated[str, typer.Argument(help="II or III.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say that the filled form was handed to the authority."""
    _command(order, "answered", {"annex": annex}, data, as_json=as_json)


@app.command()
def told(
    order: Order,
    fact: Annotated[str, typer.Argument(help="clarified, withdrawn, infringement, suspended, final … (see the API).")],
    at: Annotated[str, typer.Option(help="When it reached the contact point; now unless told.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what an authority or a court told of an order."""
    body = {"fact": fact, "at": rfc3339(_instant(at)) if at else None}
    _command(order, "told", body, data, as_json=as_json)


@app.command()
def withdraw(order: Order, data: Data = None, as_json: Json = False) -> None:
    """The issuer withdrew it: what was done by it is put back."""
    _command(order, "told", {"fact": "withdrawn"}, data, as_json=as_json)


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


def _command(order: str, name: str, body: dict[str, Any], data: Path | None, *, as_json: bool) -> None:
    from ._desk import desk

    with desk(data) as node:
        _tell(node.post(f"/api/v1/orders/{order}/{name}", body), as_json=as_json)


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(row)
        return
    typer.echo(f"{row['id']} ({row['ref']}): {row['state']}, received {row['received_at']}")
    failing = [check for check in row["checks"] if not check["passed"]]
    if failing:
        show("Failed checks", ("code", "element", "note"), ((c["code"], c["element"], c["note"]) for c in failing))
    names = ("number", "state", "located", "done_at", "url")
    show("Items", names, ((item[name] if item[name] is not None else "" for name in names) for item in row["items"]))
    clocks = ("name", "start", "end", "reading", "rule", "article", "stopped_at")
    show("Clocks", clocks, ((clock[name] or "" for name in clocks) for clock in row["clocks"]))


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
