"""People on a node's ground, on both databases."""

import pytest

from tests.databases import HouseDb
from tests.unit.staff.rig import House


@pytest.fixture
def house(house_db: HouseDb) -> House:
    return House(house_db)


@pytest.fixture
def twin(house: House) -> House:
    """A second process on the same node: another connection that writes, the same files."""
    return House(house.db.another())
