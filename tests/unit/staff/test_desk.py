"""The desk shows no secret."""

from beffroi.ground.storage.tx import NODE
from tests.databases import HouseDb
from tests.unit.staff.rig import PEPPER, House


def test_no_repr_shows_the_pepper(sqlite_db: HouseDb) -> None:
    house = House(sqlite_db)
    assert repr(PEPPER) not in repr(house.desk)
    assert house.desk.write("bulk", NODE, lambda tx: tx.now) == house.clock.now()
