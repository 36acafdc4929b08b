"""Deletions, and accounts that change."""

import pytest

from beffroi.cases import store as cases_store
from beffroi.cases.model import CaseState
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, ItemKind, ItemState, MediaGiven
from beffroi.decisions.model import Act
from beffroi.flow import platform_events
from beffroi.ground.kernel.errors import Invalid, NotFound
from tests.unit.flow.node import PHRASE, PLATFORM, opened


def change(node, name="Somebody", bio="", avatar=None):
    given = AccountGiven("u-1", name, "https://agora.example/u/1", bio)
    platform_events.account_changed(node.house, PLATFORM, given, avatar)


def parts(node):
    """Kind → (revision, text) of the account's profile."""
    account = node.ask(content_store.account_by_platform_id, "u-1")
    items = node.ask(content_store.items_of_account, account.id)
    texts = {i.kind: node.ask(content_store.posted, node.house.vault, i.id, i.revision).text for i in items}
    return {i.kind: (i.revision, texts[i.kind]) for i in items}


def test_a_deletion_withdraws_the_case_and_forbids_nothing_else(any_node):
    any_node.bank()
    answer = any_node.post()
    [case] = any_node.cases()
    for _ in range(2):
        platform_events.item_deleted(any_node.house, PLATFORM, "p-1")
    assert any_node.ask(content_store.ITEMS.load, answer.item).state is ItemState.DELETED_BY_AUTHOR
    assert any_node.ask(cases_store.CASES.load, case.id).state is CaseState.WITHDRAWN


@pytest.mark.parametrize(("platform_id", "refusal"), [("", Invalid), ("p-404", NotFound)])
def test_a_deletion_names_an_item_there_is(node, platform_id, refusal):
    with pytest.raises(refusal):
        platform_events.item_deleted(node.house, PLATFORM, platform_id)


def test_name_and_bio_are_items_with_revisions(any_node):
    change(any_node)
    assert parts(any_node) == {ItemKind.PROFILE_NAME: (1, "Somebody")}
    change(any_node, bio="Collects lamps")
    change(any_node, bio="Collects lamps")
    change(any_node, name="Somebody else", bio="Collects oil")
    assert parts(any_node) == {
        ItemKind.PROFILE_NAME: (2, "Somebody else"), ItemKind.PROFILE_BIO: (2, "Collects oil")
    }  # fmt: skip


def test_a_matching_bio_is_a_case_and_no_rule_acts_on_it(node):
    node.rule(node.bank().id, Act.REJECT_UPLOAD)
    change(node, bio=PHRASE)
    [case] = node.cases()
    assert node.restrictions(case.items[0].item) == []
    decision = node.decide(case)
    node.move(seconds=60)
    node.work()
    [act, _] = node.platform.acts
    assert act.item.platform_id.startswith("profile-profile_bio-")
    assert decision.restricts


def test_a_new_avatar_is_a_new_revision_each_time(folder, decoder):
    with opened(folder, decoder) as node:
        for content in (b"one", b"two"):
            change(node, avatar=MediaGiven("m", "image/png", content))
        assert parts(node)[ItemKind.AVATAR][0] == 2
        assert node.sound()


def test_accounts_of_one_name_are_not_one_account(node):
    change(node)
    platform_events.account_changed(node.house, PLATFORM, AccountGiven("u-2", "Somebody"), None)
    accounts = {node.ask(content_store.account_by_platform_id, f"u-{number}").id for number in (1, 2)}
    assert len(accounts) == 2


def test_a_new_address_is_where_the_item_is_found_and_acted_on(any_node):
    any_node.bank()
    item = any_node.post(url="https://agora.example/p/p-1").item
    platform_events.item_located(any_node.house, PLATFORM, "p-1", "https://agora.example/p/p-9")
    assert any_node.ask(content_store.item_by_url, "https://agora.example/p/p-9").id == item
    assert any_node.ask(content_store.item_by_url, "https://agora.example/p/p-1") is None
    posted = any_node.ask(content_store.posted, any_node.house.vault, item, 1)
    assert (posted.url, posted.text) == ("https://agora.example/p/p-9", PHRASE)
    any_node.decide(any_node.cases()[0])
    any_node.move(seconds=60)
    any_node.work()
    assert any_node.platform.acts[0].url == "https://agora.example/p/p-9"


@pytest.mark.parametrize(
    ("platform_id", "url", "refusal"),
    [("", "https://x/", Invalid), ("p-1", "", Invalid), ("p-404", "https://x/", NotFound)],
)
def test_a_new_address_names_an_item_there_is(node, platform_id, url, refusal):
    node.post()
    with pytest.raises(refusal):
        platform_events.item_located(node.house, PLATFORM, platform_id, url)
