"""What lies in the tables of `content`: findable while known, unreadable once erased, uploads for an hour."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from beffroi.content import service, store, tables
from beffroi.content.model import AccountGiven, SealedMedia
from beffroi.ground.kernel.errors import InvariantViolated
from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.records import sweeping
from beffroi.ground.records.erasure import erase
from tests.unit.content.given import LAMP, take

FILE = BlobKey("f" * 64)
FIRST, SECOND = (SealedMedia(BlobKey(digit * 64), SubjectId(f"sub_{digit}")) for digit in "12")


UPLOADS = next(keeping for keeping in tables.RECORDS if keeping.table.name == "upload")


def erased(house, account):
    house.run(lambda tx: erase(tx, SubjectId(account), "request", tables.RECORDS))


def upload(house, sealed, *, hours=1):
    house.vault.ensure([sealed.subject])
    house.run(lambda tx: store.put_upload(tx, FILE, sealed, tx.now + timedelta(hours=hours)))


def found(house):
    return house.ask(lambda conn: store.upload(conn, FILE))


def test_an_item_is_found_by_its_platform_id_and_its_address(house_db):
    item = take(house_db).item
    for url in ("https://agora.example/p/1", " https://agora.example/p/1#reply-7 "):
        assert house_db.ask(lambda conn, url=url: store.item_by_url(conn, url)) == item
    assert house_db.ask(lambda conn: store.item_by_url(conn, "https://agora.example/p/12")) is None
    assert house_db.ask(lambda conn: store.item_by_platform_id(conn, "p-1")) == item
    assert house_db.ask(lambda conn: store.platform_id_of_item(conn, item.id)) == "p-1"
    assert house_db.ask(lambda conn: store.platform_id_of_account(conn, item.account)) == "u-1"


def test_the_newest_item_at_an_address_is_the_one_meant(house_db):
    take(house_db)
    house_db.clock.move(timedelta(seconds=1))
    newer = take(house_db, platform_id="p-2").item
    assert house_db.ask(lambda conn: store.item_by_url(conn, LAMP.url)) == newer


def test_an_address_can_come_later_and_move(house_db):
    take(house_db, url=None)
    assert house_db.ask(lambda conn: store.item_by_url(conn, LAMP.url)) is None
    item = take(house_db, revision=2, url="https://agora.example/p/one").item
    assert house_db.ask(lambda conn: store.item_by_url(conn, "https://agora.example/p/one")) == item
    take(house_db, revision=3, url=None)
    assert house_db.ask(lambda conn: store.item_by_url(conn, "https://agora.example/p/one")).id == item.id


def test_what_was_posted_is_sealed_under_the_account(house_db):
    item = take(house_db, parent="p-0", thread="t-1").item
    sealed = [
        *house_db.column("SELECT sealed FROM item_posted"),
        *house_db.column("SELECT sealed FROM account_profile"),
    ]
    assert len(sealed) == 2
    assert b"lamp" not in b"".join(map(bytes, sealed)).lower()
    posted = house_db.ask(lambda conn: store.posted(conn, house_db.vault, item.id, 1))
    assert (posted.text, posted.url, posted.parent, posted.thread) == (LAMP.text, LAMP.url, "p-0", "t-1")
    assert house_db.ask(lambda conn: store.posted(conn, house_db.vault, item.id, 2)) is None


def test_a_text_does_not_open_as_another_item_s(house_db):
    item = take(house_db).item
    other = take(house_db, platform_id="p-2").item
    house_db.tamper(
        "UPDATE item_posted SET sealed = (SELECT sealed FROM item_posted WHERE item = :other) WHERE item = :item",
        item=item.id,
        other=other.id,
    )
    with pytest.raises(InvariantViolated):
        house_db.ask(lambda conn: store.posted(conn, house_db.vault, item.id, 1))


def test_erasing_the_author_leaves_facts_and_nothing_to_read_or_find(house_db):
    item = take(house_db, service.SignalRow("url", "text", "https://lamp.example/", None)).item
    other = take(house_db, platform_id="p-2", account=AccountGiven("u-2")).item
    erased(house_db, item.account)

    def left(conn):
        return (
            store.posted(conn, house_db.vault, item.id, 1),
            store.profile(conn, house_db.vault, item.account),
            store.platform_id_of_item(conn, item.id),
            store.platform_id_of_account(conn, item.account),
            store.item_by_platform_id(conn, "p-1"),
            conn.execute(select(store.item_signal.c.value)).first(),
        )

    assert house_db.ask(left) == (None,) * 6
    assert house_db.ask(lambda conn: store.ITEMS.load(conn, item.id)) == item
    assert house_db.ask(lambda conn: store.posted(conn, house_db.vault, other.id, 1)).text == LAMP.text
    assert house_db.ask(store.ITEMS.disagreements) == []


def test_who_was_erased_and_posts_again_is_somebody_new(house_db):
    first = take(house_db)
    erased(house_db, first.account.id)
    again = take(house_db)
    assert again.is_news
    assert again.account.id != first.account.id
    assert again.item.id != first.item.id


def test_the_newest_items_of_an_account_come_first(house_db):
    taken = []
    for number in range(3):
        taken.append(take(house_db, platform_id=f"p-{number}").item)
        house_db.clock.move(timedelta(seconds=1))
    account = taken[0].account
    assert house_db.ask(lambda conn: store.items_of_account(conn, account, 2)) == [taken[2], taken[1]]


def test_uploading_again_prolongs_and_leaves_one_readable_copy(house_db):
    upload(house_db, FIRST)
    house_db.clock.move(timedelta(minutes=40))
    upload(house_db, SECOND)
    assert found(house_db) == FIRST
    assert [house_db.vault.is_destroyed(sealed.subject) for sealed in (FIRST, SECOND)] == [False, True]
    house_db.clock.move(timedelta(minutes=40))
    assert house_db.run(lambda tx: sweeping.end(UPLOADS, tx, 9)) == 0


def test_uploading_again_replaces_a_copy_that_nobody_can_read(house_db):
    upload(house_db, FIRST)
    house_db.vault.destroy(FIRST.subject, house_db.clock.now())
    upload(house_db, SECOND)
    assert found(house_db) == SECOND
    assert not house_db.vault.is_destroyed(SECOND.subject)


def test_a_backfill_goes_on_where_it_was(house_db):
    assert house_db.ask(lambda conn: store.backfill(conn, "key_1", "all")) is None
    house_db.run(lambda tx: store.put_backfill(tx, "key_1", "all", "c-1", 10, 1))
    house_db.run(lambda tx: store.put_backfill(tx, "key_1", "all", "c-2", 20, 3))
    assert house_db.ask(lambda conn: store.backfill(conn, "key_1", "all")) == ("c-2", 20, 3)
    assert house_db.ask(lambda conn: store.backfill(conn, "key_2", "all")) is None


def test_every_table_is_declared():
    declared = {keeping.table.name for keeping in tables.RECORDS}
    mine = {"account", "account_locator", "account_profile", "item", "item_locator", "item_posted", "item_signal"}
    assert declared == mine | {"upload", "backfill"}
