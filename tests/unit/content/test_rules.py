"""Sizes, ids, and the life of an item."""

from datetime import UTC, datetime

import pytest

from beffroi.content import rules
from beffroi.content.model import (
    AccountChanged,
    AccountGiven,
    AccountSeen,
    ItemDeletedByAuthor,
    ItemEdited,
    ItemState,
    MediaGiven,
    Visibility,
)
from beffroi.ground.kernel.errors import Conflict, Invalid
from beffroi.ground.kernel.ids import AccountId, ItemId
from beffroi.ground.kernel.limits import (
    MEDIA_PER_ITEM_MAX,
    NAME_CHARS_MAX,
    PLATFORM_ID_CHARS_MAX,
    TEXT_CHARS_MAX,
    URL_CHARS_MAX,
)
from tests.unit.content.given import post

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
ME, OTHER = AccountId("acc_me"), AccountId("acc_other")
ITEM = ItemId("itm_1")

AT_ITS_LIMIT = {
    "platform_id": (lambda n: post(platform_id="p" * n), PLATFORM_ID_CHARS_MAX),
    "account.platform_id": (lambda n: post(account=AccountGiven("u" * n)), PLATFORM_ID_CHARS_MAX),
    "account.name": (lambda n: post(account=AccountGiven("u", "n" * n)), NAME_CHARS_MAX),
    "account.bio": (lambda n: post(account=AccountGiven("u", bio="b" * n)), TEXT_CHARS_MAX),
    "account.url": (lambda n: post(account=AccountGiven("u", url="u" * n)), URL_CHARS_MAX),
    "text": (lambda n: post(text="t" * n), TEXT_CHARS_MAX),
    "url": (lambda n: post(url="u" * n), URL_CHARS_MAX),
    "parent": (lambda n: post(parent="p" * n), PLATFORM_ID_CHARS_MAX),
    "thread": (lambda n: post(thread="t" * n), PLATFORM_ID_CHARS_MAX),
    "language": (lambda n: post(language="x" * n), PLATFORM_ID_CHARS_MAX),
    "media": (lambda n: post(media=(MediaGiven(),) * n), MEDIA_PER_ITEM_MAX),
}


def taken(**changes):
    [event] = rules.take_in(None, ITEM, post(**changes), ME, NOW)
    return rules.apply_item(None, event)


@pytest.mark.parametrize("where", AT_ITS_LIMIT)
def test_each_field_has_its_limit_and_the_refusal_names_it(where):
    make, most = AT_ITS_LIMIT[where]
    assert rules.examine(make(most)) == make(most)
    with pytest.raises(Invalid) as refused:
        rules.examine(make(most + 1))
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("where", "given"),
    [
        ("platform_id", post(platform_id="")),
        ("platform_id", post(platform_id="  ")),
        ("platform_id", post(platform_id="p\x00")),
        ("platform_id", post(platform_id="p\u202e1")),
        ("account.platform_id", post(account=AccountGiven(" "))),
        ("account.platform_id", post(account=AccountGiven("u\n"))),
        ("text", post(text="half \ud83d a lamp")),
        ("version", post(revision=0)),
        ("version", post(revision=2**31 + 1)),
    ],
)
def test_what_cannot_be_an_item_is_refused_by_name(where, given):
    with pytest.raises(Invalid) as refused:
        rules.examine(given)
    assert refused.value.where == where


@pytest.mark.parametrize("visibility", Visibility)
def test_only_what_anybody_may_see_is_screened(visibility):
    assert rules.is_screened(post(visibility=visibility)) is (visibility is Visibility.PUBLIC)


def test_a_new_item_without_a_date_was_posted_now():
    assert taken(posted_at=None).posted_at == NOW
    earlier = datetime(2020, 2, 29, tzinfo=UTC)
    assert taken(posted_at=earlier).posted_at == earlier


@pytest.mark.parametrize("revision", [1, 4, 5])
def test_the_same_or_an_older_revision_changes_nothing(revision):
    assert rules.take_in(taken(revision=5), ITEM, post(revision=revision), ME, NOW) == []


def test_a_newer_revision_is_an_edit_and_brings_back_what_was_deleted():
    item = taken(language="en")
    deleted = rules.apply_item(item, ItemDeletedByAuthor(ITEM))
    assert deleted.state is ItemState.DELETED_BY_AUTHOR
    edits = rules.take_in(deleted, ITEM, post(revision=3, language="de", media=(MediaGiven(),)), ME, NOW)
    assert edits == [ItemEdited(ITEM, 3, Visibility.PUBLIC, "de", 1)]
    edited = rules.apply_item(deleted, edits[0])
    assert (edited.revision, edited.language, edited.media_count, edited.state) == (3, "de", 1, ItemState.LIVE)
    assert (edited.account, edited.posted_at, edited.taken_at) == (item.account, item.posted_at, item.taken_at)


def test_an_item_stays_its_account_s():
    with pytest.raises(Conflict) as refused:
        rules.take_in(taken(), ITEM, post(revision=2), OTHER, NOW)
    assert refused.value.code == "other-account"


def test_deleting_twice_is_deleting_once():
    item = taken()
    [event] = rules.delete_by_author(item)
    assert rules.delete_by_author(rules.apply_item(item, event)) == []


def test_an_account_is_seen_once():
    [seen] = rules.see_account(None, ME, NOW)
    assert seen == AccountSeen(ME, NOW)
    account = rules.apply_account(None, seen)
    assert rules.see_account(account, ME, NOW) == ()
    assert rules.apply_account(account, AccountChanged(ME, ("bio",))) == account


@pytest.mark.parametrize("apply", [rules.apply_item, rules.apply_account])
def test_events_of_what_is_not_there_do_not_fit(apply):
    for event in (ItemDeletedByAuthor(ITEM), ItemEdited(ITEM, 2, Visibility.PUBLIC, None, 0), AccountChanged(ME, ())):
        with pytest.raises(Conflict) as refused:
            apply(None, event)
        assert refused.value.code == "event-does-not-fit"
