"""What is kept of people goes when its time is over, or when they are erased."""

from sqlalchemy import Table

from beffroi.ground.records import erase, sweeping
from beffroi.staff import login, service, store, tables
from tests.unit.staff.rig import HOME, House


def count(house: House, table: Table) -> int:
    return len(house.rows(table))


def swept(house: House, limit: int = 100) -> dict[str, int]:
    old = [kept for kept in tables.RECORDS if kept.retention.over is not None]
    return house.write(lambda tx: {kept.table.name: sweeping.end(kept, tx, limit) for kept in old})


def test_every_table_and_column_is_declared() -> None:
    declared = {kept.table: {*kept.sealed, *kept.cleared} for kept in tables.RECORDS}
    assert len(declared) == len(tables.RECORDS)
    for table, personal in declared.items():
        assert personal <= {column.name for column in table.columns}, table.name
        octets = {column.name for column in table.columns if str(column.type) in {"BLOB", "BYTEA"}}
        assert octets <= personal | {"challenge", "digest"}, table.name


def test_sweeps_take_what_is_over_and_nothing_else(house: House) -> None:
    mara = house.person("mara")
    house.sign_in("mara")
    house.write(service.first_link)
    login.challenge(house.desk, HOME)
    nothing = {"one_time_link": 0, "ceremony": 0, "session": 0, "sign_in_try": 0}
    assert swept(house) == nothing
    house.move(seconds=301)
    assert swept(house) == nothing | {"ceremony": 1}
    house.move(hours=2)
    assert swept(house) == nothing | {"sign_in_try": 2}
    house.move(hours=22)
    assert swept(house) == nothing | {"one_time_link": 1, "session": 1}
    assert count(house, tables.try_table) == 1
    house.move(days=30)
    assert swept(house) == nothing | {"sign_in_try": 1}
    assert house.ask(lambda conn: store.PEOPLE.get(conn, mara))


def test_a_sweep_stops_at_its_limit(house: House) -> None:
    for _ in range(5):
        login.challenge(house.desk, HOME)
    house.move(seconds=301)
    assert [swept(house, 2)["ceremony"] for _ in range(4)] == [2, 2, 1, 0]


def test_an_erased_person_leaves_facts_only(house: House) -> None:
    mara, _ = house.person("mara", recovery=(b"one",)), house.person("noor")
    house.sign_in("mara")
    house.sign_in("noor")
    house.write(lambda tx: erase(tx, store.subject_of(mara), "request", tables.RECORDS))
    assert set(house.ask(lambda conn: store.identities(conn, house.vault)).values())
    assert mara not in house.ask(lambda conn: store.identities(conn, house.vault))
    for table in (tables.identity_table, tables.credential_table, tables.session_table):
        assert count(house, table) == 1, table.name
    assert count(house, tables.recovery_table) == 0
    assert house.ask(lambda conn: store.PEOPLE.load(conn, mara)).pseudonym
    assert house.ask(store.PEOPLE.disagreements) == []
