"""What needs a row: each reason alone keeps it, and nothing else does. The long story is in tests/contract."""

from datetime import timedelta

import pytest

from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, MediaGiven
from beffroi.decisions.model import Act
from beffroi.flow import erasure, retention
from beffroi.flow.records import KEEPINGS
from beffroi.ground.kernel.ids import SubjectId
from beffroi.ground.records.holds import HoldWhy
from beffroi.ground.storage import Actor
from beffroi.ground.storage.doomed import doom, doomed
from beffroi.parties import charter
from tests.unit.flow.node import IOANA, NOOR, PLATFORM, opened
from tests.unit.flow.worked import Blind

SHELL = Actor("command-line", "test")


def settle(node):
    while node.sweep():
        pass


def has_words(node, number=1):
    item = node.ask(content_store.item_by_platform_id, f"p-{number}")
    return item is not None and node.ask(content_store.posted, node.house.vault, item.id, 1) is not None


def test_a_charter_change_reaches_what_is_there(any_node):
    any_node.post(text="A quiet evening")
    any_node.move(days=3)
    settle(any_node)
    assert has_words(any_node)
    any_node.write(charter.set, "retention.unmatched_text_days", 2, IOANA, "less is enough")
    settle(any_node)
    assert not has_words(any_node)


def test_an_open_case_keeps_words_and_its_end_lets_them_go(any_node):
    any_node.bank()
    any_node.post()
    any_node.move(days=100)
    settle(any_node)
    assert has_words(any_node)
    any_node.decide(any_node.cases()[0], Act.NO_ACTION)
    any_node.move(days=1)
    settle(any_node)
    assert not has_words(any_node)


def test_a_proposal_and_a_failed_action_keep_words(node):
    node.bank()
    node.post()
    node.decide(node.cases()[0], Act.REMOVE, clause="2")
    node.move(days=100)
    settle(node)
    assert has_words(node), "a second person has not answered yet"


def test_a_hold_keeps_what_its_age_would_have_ended(any_node):
    any_node.post(text="A quiet evening")
    hold = erasure.hold(any_node.house, SHELL, "u-1", any_node.clock.now() + timedelta(days=60), HoldWhy.CLAIM)
    any_node.move(days=59)
    settle(any_node)
    assert has_words(any_node)
    erasure.release(any_node.house, SHELL, hold.id)
    any_node.move(days=2)
    settle(any_node)
    assert not has_words(any_node)


def test_words_take_their_files_along_from_the_disk_too(tmp_path):
    with opened(tmp_path / "node", Blind()) as node:
        node.bank()
        node.post(media=(MediaGiven("file-1", content=b"a file"),))
        (blob,) = node.house.blobs.keys()
        node.decide(node.cases()[0], Act.NO_ACTION)
        node.move(days=2)
        settle(node)
        assert not node.house.blobs.has(blob)
        assert node.ask(doomed, 10) == []
        assert node.sound()


def test_a_crash_before_the_files_went_is_made_good(node):
    blob = node.house.blobs.put(b"sealed bytes")
    node.write(lambda tx: doom(tx, [blob]))
    node.house.blobs.drop(blob)
    assert retention.drop_blobs(node.house) == 1
    assert retention.drop_blobs(node.house) == 0


def test_an_account_is_forgotten_when_nothing_of_it_is_left_and_comes_back_as_somebody_new(any_node):
    any_node.post(text="A quiet evening")
    account = any_node.ask(content_store.account_by_platform_id, "u-1")
    for _ in range(34):
        settle(any_node)
        any_node.move(days=1)
    assert any_node.ask(content_store.account_by_platform_id, "u-1") is None
    assert any_node.house.vault.is_destroyed(SubjectId(account.id))
    any_node.post(2, text="A quiet morning")
    assert any_node.ask(content_store.account_by_platform_id, "u-1").id != account.id


@pytest.mark.slow
def test_a_standing_restriction_of_the_account_keeps_it_known(node):
    node.post(text="A quiet evening", account=AccountGiven("u-1", "Somebody"))
    account = node.ask(content_store.account_by_platform_id, "u-1")
    case = node.write(retention_case, account.id)
    node.claim(case)
    decision = node.decide(case, Act.WARN_ACCOUNT, account=account.id) if hasattr(Act, "WARN_ACCOUNT") else None
    assert decision is not None
    node.move(minutes=2)
    node.work()
    for _ in range(250):
        settle(node)
        node.move(days=1)
    assert node.ask(content_store.platform_id_of_account, account.id) == "u-1"


def retention_case(tx, account):
    from beffroi.cases import service as cases

    return cases.open_for_account(tx, account)


def test_every_declared_end_is_a_step_of_the_sweep():
    ends = sum((k.retention.over is not None) + k.retention.asked for k in KEEPINGS)
    assert len(retention.dues()) == ends > 15


@pytest.mark.parametrize("keeping", [k for k in KEEPINGS if k.retention.asked], ids=lambda k: k.table.name)
def test_every_table_that_is_asked_about_has_its_question(keeping):
    assert keeping.table.name in retention.NEEDS


def test_nobody_is_asked_about_for_nothing():
    assert set(retention.NEEDS) == {k.table.name for k in KEEPINGS if k.retention.asked}
    assert NOOR
    assert PLATFORM
