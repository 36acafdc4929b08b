"""Notice in: located or not, confirmed, decided by a person, answered."""

from dataclasses import replace

import pytest

from beffroi.cases import store as cases_store
from beffroi.cases import views
from beffroi.cases.model import CaseKind, CaseState
from beffroi.content import store as content_store
from beffroi.content.model import MediaGiven, Visibility
from beffroi.decisions.model import Act
from beffroi.flow import notice, platform_events
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.storage import Actor
from tests.unit.cases.scene import NOTICE
from tests.unit.flow.node import PLATFORM, opened

PUBLIC = Actor("public")


def give(node, number=1, **changes):
    url = f"https://agora.example/p/p-{number}"
    return notice.receive(node.house, PUBLIC, replace(NOTICE, url=url, **changes))


def status(node, received):
    return node.ask(views.notice_status, received.token)


def test_a_notice_of_something_known_opens_its_item_s_case_and_acts_on_nothing(any_node):
    answer = any_node.post(text="A quiet evening")
    received = give(any_node)
    [case] = any_node.cases()
    assert (case.kind, case.items[0].item) == (CaseKind.ITEM, answer.item)
    assert any_node.restrictions(answer.item) == []
    assert (status(any_node, received).reference, status(any_node, received).outcome) == (received.reference, None)


def test_a_notice_of_an_unknown_address_waits_for_a_person_too(node):
    give(node, 404)
    [case] = node.cases()
    assert (case.kind, case.items) == (CaseKind.NOTICE, ())


def test_notices_join_the_open_case(node):
    node.bank()
    node.post()
    received = [give(node) for _ in range(2)]
    [case] = node.cases()
    assert len(case.notices) == 2
    assert len({one.reference for one in received} | {one.token for one in received}) == 4


@pytest.mark.parametrize("act", [Act.REMOVE, Act.NO_ACTION])
def test_every_notifier_can_read_what_was_decided(node, act):
    node.post(text="A quiet evening")
    received = [give(node) for _ in range(2)]
    decision = node.decide(node.cases()[0], act)
    assert [(status(node, one).outcome, status(node, one).decision) for one in received] == [
        (act.value, decision.id)
    ] * 2  # fmt: skip


def test_a_notifier_is_told_that_the_author_was_faster(node):
    node.post(text="A quiet evening")
    received = give(node)
    case = node.cases()[0]
    platform_events.item_deleted(node.house, PLATFORM, "p-1")
    assert node.ask(cases_store.CASES.load, case.id).state is CaseState.WITHDRAWN
    assert (status(node, received).outcome, status(node, received).decision) == ("deleted_by_author", None)


def test_a_notice_that_lacks_something_leaves_nothing(node):
    with pytest.raises(Invalid) as refused:
        give(node, explanation="")
    assert refused.value.where == "explanation"
    assert node.cases() == []


# ── reports of a platform's users ──


def report(node, item, cursor="7", **changes):
    given = replace(NOTICE, email="", good_faith=False, is_report=True, **changes)
    return notice.take_report(node.house, PLATFORM, given, item, cursor)


def test_a_report_needs_no_mail_and_no_form_and_is_remembered(any_node):
    assert notice.reports_read(any_node.house) == ""
    report(any_node, None)
    [case] = any_node.cases()
    assert (case.kind, notice.reports_read(any_node.house)) == (CaseKind.NOTICE, "7")
    with pytest.raises(Invalid):
        report(any_node, None, explanation=" ")
    assert notice.reports_read(any_node.house) == "7"
    notice.skip_report(any_node.house, PLATFORM, "8")
    assert notice.reports_read(any_node.house) == "8"
    with pytest.raises(Invalid):
        notice.receive(any_node.house, PUBLIC, replace(NOTICE, email=""))


@pytest.fixture
def seeing(tmp_path, decoder):
    """A node that reads pictures."""
    with opened(tmp_path / "seeing", decoder) as made:
        yield made
        assert made.sound()


def test_a_reported_item_comes_along_with_a_copy_of_its_files(seeing):
    item = seeing.given(text="A quiet evening", media=(MediaGiven("m-1", "image/png", b"bytes"),))
    report(seeing, item)
    [case] = seeing.cases()
    posted = seeing.ask(content_store.posted, seeing.house.vault, case.items[0].item, 1)
    [file] = posted.media
    sealed = seeing.house.blobs.get(file.sealed.blob)
    assert seeing.house.vault.open(file.sealed.subject, sealed, "media") == b"bytes"
    assert seeing.ask(content_store.signals_of, case.items[0].item, 1)
    report(seeing, item, "8")  # a second one joins, and keeps what is kept
    [case] = seeing.cases()
    assert len(case.notices) == 2
    assert seeing.ask(content_store.posted, seeing.house.vault, case.items[0].item, 1).media == (file,)


def test_what_was_screened_before_is_kept_once_it_is_reported(seeing):
    item = seeing.given(text="A quiet evening", media=(MediaGiven("m-1", "image/png", b"bytes"),))
    seeing.post(text="A quiet evening", media=item.media)
    report(seeing, item)
    [case] = seeing.cases()
    assert seeing.ask(content_store.posted, seeing.house.vault, case.items[0].item, 1).media[0].sealed is not None


def test_a_report_from_a_private_place_opens_that_item_and_screens_nothing(any_node):
    any_node.rule(any_node.bank().id, Act.REJECT_UPLOAD)
    report(any_node, any_node.given(visibility=Visibility.PRIVATE))
    [case] = any_node.cases()
    item = case.items[0].item
    assert any_node.ask(content_store.signals_of, item, 1) == []
    assert any_node.restrictions(item) == []


def test_a_notice_finds_the_item_by_the_platform_s_own_name_for_it(node):
    answer = node.post(text="A quiet evening")
    notice.receive(node.house, PUBLIC, replace(NOTICE, url="https://elsewhere.example/"), "p-1")
    assert node.cases()[0].items[0].item == answer.item
    notice.receive(node.house, PUBLIC, replace(NOTICE, url="https://elsewhere.example/"), "p-404")
    assert {case.kind for case in node.cases()} == {CaseKind.ITEM, CaseKind.NOTICE}
