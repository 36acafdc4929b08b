"""Events tell what happened in facts that come back as they went in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import ClassVar

import pytest
from pydantic import ValidationError

from beffroi.ground.kernel.clock import to_micros
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.storage import Actor, Event, Tx
from beffroi.ground.storage.events import by_id, histories, history, newest, newest_at, of_type, personal, waiting
from tests.databases import HouseDb


class Wick(StrEnum):
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class WickTrimmed(Event):
    lamp: str
    to: Wick
    at: datetime
    by_mm: int
    why: str | None = None
    places: tuple[str, ...] = ()
    aggregate: ClassVar[str] = "lamp"


AT = datetime(2026, 6, 1, 8, 0, 0, 123_456, tzinfo=UTC)
EVENT = WickTrimmed("lmp_1", Wick.SHORT, AT, 3, None, ("gate",))


def test_names() -> None:
    assert WickTrimmed.type() == "wick-trimmed"
    assert EVENT.aggregate_id == "lmp_1"


def test_facts_are_json_and_lead_back(house_db: HouseDb) -> None:
    house_db.run(lambda tx: tx.record(EVENT))
    (stored,) = house_db.ask(lambda conn: history(conn, "lamp", "lmp_1"))
    assert stored.facts == EVENT.facts()
    assert WickTrimmed.from_facts(stored.facts) == EVENT


@pytest.mark.parametrize(
    "change", [{"to": "long"}, {"by_mm": 2.5}, {"by_mm": None}, {"at": "yesterday"}, {"places": "gate"}]
)
def test_facts_that_do_not_fit(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WickTrimmed.from_facts(EVENT.facts() | change)


def test_what_is_stored_beside_the_facts(house_db: HouseDb) -> None:
    named = {SubjectId("sub_1"): b"a name"}
    house_db.run(lambda tx: tx.record(EVENT, named), actor=Actor("person", "prs_1"))
    (stored,) = house_db.ask(lambda conn: history(conn, "lamp", "lmp_1"))
    assert (stored.type, stored.aggregate, stored.aggregate_id) == ("wick-trimmed", "lamp", "lmp_1")
    assert (stored.at, stored.actor) == (house_db.clock.now(), "person:prs_1")
    assert stored.personal == {"sub_1": house_db.vault.commitment(SubjectId("sub_1"), b"a name")}
    assert len(stored.salt) == 32
    assert stored.committed() == {
        "id": stored.id,
        "type": "wick-trimmed",
        "aggregate": "lamp",
        "aggregate_id": "lmp_1",
        "at": to_micros(stored.at),
        "actor": "person:prs_1",
        "facts": EVENT.facts(),
    }


def test_every_event_has_a_salt_of_its_own(house_db: HouseDb) -> None:
    for _ in range(3):
        house_db.run(lambda tx: tx.record(EVENT))
    stored = house_db.ask(lambda conn: history(conn, "lamp", "lmp_1"))
    assert len({event.salt for event in stored}) == len({event.id for event in stored}) == 3


def test_the_newest_one(house_db: HouseDb) -> None:
    assert house_db.ask(newest_at) is None
    for _ in range(2):
        house_db.clock.move(timedelta(seconds=1))
        house_db.run(lambda tx: tx.record(EVENT))
    assert house_db.ask(newest_at) == house_db.clock.now()


def test_those_of_one_type(house_db: HouseDb) -> None:
    house_db.run(lambda tx: tx.record(EVENT))
    assert [event.aggregate_id for event in house_db.ask(lambda conn: of_type(conn, "wick-trimmed"))] == ["lmp_1"]
    assert house_db.ask(lambda conn: of_type(conn, "wick")) == []


def test_a_page_of_events_newest_first(house_db: HouseDb) -> None:
    for number in (1, 2, 1, 2):
        event = WickTrimmed(f"lmp_{number}", Wick.SHORT, AT, number)
        house_db.run(partial(Tx.record, event=event))
    page = house_db.ask(lambda conn: newest(conn, 2))
    assert [event.seq for event in page] == [4, 3]
    assert [event.seq for event in house_db.ask(lambda conn: newest(conn, 2, below=3))] == [2, 1]
    assert [event.seq for event in house_db.ask(lambda conn: newest(conn, 9, about="lmp_1"))] == [3, 1]
    assert house_db.ask(lambda conn: newest(conn, 9, about=page[0].id)) == page[:1]
    assert house_db.ask(lambda conn: by_id(conn, page[0].id)) == page[0]
    assert house_db.ask(lambda conn: by_id(conn, "evt_of_nobody")) is None


def test_how_many_wait_and_since_when(house_db: HouseDb) -> None:
    began = house_db.clock.now()
    for _ in range(3):
        house_db.run(lambda tx: tx.record(EVENT))
        house_db.clock.move(timedelta(seconds=1))
    assert house_db.ask(lambda conn: waiting(conn, 0)) == (3, began)
    assert house_db.ask(lambda conn: waiting(conn, 1)) == (2, began + timedelta(seconds=1))
    assert house_db.ask(lambda conn: waiting(conn, 3)) == (0, None)


def test_whose_bytes_are_committed_to(house_db: HouseDb) -> None:
    anna, ben = SubjectId("sub_anna"), SubjectId("sub_ben")
    house_db.run(lambda tx: tx.record(EVENT))
    house_db.run(lambda tx: tx.record(EVENT, {anna: b"a name", ben: b"another"}))
    (_, event) = house_db.ask(lambda conn: history(conn, "lamp", "lmp_1"))
    assert set(house_db.ask(lambda conn: list(personal(conn)))) == {(event.id, anna), (event.id, ben)}


def test_each_row_has_its_own_story_in_the_order_it_happened(house_db: HouseDb) -> None:
    for number in (1, 2, 1):
        event = WickTrimmed(f"lmp_{number}", Wick.SHORT, AT, number)
        house_db.run(partial(Tx.record, event=event))
    stories = house_db.ask(lambda conn: histories(conn, "lamp", ["lmp_1", "lmp_2", "lmp_3"]))
    assert {lamp: [event.seq for event in story] for lamp, story in stories.items()} == {
        "lmp_1": [1, 3],
        "lmp_2": [2],
        "lmp_3": [],
    }
    assert house_db.ask(lambda conn: history(conn, "case", "lmp_1")) == []
