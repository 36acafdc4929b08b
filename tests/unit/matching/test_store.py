import threading
from functools import partial

import pytest
from sqlalchemy import select

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import BankId, EntryId
from beffroi.ground.storage import Database, Tx, Vault, Writer, metadata
from beffroi.ground.storage.tx import NODE
from beffroi.matching import service, store
from beffroi.matching.model import BankTerms, EntryGiven, Opinion
from beffroi.matching.service import Imported
from tests.unit.matching.scene import LEAD, House, keep, picture, post

HASH = "f0" * 16 + "3c" * 16


def test_the_sequence_begins_at_one_and_leaves_no_number_out(house: House):
    assert house.read(store.seq) == 0
    assert house.do(store.take_seqs) == 1
    assert house.do(store.take_seqs, 5) == 2
    assert (house.do(store.take_seqs), house.read(store.seq)) == (7, 7)


def test_a_number_taken_in_vain_is_not_lost_to_others(house: House):
    def refuse(tx: Tx) -> None:
        store.take_seqs(tx)
        raise Conflict("changed-my-mind", "no")

    with pytest.raises(Conflict):
        house.do(refuse)
    assert house.do(store.take_seqs) == 1


def test_two_processes_never_take_the_same_number(postgres_url: str, tmp_path):
    """On PostgreSQL several nodes write; on SQLite there is one writer by construction."""
    databases = [Database(postgres_url) for _ in range(3)]
    metadata.create_all(databases[0].writer)
    vault = Vault(tmp_path / "vault.db")
    writers = [Writer(database, vault, FakeClock(), lambda tx: tx.recorded.clear()) for database in databases]
    bank = writers[0].run("law", NODE, lambda tx: service.create_bank(tx, BankTerms("Harbour", "a test"), LEAD))
    start = threading.Barrier(3)

    def import_ten(number: int) -> None:
        start.wait(10)
        for first in range(10):
            rows = [EntryGiven("sha256", f"{first * 4 + place:064x}") for place in range(number, number + 4)]
            writers[number].run("bulk", NODE, partial(_import, bank.id, rows))

    threads = [threading.Thread(target=import_ten, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].read() as conn:
        rows = conn.execute(select(store.bank_entry.c.number, store.bank_entry.c.value)).all()
    assert len({number for number, _ in rows}) == len({value for _, value in rows}) == len(rows) == 42
    for writer, database in zip(writers, databases, strict=True):
        writer.close()
        database.close()
    vault.close()


def _import(bank: BankId, rows: list[EntryGiven], tx: Tx) -> Imported:
    return service.import_entries(tx, bank, rows, LEAD)


def test_an_entry_comes_back_as_it_was(house: House):
    given = EntryGiven("url", "https://a.example/" + "x" * 3000, Opinion.DISPUTED, ("tco-2-7-e", "ü"), "n", "d", 5)
    entry = house.do(service.add_entry, house.bank().id, given, LEAD)
    assert house.read(store.entry, entry.id) == entry
    assert house.read(store.entries, [entry.id, EntryId("ent_none")]) == {entry.id: entry}
    assert house.read(store.entry_by_value, entry.bank, "url", given.value) == entry
    assert house.read(store.entry_by_value, entry.bank, "url", "https://b.example/") is None
    with pytest.raises(NotFound):
        house.read(store.entry, EntryId("ent_none"))


def test_two_changes_of_one_entry_do_not_cross(house: House):
    entry = house.entry(house.bank(), "phrase", "kettle")
    house.do(store.save_entry, entry)
    with pytest.raises(Conflict) as refused:
        house.do(store.save_entry, entry)
    assert refused.value.code == "stale-version"


def test_items_are_counted_once_and_no_further_than_asked(house: House):
    bank = house.bank()
    for value in ("kettle", "a kettle"):
        house.entry(bank, "phrase", value)
    house.entry(bank, "pdq", HASH)
    (found,) = house.search(post("a kettle", picture(HASH)))
    for number in range(4):
        house.do(keep, f"itm_{number}", found)
    now = house.clock.now()
    assert [house.read(store.items_matched, bank.id, "acting", now, most) for most in (9, 4, 3)] == [4, 4, 3]
    assert house.read(store.items_matched, bank.id, "observed", now, 9) == 0


def test_every_table_says_what_it_keeps():
    ours = {"bank", "bank_seq", "bank_entry", "item_match"}
    assert {keeping.table.name for keeping in store.RECORDS} == ours
    assert all(keeping.purpose and keeping.retention.words for keeping in store.RECORDS)
