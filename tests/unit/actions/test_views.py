"""What the case page and the histories read."""

import pytest

from beffroi.actions import views
from beffroi.cases import service as cases
from beffroi.decisions.model import Act, ItemRevision
from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import CaseId, SubjectId
from tests.unit.actions.scene import plan, removed
from tests.unit.cases.scene import NOOR, NOTICE, do, item, opened
from tests.unit.decisions.scene import SENTENCE, decided, ground, published, removal


def page(house, case, person=NOOR):
    return house.ask(lambda conn: views.case_page(conn, house.vault, case.id, person, house.clock.now()))


def decided_case(house):
    posted = item(house)
    case = opened(house, posted)
    decision = removed(house, *_revisions(case), case=case.id)
    plan(house, decision)
    return posted, case, decision


def _revisions(case):
    return [ItemRevision(i.item, i.revision) for i in case.items]


def test_the_case_page_shows_all_of_a_case(house_db):
    posted, case, decision = decided_case(house_db)
    do(house_db, cases.add_note, case.id, NOOR, "Seen before.")
    do(house_db, cases.receive_notice, NOTICE, posted)
    shown = page(house_db, case)
    assert (shown.case.id, shown.lead.item, shown.lead.posted.text) == (case.id, posted, "The lamp is lit tonight")
    assert [r.item for r in shown.lead.restrictions] == [posted.id]
    [read] = shown.decisions
    assert (read.decision.id, read.clause.number, read.notes) == (decision.id, "1", {"exemption": SENTENCE})
    assert [words for _, _, words in shown.notes] == ["Seen before."]
    assert [n.explanation for n in shown.notices] == [NOTICE.explanation]
    assert (shown.account.account, shown.account.platform_id) == (posted.account, "u-1")
    assert len(shown.policies) == 1


def test_an_edited_item_stands_once_at_its_newest_revision(house_db):
    case = opened(house_db, item(house_db))
    case = opened(house_db, item(house_db, revision=2, text="Out"))
    shown = page(house_db, case)
    assert [(read.item.revision, read.posted.text) for read in shown.items] == [(2, "Out")]


def test_a_case_without_items_has_a_page(house_db):
    do(house_db, cases.receive_notice, NOTICE, None)
    [case_id] = house_db.column('SELECT id FROM "case"')
    shown = house_db.ask(
        lambda conn: views.case_page(conn, house_db.vault, CaseId(case_id), NOOR, house_db.clock.now())
    )
    assert (shown.lead, shown.account, shown.items) == (None, None, ())


def test_a_sealed_case_and_its_items_are_unknown(house_db):
    posted, case, _ = decided_case(house_db)
    with pytest.raises(NotFound) as never_was:
        house_db.ask(lambda conn: views.case_page(conn, house_db.vault, CaseId("cas_none"), NOOR, house_db.clock.now()))
    do(house_db, cases.reopen, case.id, "decision-undone")
    do(house_db, cases.seal, case.id, NOOR)
    with pytest.raises(NotFound) as sealed:
        page(house_db, case)
    assert sealed.value.message == never_was.value.message
    with pytest.raises(NotFound):
        house_db.ask(lambda conn: views.item_history(conn, house_db.vault, posted.id))


def test_the_history_of_an_item(house_db):
    posted, case, decision = decided_case(house_db)
    history = house_db.ask(lambda conn: views.item_history(conn, house_db.vault, posted.id))
    assert ([c.id for c in history.cases], [d.decision.id for d in history.decisions]) == ([case.id], [decision.id])
    assert history.read.item == posted


def test_an_account_shows_what_was_decided_about_any_of_it(house_db):
    posted, _, decision = decided_case(house_db)
    terms = published(house_db)
    warning = decided(house_db, removal(ground(terms), act=Act.WARN_ACCOUNT, account=posted.account))
    plan(house_db, warning)
    read = house_db.ask(lambda conn: views.account_read(conn, house_db.vault, posted.account))
    assert {d.decision.id for d in read.decisions} == {decision.id, warning.id}
    assert [r.kind for r in read.restrictions] == ["warn_account"]
    assert read.profile["name"] == "Somebody"


def test_an_erased_account_still_has_its_facts(house_db):
    posted, case, _ = decided_case(house_db)
    house_db.vault.destroy(SubjectId(posted.account), house_db.clock.now())
    shown = page(house_db, case)
    assert (shown.lead.posted, shown.account.profile, shown.decisions[0].notes) == (None, {}, {})
    assert shown.lead.item == posted


def test_there_must_be_something_to_read(house_db):
    for question in (views.item_read, views.account_read, views.decision):
        with pytest.raises(NotFound):
            house_db.ask(lambda conn, question=question: question(conn, house_db.vault, "none"))
