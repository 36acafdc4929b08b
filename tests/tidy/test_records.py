"""Every table says what it keeps, why, how long, and how it forgets; every event has a row that it adds up to."""

import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, MetaData, Table, select

from beffroi.flow import retention, sweeps
from beffroi.flow.reactions import REACTIONS
from beffroi.flow.records import KEEPINGS, ROWS
from beffroi.ground.records import Keeping, Retention
from beffroi.ground.storage import Json, metadata
from tests.databases import HouseDb
from tests.tidy.sources import ROOT
from tests.tidy.test_house import none


def test_every_table_is_declared_once() -> None:
    declared = Counter(keeping.table.name for keeping in KEEPINGS)
    none(f"{name}: no Keeping declares it" for name in sorted(metadata.tables.keys() - declared.keys()))
    none(f"{name}: declared {count} times" for name, count in declared.items() if count > 1)
    none(f"{name}: stands in another MetaData" for name in sorted(declared.keys() - metadata.tables.keys()))


def test_every_table_stands_in_a_store_that_was_read() -> None:
    """The list above is as good as the imports behind it: a table nobody imports would escape it."""
    defined = re.compile(r"""\btable\(\s*"([a-z_0-9]+)",""")
    found = {name for path in (ROOT / "src").rglob("*.py") for name in defined.findall(Path(path).read_text("utf-8"))}
    assert found == set(metadata.tables)


def test_every_declaration_names_columns_that_exist_and_says_why_and_how_long() -> None:
    for keeping in KEEPINGS:
        name, columns = keeping.table.name, keeping.table.c
        none(
            f"{name}.{column}: no such column"
            for column in (*keeping.sealed, *keeping.cleared)
            if column not in columns
        )
        none(f"{name}.{column}: sealed and cleared" for column in keeping.sealed if column in keeping.cleared)
        assert keeping.purpose, f"{name}: kept for no reason"
        assert keeping.retention.words, f"{name}: kept for how long?"


def test_what_is_sealed_can_hold_sealed_bytes() -> None:
    for keeping in KEEPINGS:
        for name in keeping.sealed:
            kind = keeping.table.c[name].type
            is_pointer = name == "blob"  # the key of a sealed blob
            assert isinstance(kind, LargeBinary | Json) or is_pointer, f"{keeping.table.name}.{name} holds plain text"


def test_every_row_is_folded_from_all_events_of_its_kind() -> None:
    of_kind = {rows.aggregate: set(rows.events) for rows in ROWS}
    assert len(of_kind) == len(ROWS), "two tables fold the same events"
    for event in REACTIONS:
        expected = of_kind.get(event.aggregate)
        assert expected is None or event in expected, f"{event.__name__} is not folded into its {event.aggregate}"


def test_every_table_with_a_version_and_events_is_checked() -> None:
    folded = {rows.table.name for rows in ROWS}
    versioned = {table.name for table in metadata.tables.values() if "version" in table.c and "id" in table.c}
    assert versioned - folded == {"bank_entry"}, "imports of a bank are one event for many entries"


def test_whatever_is_personal_has_an_end() -> None:
    """No row that speaks of a person stays for good: something ends it, and the sweep or a command carries it out."""
    none(
        f"{keeping.table.name}: personal, and nothing ends it"
        for keeping in KEEPINGS
        if (keeping.sealed or keeping.cleared) and keeping.retention.is_for_good
    )


def test_erasure_reaches_whatever_is_personal() -> None:
    """`sign_in_try` counts at keyed hashes of places, not at persons; its age ends it within 30 days."""
    none(
        f"{keeping.table.name}: erasing somebody leaves their rows"
        for keeping in KEEPINGS
        if (keeping.sealed or keeping.cleared) and keeping.clear is None and keeping.table.name != "sign_in_try"
    )


def test_every_declared_end_has_the_sweep_or_a_command_behind_it() -> None:
    ends = sum((keeping.retention.over is not None) + keeping.retention.asked for keeping in KEEPINGS)
    assert len(sweeps.RETENTION) == ends
    asked = {keeping.table.name for keeping in KEEPINGS if keeping.retention.asked}
    assert asked == set(retention.NEEDS), "a table is asked about and nobody can answer, or the other way round"
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    for keeping in KEEPINGS:
        command = keeping.retention.owner.rpartition(".")[2]
        assert not command or f"def {command}(" in source, f"{keeping.table.name}: there is no {command}"


def test_a_declaration_without_a_sweep_is_refused() -> None:
    unknown = Keeping(Table("bread", MetaData()), "to eat", Retention("a while", asked=True))
    with pytest.raises(KeyError):
        retention.dues([unknown])


def test_what_is_due_is_found_by_an_index() -> None:
    for keeping in KEEPINGS:
        if keeping.retention.asked:
            first = {next(iter(index.columns)).name for index in keeping.table.indexes}
            assert "look_at" in first, f"{keeping.table.name}: no index begins with look_at"


@pytest.mark.parametrize("keeping", [k for k in KEEPINGS if k.retention.over is not None], ids=lambda k: k.table.name)
def test_what_is_over_is_found_by_an_index(keeping: Keeping, sqlite_db: HouseDb) -> None:
    """SQLite tells how it would look; one row a person of `one_time_link` is no more than there are people."""
    now = sqlite_db.clock.now()
    with sqlite_db.database.read() as conn:
        assert keeping.retention.over is not None
        query = select(*keeping.table.primary_key).where(keeping.retention.over(conn, now)).limit(1)
        text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
    assert "INDEX" in plan or keeping.table.name == "one_time_link", plan
