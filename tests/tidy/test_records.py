"""Every table says what it keeps, why, how long, and how it forgets; every event has a row that it adds up to."""

import re
from collections import Counter
from pathlib import Path

from sqlalchemy import LargeBinary

from beffroi.flow.reactions import REACTIONS
from beffroi.flow.records import KEEPINGS, ROWS
from beffroi.ground.storage import Json, metadata
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
