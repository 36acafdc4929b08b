"""A case to work on, in tests: matched items, people, and the commands in one word each."""

from datetime import timedelta
from typing import Any

from beffroi.cases import priority, service, store
from beffroi.cases.model import Case
from beffroi.cases.service import NoticeGiven
from beffroi.content.model import Item
from beffroi.ground.kernel.ids import DecisionId, PersonId
from beffroi.ground.storage import Actor
from tests.databases import HouseDb
from tests.unit.content.given import take

NOOR, TOMAS, IOANA = (PersonId(f"prs_{name}") for name in ("noor", "tomas", "ioana"))
LEASE = timedelta(minutes=15)
DECISION = DecisionId("dec_1")
NOTICE = NoticeGiven("https://agora.example/p/1", "It praises the burning of lamps.", "Nele", "nele@mail.example", True)
COPY = priority.Match("pdq", "Harbour pictures", "ent_1", 4, 31, ("tco-2-7-a",), False, False, None)


def item(house: HouseDb, number: int = 1, **changes: Any) -> Item:
    return take(house, platform_id=f"p-{number}", url=f"https://agora.example/p/{number}", **changes).item


def opened(
    house: HouseDb, of: Item, *matches: priority.Match, cluster: str | None = None, notices: tuple[str, ...] = ()
) -> Case:
    return house.run(lambda tx: service.open_for_item(tx, of, matches or (COPY,), cluster, notices))


def do(house: HouseDb, command: Any, *arguments: Any, person: PersonId = NOOR, **named: Any) -> Any:
    return house.run(lambda tx: command(tx, *arguments, **named), actor=Actor("person", person))


def claim(house: HouseDb, case: Case, person: PersonId = NOOR) -> Case:
    return do(house, service.claim, case.id, person, LEASE, person=person)


def load(house: HouseDb, case: Case) -> Case:
    return house.ask(lambda conn: store.CASES.load(conn, case.id))


def sound(house: HouseDb) -> bool:
    return house.ask(lambda conn: store.CASES.disagreements(conn) + store.NOTICES.disagreements(conn)) == []
