import threading
from datetime import timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Unavailable
from beffroi.ground.kernel.limits import INDEX_CHECK_S
from beffroi.ground.storage import Database, Tx
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service, store
from beffroi.matching.index import Index
from beffroi.matching.keeper import IndexKeeper
from beffroi.matching.model import EntryGiven, Opinion
from tests.unit.matching.scene import LEAD, House, picture, post

HASH = "f0" * 16 + "3c" * 16
KETTLE = post("a kettle")


def entries_of(index: Index, item=KETTLE) -> list[str]:
    return [str(one.standing) for one in index.search([item])[0]]


def test_changes_made_here_are_in_force_at_once(house: House):
    bank = house.bank(active=False)
    assert entries_of(house.keeper.current()) == []
    entry = house.entry(bank, "phrase", "kettle")
    assert entries_of(house.keeper.current()) == ["observed"]
    house.do(service.promote, bank.id, LEAD)
    assert entries_of(house.keeper.current()) == ["acting"]
    house.do(service.set_opinion, entry.id, Opinion.DISPUTED, LEAD)
    assert entries_of(house.keeper.current()) == ["disputed"]
    house.do(service.set_enabled, entry.id, LEAD, enabled=False)
    assert entries_of(house.keeper.current()) == []
    house.do(service.set_enabled, entry.id, LEAD, enabled=True)
    assert entries_of(house.keeper.current()) == ["disputed"]
    house.do(service.disable, bank.id, LEAD)
    assert entries_of(house.keeper.current()) == []


def test_changes_made_by_another_process_are_in_force_within_a_second(house: House, database_url: str):
    elsewhere = Database(database_url)
    clock = FakeClock()
    keeper = IndexKeeper(elsewhere, clock)
    bank = house.bank()
    assert entries_of(keeper.current()) == []
    house.entry(bank, "phrase", "kettle")
    assert entries_of(keeper.current()) == []  # asked a moment ago
    clock.move(timedelta(seconds=INDEX_CHECK_S))
    assert entries_of(keeper.current()) == ["acting"]
    elsewhere.close()
    assert INDEX_CHECK_S <= 1


def test_only_what_changed_is_read_again(house: House, monkeypatch: pytest.MonkeyPatch):
    bank = house.bank()
    house.do(service.import_entries, bank.id, [EntryGiven("pdq", f"{n:064x}") for n in range(50)], LEAD)
    before = house.keeper.current()
    assert house.keeper.current() is before
    house.keeper.invalidate()
    assert house.keeper.current() is before
    entry = house.entry(bank, "pdq", HASH)
    after = house.keeper.current()
    assert (len(before), len(after), after.seq) == (50, 51, entry.seq)
    assert after.search([post(None, picture(HASH))])[0][0].entry == entry.id


def test_a_fresh_keeper_reads_what_a_running_one_has(house: House):
    bank = house.bank()
    gone = house.entry(bank, "phrase", "kettle")
    for kind, value in (("phrase", "teapot"), ("pdq", HASH), ("sha256", "ab" * 32), ("url", "https://a.example/")):
        house.entry(bank, kind, value)
    house.keeper.current()
    house.do(service.set_enabled, gone.id, LEAD, enabled=False)
    running, fresh = house.keeper.current(), IndexKeeper(house.database, house.clock).current()
    item = post("kettle teapot", picture(HASH))
    assert running.search([item]) == fresh.search([item])
    assert (len(running), running.seq) == (len(fresh), fresh.seq) == (4, gone.seq + 5)


def test_what_is_not_committed_is_not_in_force(house: House):
    bank = house.bank()
    house.keeper.current()
    inside, go_on = threading.Event(), threading.Event()

    def slowly(tx: Tx) -> None:
        service.add_entry(tx, bank.id, EntryGiven("phrase", "kettle"), LEAD)
        inside.set()
        go_on.wait(10)

    pending = house.writer.submit("law", NODE, slowly)
    assert inside.wait(10)
    house.keeper.invalidate()
    assert entries_of(house.keeper.current()) == []
    go_on.set()
    pending.result()
    house.keeper.invalidate()
    assert entries_of(house.keeper.current()) == ["acting"]


def test_a_database_that_fails_leaves_the_old_index_and_is_asked_again(house: House, monkeypatch: pytest.MonkeyPatch):
    house.entry(house.bank(), "phrase", "kettle")
    house.keeper.current()
    house.keeper.invalidate()

    def fail(_conn: object) -> int:
        raise Unavailable("gone", "the database is away")

    monkeypatch.setattr(store, "seq", fail)
    with pytest.raises(Unavailable):
        house.keeper.current()
    monkeypatch.undo()
    assert entries_of(house.keeper.current()) == ["acting"]


@pytest.mark.slow
def test_many_readers_during_changes_always_see_a_whole_index(house: House):
    bank = house.bank()
    values = [f"{number:064x}" for number in range(40)]
    stop, seen = threading.Event(), set[int]()
    wrong: list[BaseException] = []

    def reader() -> None:
        try:
            while not stop.is_set():
                index = house.keeper.current()
                found = index.search([post(None, picture(value)) for value in values])
                matched = sum(bool(one) for one in found)
                assert matched == len(index)
                seen.add(matched)
        except BaseException as error:  # noqa: BLE001 (carried to the test's own thread)
            wrong.append(error)

    house.do(service.change_bank, bank.id, bank.terms.__class__(bank.name, "exact", radius_bits=0), LEAD)
    threads = [threading.Thread(target=reader) for _ in range(3)]
    for thread in threads:
        thread.start()
    for value in values:
        house.entry(bank, "pdq", value)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(house.keeper.current()) == 40
