"""Taking in: once per revision, sealed, findable, on both databases."""

import hashlib

import pytest
from sqlalchemy import func, select

from beffroi.content import service, store
from beffroi.content.model import (
    AccountChanged,
    AccountGiven,
    AccountSeen,
    ItemDeletedByAuthor,
    ItemEdited,
    ItemState,
    ItemTaken,
    MediaGiven,
    MediaKept,
    SealedMedia,
)
from beffroi.ground.kernel.errors import Conflict, NotFound
from beffroi.ground.kernel.ids import BlobKey, SubjectId
from beffroi.ground.storage.events import event_table
from tests.unit.content.given import LAMP, post, take

SIGNAL = service.SignalRow("url", "text", "https://lamp.example/", None)


def count(house, table):
    return house.ask(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


def read(house, item):
    return house.ask(lambda conn: store.posted(conn, house.vault, item.id, item.revision))


def sound(house):
    return house.ask(lambda conn: store.ITEMS.disagreements(conn) + store.ACCOUNTS.disagreements(conn)) == []


def test_an_item_is_taken_in_once(house_db):
    first = take(house_db, SIGNAL, SIGNAL)
    again = take(house_db, SIGNAL, text="something else under the same revision")
    assert first.is_news
    assert not again.is_news
    assert again.item == first.item
    assert read(house_db, first.item).text == LAMP.text
    assert [type(event) for event in house_db.recorded] == [AccountSeen, ItemTaken]
    assert (count(house_db, store.item_posted), count(house_db, store.item_signal)) == (1, 1)
    assert sound(house_db)


def test_an_edit_is_a_new_revision_beside_the_old_one(house_db):
    first = take(house_db, SIGNAL).item
    second = take(house_db, SIGNAL, revision=2, text="The lamp is out").item
    late = take(house_db, revision=1, text="too late")
    assert (second.id, second.revision, second.version) == (first.id, 2, 2)
    assert (late.is_news, late.item) == (False, second)
    assert [read(house_db, item).text for item in (first, second)] == [LAMP.text, "The lamp is out"]
    assert isinstance(house_db.recorded[-1], ItemEdited)
    assert sound(house_db)


def test_another_account_cannot_take_an_item_over(house_db):
    item = take(house_db).item
    with pytest.raises(Conflict):
        take(house_db, revision=2, account=AccountGiven("u-2"))
    assert house_db.ask(lambda conn: store.ITEMS.load(conn, item.id)) == item
    assert house_db.ask(lambda conn: store.account_by_platform_id(conn, "u-2")) is None
    assert [type(event) for event in house_db.recorded] == [AccountSeen, ItemTaken]


def test_the_author_deletes_and_puts_back(house_db):
    take(house_db)
    deleted = house_db.run(lambda tx: service.delete_by_author(tx, "p-1"))
    again = house_db.run(lambda tx: service.delete_by_author(tx, "p-1"))
    assert deleted.state is ItemState.DELETED_BY_AUTHOR
    assert again == deleted
    assert [event for event in house_db.recorded if isinstance(event, ItemDeletedByAuthor)] == [
        ItemDeletedByAuthor(deleted.id)
    ]
    assert take(house_db, revision=2).item.state is ItemState.LIVE
    assert sound(house_db)


def test_nobody_deletes_what_was_never_taken_in(house_db):
    with pytest.raises(NotFound):
        house_db.run(lambda tx: service.delete_by_author(tx, "p-404"))


def test_an_account_s_profile_changes(house_db):
    account = take(house_db).account
    changed = AccountGiven("u-1", "", None, "Collects nothing any more")
    after = house_db.run(lambda tx: service.change_account(tx, changed, ("bio",)))
    assert (after.id, after.version) == (account.id, 2)
    profile = house_db.ask(lambda conn: store.profile(conn, house_db.vault, account.id))
    assert profile == {"name": "Somebody", "bio": changed.bio, "url": LAMP.account.url}
    assert house_db.recorded[-1] == AccountChanged(account.id, ("bio",))
    assert sound(house_db)


def test_an_account_can_be_known_before_it_posts(house_db):
    account = house_db.run(lambda tx: service.change_account(tx, AccountGiven("u-1", "New"), ("name",)))
    assert take(house_db).account.id == account.id


def test_media_is_kept_only_where_there_is_cause(house_db):
    files = (MediaGiven("m-1", "image/png", b"one"), MediaGiven("m-2", "image/png", b"two"))
    item = take(house_db, media=files).item
    before = read(house_db, item)
    assert [(m.sha256, m.size_bytes, m.sealed) for m in before.media] == [
        (hashlib.sha256(m.content).hexdigest(), 3, None) for m in files
    ]
    sealed = SealedMedia(BlobKey("0" * 64), SubjectId("sub_1"))
    house_db.run(lambda tx: service.keep_media(tx, item, "match", {service.digest(files[0]): sealed}))
    assert [m.sealed for m in read(house_db, item).media] == [sealed, None]
    assert house_db.recorded[-1] == MediaKept(item.id, 1, "match", 1)


def test_media_that_never_arrived_has_the_digest_of_nothing():
    assert service.digest(MediaGiven(url="https://agora.example/m")) == hashlib.sha256(b"").hexdigest()


def test_events_say_nothing_of_what_was_posted(house_db):
    take(house_db)
    take(house_db, revision=2, text="The second lamp")
    rows = house_db.ask(lambda conn: conn.execute(select(event_table.c.facts, event_table.c.personal)).all())
    told = repr(rows)
    for word in ("lamp", "Somebody", "p-1", "u-1", "agora.example"):
        assert word not in told
    item = house_db.ask(lambda conn: store.item_by_platform_id(conn, "p-1"))
    committed = house_db.vault.commitment(SubjectId(item.account), LAMP.text.encode())
    assert {item.account: committed} in [row.personal for row in rows]


def test_text_that_is_empty_commits_to_nothing(house_db):
    take(house_db, text="")
    personal = house_db.ask(lambda conn: conn.execute(select(event_table.c.personal)).scalars().all())
    assert personal == [{}, {}]


def test_half_a_batch_is_not_taken_in(house_db):
    def work(tx):
        service.take_in(tx, post(), [SIGNAL])
        raise Conflict("later", "something later in the same transaction was refused")

    with pytest.raises(Conflict):
        house_db.run(work)
    tables = (store.item_table, store.account_table, store.item_posted, store.item_signal, event_table)
    assert [count(house_db, table) for table in tables] == [0] * 5
