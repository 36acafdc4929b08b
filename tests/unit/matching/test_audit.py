from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, delete, insert, select, update

from beffroi.ground.storage import Tx
from beffroi.matching import audit, service
from beffroi.matching.model import EntryGiven, Opinion
from beffroi.matching.store import bank_entry
from tests.unit.matching.scene import LEAD, House


@pytest.fixture
def filled(house: House) -> House:
    """Two banks with entries imported, added, changed and described."""
    bank, other = house.bank("one"), house.bank("other")
    for first in (0, 2):
        rows = [EntryGiven("sha256", f"{number:064x}") for number in range(first, first + 3)]
        house.do(service.import_entries, bank.id, rows, LEAD)
    house.do(service.import_entries, other.id, [EntryGiven("phrase", "kettle")], LEAD)
    entry = house.entry(bank, "phrase", "kettle")
    house.do(service.set_opinion, entry.id, Opinion.DISPUTED, LEAD)
    house.do(service.set_enabled, entry.id, LEAD, enabled=False)
    house.do(service.describe_entry, entry.id, EntryGiven("", "", note="seen"), LEAD)
    return house


def test_what_went_by_the_book_is_in_order(filled: House):
    assert filled.read(audit.altered) == []


def _stray(tx: Tx) -> None:
    row = dict(tx.conn.execute(select(bank_entry).limit(1)).mappings().one())
    tx.conn.execute(insert(bank_entry).values({**row, "id": "ent_x", "number": 999, "digest": b"x"}))


LISTED, BY_HAND = bank_entry.c.value == f"{4:064x}", bank_entry.c.opinion == "disputed"


def changed(which: ColumnElement[bool], **values: object) -> Callable[[Tx], object]:
    return lambda tx: tx.conn.execute(update(bank_entry).where(which).values(**values))


def gone(which: ColumnElement[bool]) -> Callable[[Tx], object]:
    return lambda tx: tx.conn.execute(delete(bank_entry).where(which))


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (changed(LISTED, value="f" * 64), 1),
        (gone(LISTED), 2),
        (changed(BY_HAND, value="teapot"), 1),
        (changed(BY_HAND, opinion="positive"), 1),
        (changed(BY_HAND, enabled=True), 1),
        (gone(BY_HAND), 3),
        (_stray, 1),
    ],
    ids=["value of a list", "one of a list gone", "value", "opinion", "switch", "entry gone", "entry slipped in"],
)
def test_what_was_changed_in_the_database_alone_is_named(filled: House, tamper: Callable[[Tx], object], told: int):
    filled.do(lambda tx: (tamper(tx), None)[1])
    assert len(filled.read(audit.altered)) == told
