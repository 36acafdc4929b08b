"""Blobs on their way out: noted with the transaction, gone after it."""

import pytest

from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.ids import BlobKey
from beffroi.ground.storage.doomed import doom, doomed, gone
from tests.databases import HouseDb

ONE, TWO = BlobKey("1" * 64), BlobKey("2" * 64)


def noted(house: HouseDb) -> list[BlobKey]:
    return sorted(house.ask(lambda conn: doomed(conn, 10)))


def test_noted_once_and_forgotten_when_it_is_gone(house_db: HouseDb) -> None:
    house_db.run(lambda tx: doom(tx, [ONE, TWO, ONE]))
    house_db.run(lambda tx: doom(tx, [TWO]))
    house_db.run(lambda tx: doom(tx, []))
    assert noted(house_db) == [ONE, TWO]
    assert len(house_db.ask(lambda conn: doomed(conn, 1))) == 1
    assert house_db.run(lambda tx: gone(tx, [ONE])) == 1
    assert noted(house_db) == [TWO]


def test_a_transaction_that_fails_dooms_nothing(house_db: HouseDb) -> None:
    def work(tx):
        doom(tx, [ONE])
        raise Invalid("odd", "it does not come through")

    with pytest.raises(Invalid):
        house_db.run(work)
    assert noted(house_db) == []
