"""The column types and the one `MetaData` that all tables stand on.

Owns: how an instant, a flag, JSON and bytes look in SQLite (STRICT) and in PostgreSQL.
Promises: the same Python value comes back from both databases.
Never does: define a capability's table; `store.py` files do, with `table()`.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from ..kernel.clock import from_micros, to_micros

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Octets = LargeBinary
Big = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; STRICT tables know only INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970, UTC."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER in STRICT tables, BIGINT elsewhere."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds; an instant without a zone is refused."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds, always UTC."""
        return None if value is None else from_micros(value)


class Flag(TypeDecorator[bool]):
    """True or false, stored as 1 or 0 (STRICT tables know no BOOLEAN)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: FBT001 (its base's form)
        """1 or 0."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """True or false."""
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """A JSON value: TEXT in SQLite, JSONB in PostgreSQL. None is NULL. No NaN, ever."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB where there is one."""
        return dialect.type_descriptor(JSONB(none_as_null=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Text for SQLite; PostgreSQL's type serialises by itself."""
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value as it was."""
        return json.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


def table(name: str, *columns: Column[Any] | SchemaItem) -> Table:
    """A table on the shared `metadata`, STRICT on SQLite."""
    return Table(name, metadata, *columns, sqlite_strict=True)
