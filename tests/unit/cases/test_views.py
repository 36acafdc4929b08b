"""What the queue shows, to whom."""

from datetime import timedelta

from beffroi.cases import service, views
from beffroi.cases.views import Turn
from beffroi.content.model import MediaGiven
from beffroi.ground.kernel.ids import SubjectId
from tests.unit.cases.scene import DECISION, LEASE, NOOR, NOTICE, TOMAS, claim, do, item, load, opened


def queue(house, person=NOOR, **named):
    return house.ask(lambda conn: views.queue(conn, house.vault, person, house.clock.now(), budget=90, **named))


def turns(house, person):
    return [row.turn for row in queue(house, person).rows]


def test_a_row_says_what_it_is_without_opening_anything(house_db):
    posted = item(house_db, text="The   lamp\nis lit " + "tonight " * 20, media=(MediaGiven(content=b"x"),))
    case = opened(house_db, posted)
    [row] = queue(house_db).rows
    assert row.case == case
    assert row.excerpt.startswith("The lamp is lit tonight")
    assert row.excerpt.endswith(" …")
    assert (row.has_media, row.language, row.copies) == (True, "en", 1)
    assert (row.confidence, row.severity, row.confidence + row.severity) == (29, 22, case.priority)


def test_short_words_are_shown_whole_and_erased_ones_not(house_db):
    posted = item(house_db, text="The lamp")
    opened(house_db, posted)
    assert queue(house_db).rows[0].excerpt == "The lamp"
    house_db.vault.destroy(SubjectId(posted.account), house_db.clock.now())
    assert queue(house_db).rows[0].excerpt == ""


def test_whose_turn_it_is(house_db):
    case = opened(house_db, item(house_db))
    assert turns(house_db, NOOR) == [Turn.FREE]
    claim(house_db, case)
    house_db.clock.move(LEASE - timedelta(seconds=30))
    assert (turns(house_db, NOOR), turns(house_db, TOMAS)) == ([Turn.YOU], [Turn.SOMEBODY])
    assert queue(house_db).rows[0].lease_left_s == 30
    house_db.clock.move(timedelta(seconds=30))
    assert turns(house_db, TOMAS) == [Turn.FREE]
    assert queue(house_db).rows[0].lease_left_s == 0
    claim(house_db, case)
    do(house_db, service.proposed, case.id, DECISION, NOOR)
    assert (turns(house_db, NOOR), turns(house_db, TOMAS)) == ([Turn.NOT_FOR_YOU], [Turn.NEEDS_SECOND])


def test_what_was_handed_to_me_comes_first_and_to_others_is_not_mine(house_db):
    first, second = (opened(house_db, item(house_db, number)) for number in (1, 2))
    claim(house_db, second)
    do(house_db, service.hand_over, second.id, NOOR, TOMAS, "")
    assert [row.case.id for row in queue(house_db, TOMAS).rows] == [second.id, first.id]
    assert [row.case.id for row in queue(house_db, NOOR).rows] == [first.id]
    assert queue(house_db, NOOR).waiting == 2


def test_what_i_skipped_comes_last(house_db):
    first = opened(house_db, item(house_db, 1))
    house_db.clock.move(timedelta(seconds=1))
    second = opened(house_db, item(house_db, 2))
    do(house_db, service.skip, first.id, NOOR, "", LEASE)
    assert [row.case.id for row in queue(house_db, NOOR).rows] == [second.id, first.id]
    assert [row.case.id for row in queue(house_db, TOMAS).rows] == [first.id, second.id]


def test_sealed_and_closed_cases_are_not_listed(house_db):
    sealed, closed = (opened(house_db, item(house_db, number)) for number in (1, 2))
    do(house_db, service.seal, sealed.id, NOOR)
    do(house_db, service.decided, closed.id, DECISION, confirmed=True)
    assert queue(house_db).rows == ()


def test_points_are_one_s_own_and_of_this_shift(house_db):
    posted = item(house_db)
    case = opened(house_db, posted)
    do(house_db, service.open_media, case.id, posted.id, NOOR, 5)
    assert (queue(house_db, NOOR).points_seen, queue(house_db, TOMAS).points_seen) == (5, 0)
    assert queue(house_db).points_budget == 90
    house_db.clock.move(timedelta(hours=13))
    assert queue(house_db, NOOR).points_seen == 0


def test_a_notice_case_without_an_item_has_a_row(house_db):
    notice, token = do(house_db, service.receive_notice, NOTICE, None)
    [row] = queue(house_db).rows
    assert (row.excerpt, row.has_media, row.language, row.copies) == ("", False, None, 0)
    [read] = house_db.ask(lambda conn: views.notices(conn, house_db.vault, row.case.notices))
    assert (read.notice, read.url, read.explanation, read.name) == (
        notice, NOTICE.url, NOTICE.explanation, NOTICE.name
    )  # fmt: skip
    assert "nele@mail.example" not in repr(read)
    assert house_db.ask(lambda conn: views.notice_status(conn, token)) == notice
    assert house_db.ask(lambda conn: views.notice_status(conn, "guessed")) is None


def test_an_erased_notifier_s_words_are_gone(house_db):
    do(house_db, service.receive_notice, NOTICE, None)
    [subject] = house_db.column("SELECT subject FROM notice_words")
    house_db.vault.destroy(SubjectId(subject), house_db.clock.now())
    [row] = queue(house_db).rows
    [read] = house_db.ask(lambda conn: views.notices(conn, house_db.vault, row.case.notices))
    assert (read.url, read.explanation, read.name) == (None, None, None)


def test_the_newest_item_leads(house_db):
    opened(house_db, item(house_db, 1, text="one"), cluster="ent_1")
    case = opened(house_db, item(house_db, 2, text="two"), cluster="ent_1")
    lead, posted = house_db.ask(lambda conn: views.lead(conn, house_db.vault, load(house_db, case)))
    assert (lead.id, posted.text) == (case.items[-1].item, "two")
