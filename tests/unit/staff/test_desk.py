"""The desk shows no secret."""

from pathlib import Path

from tests.unit.staff.rig import NODE, PEPPER, House


def test_no_repr_shows_the_pepper(tmp_path: Path) -> None:
    house = House(tmp_path, f"sqlite:///{tmp_path}/x.db")
    assert repr(PEPPER) not in repr(house.desk)
    assert house.desk.write("bulk", NODE, lambda tx: tx.now) == house.clock.now()
    house.close()
