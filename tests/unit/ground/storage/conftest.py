"""Every database of these tests has lamps and a tally."""

import pytest

from tests.unit.ground.storage.lamps import make_tables


@pytest.fixture(autouse=True)
def _tables(request: pytest.FixtureRequest) -> None:
    for name in ("house_db", "sqlite_db", "postgres_db"):
        if name in request.fixturenames:
            make_tables(request.getfixturevalue(name))
            return
