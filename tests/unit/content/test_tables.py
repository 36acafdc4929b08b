"""What goes with words, uploads and accounts."""

from datetime import timedelta

from beffroi.content import store, tables
from beffroi.content.model import SealedMedia
from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.records import sweeping
from beffroi.ground.storage.doomed import doomed
from tests.databases import HouseDb
from tests.unit.content.given import take

BLOB, FILE_KEY = BlobKey("b" * 64), SubjectId("sub_file")
KEEPINGS = {keeping.table.name: keeping for keeping in tables.RECORDS}


def kept(house: HouseDb):
    taken = take(house)
    item = taken.item
    house.vault.ensure([FILE_KEY])
    digest = house.ask(lambda conn: store.posted(conn, house.vault, item.id, 1)).media
    sealed = {media.sha256: SealedMedia(BLOB, FILE_KEY) for media in digest}
    house.run(lambda tx: store.keep(tx, item.id, 1, "match", sealed))
    return taken


def test_erasing_an_account_leaves_nothing_of_it(house_db: HouseDb) -> None:
    taken = kept(house_db)
    other = take(house_db, platform_id="p-2", account=taken_by("u-2"))
    for keeping in tables.RECORDS:
        if keeping.clear is not None:
            house_db.run(lambda tx, keeping=keeping: keeping.clear(tx, taken.account.id))
    ask = house_db.ask
    assert ask(lambda conn: store.platform_id_of_item(conn, taken.item.id)) is None
    assert ask(lambda conn: store.platform_id_of_account(conn, taken.account.id)) is None
    assert ask(lambda conn: store.profile(conn, house_db.vault, taken.account.id)) is None
    assert not ask(lambda conn: store.has_posted(conn, account=taken.account.id))
    assert ask(lambda conn: store.signals_end(conn, taken.item.id)) is None
    assert ask(lambda conn: store.platform_id_of_item(conn, other.item.id)) == "p-2"
    assert ask(lambda conn: store.has_posted(conn, account=other.account.id))


def taken_by(platform_id: str):
    from beffroi.content.model import AccountGiven

    return AccountGiven(platform_id, "Somebody else")


def test_every_personal_column_has_a_way_to_go() -> None:
    for keeping in tables.RECORDS:
        assert keeping.clear is not None or not (keeping.sealed or keeping.cleared), keeping.table.name


def test_an_upload_takes_its_key_along_and_names_its_blob(house_db: HouseDb) -> None:
    house_db.vault.ensure([FILE_KEY])
    sealed = SealedMedia(BLOB, FILE_KEY)
    house_db.run(lambda tx: store.put_upload(tx, BlobKey("a" * 64), sealed, tx.now + timedelta(hours=1)))
    uploads = KEEPINGS["upload"]
    assert not house_db.ask(lambda conn: sweeping.is_any_over(uploads, conn, house_db.clock.now()))
    house_db.clock.move(timedelta(hours=1))
    assert house_db.run(lambda tx: sweeping.end(uploads, tx, 10)) == 1
    assert house_db.vault.is_destroyed(FILE_KEY)
    assert house_db.ask(lambda conn: doomed(conn, 10)) == [BLOB]
