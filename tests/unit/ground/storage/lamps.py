"""Lamps: a small life cycle for tests of the storage, in a table of their own."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Column, Integer, MetaData, Table, Text

from beffroi.ground.storage import Event, Instant, Json, Rows, Tx
from tests.databases import HouseDb


class Colour(StrEnum):
    WHITE = "white"
    RED = "red"


@dataclass(frozen=True, slots=True)
class LampHung(Event):
    lamp: str
    colour: Colour
    hung_at: datetime
    places: tuple[str, ...] = ()
    aggregate: ClassVar[str] = "lamp"


@dataclass(frozen=True, slots=True)
class LampPainted(Event):
    lamp: str
    colour: Colour
    aggregate: ClassVar[str] = "lamp"


@dataclass(frozen=True, slots=True)
class Lamp:
    id: str
    version: int
    colour: Colour
    hung_at: datetime
    places: tuple[str, ...]


def apply(lamp: Lamp | None, event: LampHung | LampPainted) -> Lamp:
    if isinstance(event, LampHung):
        return Lamp(event.lamp, 0, event.colour, event.hung_at, event.places)
    assert lamp is not None
    return replace(lamp, colour=event.colour)


own = MetaData()
lamp_table = Table(
    "lamp",
    own,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("colour", Text, nullable=False),
    Column("hung_at", Instant, nullable=False),
    Column("places", Json, nullable=False),
    sqlite_strict=True,
)

tally_table = Table("tally", own, Column("n", Integer, primary_key=True), sqlite_strict=True)
"""Numbers, each at most once: for tests that only care whether something was written."""

LAMPS: Rows[Lamp] = Rows(
    lamp_table,
    "lamp",
    (LampHung, LampPainted),
    apply,
    lambda lamp: {name: getattr(lamp, name) for name in Lamp.__dataclass_fields__},
    lambda row: Lamp(**{**row, "colour": Colour(row["colour"]), "places": tuple(row["places"])}),
)


def make_tables(house: HouseDb) -> None:
    house.run(lambda tx: own.create_all(tx.conn))


def hang(tx: Tx, lamp: str = "lmp_1", *places: str) -> Lamp:
    return LAMPS.change(tx, None, [LampHung(lamp, Colour.WHITE, tx.now, places)])


def paint(tx: Tx, before: Lamp, colour: Colour = Colour.RED) -> Lamp:
    return LAMPS.change(tx, before, [LampPainted(before.id, colour)])
