"""The same tests on both databases; PostgreSQL gives each test a schema of its own in one database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.unit.staff.rig import House


@pytest.fixture(scope="session")
def staff_database(postgres_server: Any) -> str:
    """A database for all tests here."""
    name = f"staff_{uuid4().hex}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    uri: str = postgres_server.get_uri(name)
    return uri


@pytest.fixture
def staff_schema(staff_database: str) -> Iterator[str]:
    """The URL of an empty schema."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(staff_database, autocommit=True) as conn:
        conn.execute(f"CREATE SCHEMA {name}")
        url = staff_database.replace("postgresql://", "postgresql+psycopg://", 1)
        yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
        conn.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path}/x.db" if request.param == "sqlite" else request.getfixturevalue("staff_schema")
    house = House(tmp_path, url)
    yield house
    house.close()


@pytest.fixture
def twin(house: House) -> Iterator[House]:
    """A second process on the same node: another connection that writes, another clock, the same files."""
    twin = House(house.folder, house.url)
    yield twin
    twin.close()
