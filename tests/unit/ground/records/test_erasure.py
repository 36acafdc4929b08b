"""After an erasure nothing personal can be read, nowhere, and the record still says that it happened."""

from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, select

from beffroi.ground.kernel.errors import InvariantViolated, Unavailable
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records import Erased, Keeping, Retention, erase
from beffroi.ground.storage import Octets, Tx
from beffroi.ground.storage.events import history
from tests.databases import HouseDb

ANNA, BEN = SubjectId("sub_anna"), SubjectId("sub_ben")
NAMES = {ANNA: b"Lantern Keeper Anna", BEN: b"Lantern Keeper Ben"}

guest = Table(
    "guest",
    MetaData(),
    Column("subject", Text, primary_key=True),
    Column("place", Text),
    Column("sealed", Octets, nullable=False),
)


def clear(tx: Tx, subject: str) -> None:
    tx.conn.execute(delete(guest).where(guest.c.subject == subject))


UNTIL_ASKED = Retention("until they ask")
KEEPINGS = (
    Keeping(guest, "who sleeps here", UNTIL_ASKED, sealed=("sealed",), cleared=("place",), clear=clear),
    Keeping(guest, "a table whose bytes are sealed, and nothing else", UNTIL_ASKED, sealed=("sealed",)),
)


@pytest.fixture
def house(house_db: HouseDb) -> HouseDb:
    def work(tx: Tx) -> None:
        guest.create(tx.conn)
        for subject, name in NAMES.items():
            sealed = tx.vault.seal(subject, name, "guest")
            tx.conn.execute(insert(guest).values(subject=subject, place=f"bed of {subject}", sealed=sealed))
            tx.record(Erased(SubjectId(f"other_{subject}"), "request"), {subject: name})

    house_db.run(work)
    house_db.recorded.clear()
    return house_db


def guests(house: HouseDb) -> list[str]:
    return house.ask(lambda conn: list(conn.execute(select(guest.c.subject)).scalars()))


def test_cleared_destroyed_and_recorded(house: HouseDb) -> None:
    sealed = house.ask(lambda conn: conn.execute(select(guest.c.sealed).where(guest.c.subject == ANNA)).scalar_one())
    house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    assert guests(house) == [BEN]
    assert house.vault.open(ANNA, sealed, "guest") is None
    assert house.recorded == [Erased(ANNA, "request")]
    (told,) = house.ask(lambda conn: history(conn, "subject", ANNA))
    assert (told.type, told.facts, told.personal) == ("erased", {"subject": ANNA, "reason": "request"}, {})


def test_the_others_are_untouched(house: HouseDb) -> None:
    house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    sealed = house.ask(lambda conn: conn.execute(select(guest.c.sealed)).scalar_one())
    assert house.vault.open(BEN, sealed, "guest") == NAMES[BEN]


def test_no_commitment_in_the_record_can_be_tried_any_more(house: HouseDb) -> None:
    (before,) = house.ask(lambda conn: history(conn, "subject", f"other_{ANNA}"))
    assert before.personal[ANNA] == house.vault.commitment(ANNA, NAMES[ANNA])
    house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    (after,) = house.ask(lambda conn: history(conn, "subject", f"other_{ANNA}"))
    assert after == before, "the record itself is not touched"
    with pytest.raises(InvariantViolated):
        house.vault.commitment(ANNA, NAMES[ANNA])


def test_whoever_was_erased_is_erased_again_without_harm(house: HouseDb) -> None:
    for _ in range(2):
        house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    assert len(house.ask(lambda conn: history(conn, "subject", ANNA))) == 2


def test_a_key_that_cannot_be_destroyed_stops_the_erasure(house: HouseDb, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise Unavailable("key-not-overwritten", "somebody reads the vault")

    monkeypatch.setattr(house.vault, "destroy", fail)
    with pytest.raises(Unavailable):
        house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    assert guests(house) == [ANNA, BEN]
    assert house.ask(lambda conn: history(conn, "subject", ANNA)) == []


def test_a_clearing_that_fails_leaves_the_key(house: HouseDb) -> None:
    def refuse(_tx: Tx, _subject: str) -> None:
        raise InvariantViolated("odd", "this table cannot be cleared")

    broken = (*KEEPINGS, Keeping(guest, "a table that cannot be cleared", UNTIL_ASKED, clear=refuse))
    with pytest.raises(InvariantViolated):
        house.run(lambda tx: erase(tx, ANNA, "request", broken))
    assert guests(house) == [ANNA, BEN]
    assert not house.vault.is_destroyed(ANNA)


def test_a_commit_that_fails_after_it_leaves_data_that_nobody_can_read(house: HouseDb) -> None:
    """The other way round, a key that outlives the note of its end, could bring the data back."""

    def work(tx: Tx) -> None:
        erase(tx, ANNA, "request", KEEPINGS)
        raise InvariantViolated("odd", "the transaction does not come through")

    with pytest.raises(InvariantViolated):
        house.run(work)
    assert guests(house) == [ANNA, BEN]
    assert house.vault.is_destroyed(ANNA)
    house.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    assert guests(house) == [BEN]


def test_no_plaintext_lies_in_any_file_before_or_after(sqlite_db: HouseDb, tmp_path: Path) -> None:
    def work(tx: Tx) -> None:
        guest.create(tx.conn)
        sealed = tx.vault.seal(ANNA, NAMES[ANNA], "guest")
        tx.conn.execute(insert(guest).values(subject=ANNA, sealed=sealed))
        tx.record(Erased(BEN, "request"), {ANNA: NAMES[ANNA]})

    sqlite_db.run(work)
    sqlite_db.run(lambda tx: erase(tx, ANNA, "request", KEEPINGS))
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"erased" in content for content in written), "the scan finds what is there"
    assert not any(NAMES[ANNA] in content for content in written)
