"""What tests of `matching` share: a small real house on one database, items, pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.ids import ItemId, PersonId
from beffroi.ground.storage import Actor, Database, Event, Tx, Writer
from beffroi.matching import recording, service, store
from beffroi.matching.keeper import IndexKeeper
from beffroi.matching.model import Bank, BankTerms, Entry, EntryGiven, Found, Match, Opinion
from beffroi.signals.fold import fold
from beffroi.signals.model import Extracted, Signal

T = TypeVar("T")
LEAD = PersonId("prs_lead")


@dataclass
class House:
    """Everything a test of this package needs, on one database."""

    database: Database
    writer: Writer
    clock: FakeClock
    keeper: IndexKeeper
    events: list[Event]

    def do(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """One command in a transaction of its own; the index is told."""
        result = self.writer.run("law", Actor("person", LEAD), lambda tx: work(tx, *args, **named))
        self.keeper.invalidate()
        return result

    def read(self, view: Callable[..., T], *args: Any, **named: Any) -> T:
        with self.database.read() as conn:
            return view(conn, *args, **named)

    def bank(self, name: str = "Harbour pictures", *, active: bool = True, **terms: Any) -> Bank:
        made = self.do(service.create_bank, BankTerms(name, "Known copies of one invented poster", **terms), LEAD)
        return self.do(service.promote, made.id, LEAD) if active else made

    def entry(self, bank: Bank, kind: str, value: str, opinion: Opinion = Opinion.POSITIVE) -> Entry:
        return self.do(service.add_entry, bank.id, EntryGiven(kind, value, opinion), LEAD)

    def search(self, *items: Extracted) -> list[tuple[Found, ...]]:
        return self.keeper.current().search(items)

    def unfolded(self) -> list[str]:
        """Banks that are not the sum of their events."""
        return self.read(store.BANKS.disagreements)

    def recorded(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def post(text: str | None = None, *signals: Signal) -> Extracted:
    """An item as `signals` hands it over."""
    return Extracted(signals, None if text is None else fold(text), ())


def picture(value: str, quality: int = 100, source: str = "media:0") -> Signal:
    return Signal("pdq", value, quality, source)


def flipped(value: str, bits: int) -> str:
    """The hash with its first `bits` bits turned over."""
    number = int(value, 16) ^ (((1 << bits) - 1) << (256 - bits))
    return f"{number:064x}"


def keep(tx: Tx, item: str, found: tuple[Found, ...], revision: int = 1) -> tuple[Match, ...]:
    return recording.record(tx, ItemId(item), revision, found)
