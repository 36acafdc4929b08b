"""The statement of reasons, every element of Art 17(3), and until when it can be challenged."""

from datetime import UTC, datetime

import pytest

from beffroi.decisions import service as decisions
from beffroi.decisions.model import Act
from beffroi.decisions.remedies import Way
from beffroi.ground.kernel.ids import SubjectId
from beffroi.notices import store, views
from beffroi.parties import charter
from beffroi.parties import service as parties
from beffroi.parties.model import ContactPoint, NodeKind, Particulars, Service, Size
from tests.unit.actions.scene import carry_out, end, plan, planned, posted
from tests.unit.decisions.scene import IOANA, SENTENCE, ground, published, standing_rule
from tests.unit.decisions.test_service import HIT
from tests.unit.notices.test_service import issue

CONTACT = ContactPoint("orders@agora.example")


def read(house, statement):
    token = house.ask(lambda conn: store.token_of(conn, house.vault, statement.id))
    return house.ask(lambda conn: views.statement(conn, house.vault, token))


def told(house):
    decision, restriction = planned(house, posted(house))
    return decision, carry_out(house, restriction), issue(house, decision, restriction)


def platform(house, size=Size.MEDIUM, service=Service.ONLINE_PLATFORM):
    given = Particulars("Agora", NodeKind.PLATFORM, "XA", ("en",), CONTACT, CONTACT, size=size, service=service)
    house.run(lambda tx: parties.establish(tx, given))


@pytest.mark.parametrize(
    ("told_at", "months", "until"),
    [
        ((2026, 6, 1, 8), 6, (2026, 12, 2, 12)),
        ((2026, 8, 31, 0), 6, (2027, 3, 1, 12)),  # February has no 31st: its last day
        ((2027, 8, 31, 23, 59), 6, (2028, 3, 1, 12)),  # 29 February 2028
        ((2028, 2, 29, 12), 12, (2029, 3, 1, 12)),
        ((2028, 2, 29, 12), 48, (2032, 3, 1, 12)),
        ((2026, 12, 31, 12), 6, (2027, 7, 1, 12)),
        ((2026, 6, 30, 12), 6, (2026, 12, 31, 12)),
        ((2026, 7, 1, 12), 6, (2027, 1, 2, 12)),
        ((2026, 3, 31, 12), 120, (2036, 4, 1, 12)),
    ],
)
def test_a_right_of_months_ends_late(told_at, months, until):
    """Reg 1182/71 Art 3(2)(c): the same day of the month, or its last; the day ends where it ends last on earth."""
    assert views.challenge_until(datetime(*told_at, tzinfo=UTC), months) == datetime(*until, tzinfo=UTC)


def test_a_statement_says_everything(house_db):
    platform(house_db)
    decision, restriction, statement = told(house_db)
    shown = read(house_db, statement)
    assert (shown.statement, shown.restriction, shown.decision.decision) == (statement, restriction, decision)
    assert (shown.decision.clause.number, shown.decision.notes) == ("1", {"exemption": SENTENCE})
    assert (shown.posted.text, shown.organisation.particulars.name) == ("The lamp is lit tonight", "Agora")
    assert (shown.is_detected_by_machine, shown.is_decided_by_machine, shown.is_over) == (True, False, False)
    assert [r.way for r in shown.remedies] == [Way.ASK_US, Way.INDEPENDENT_BODY, Way.COURT]
    assert shown.challenge_until == views.challenge_until(statement.issued_at, 6)


def test_it_speaks_of_the_revision_that_was_decided(house_db):
    _, _, statement = told(house_db)
    posted(house_db, revision=2, text="Out")
    assert read(house_db, statement).posted.text == "The lamp is lit tonight"


def test_it_says_when_what_it_tells_is_over(house_db):
    decision, _, statement = told(house_db)
    end(house_db, decision)
    assert read(house_db, statement).is_over


def test_by_rule_it_says_that_no_person_has_looked(house_db):
    standing_rule(house_db, ground(published(house_db)), act=Act.REJECT_UPLOAD)
    item = posted(house_db)
    decision = house_db.run(lambda tx: decisions.apply_rules(tx, item, [HIT]))
    [restriction] = plan(house_db, decision)
    shown = read(house_db, issue(house_db, decision, restriction))
    assert (shown.is_decided_by_machine, shown.decision.rule.id) == (True, decision.rule)
    assert shown.remedies[0].way is Way.ASK_A_PERSON_NOW


def test_the_charter_sets_the_months_and_the_words(house_db):
    _, _, statement = told(house_db)
    for name, value in (("remedies.complaint_months", 12), ("remedies.out_of_court", "The Lamp Board")):
        house_db.run(lambda tx, name=name, value=value: charter.set(tx, name, value, IOANA, "more time"))
    shown = read(house_db, statement)
    assert shown.challenge_until == views.challenge_until(statement.issued_at, 12)
    assert shown.out_of_court == "The Lamp Board"


def test_an_unknown_organisation_is_taken_for_the_smallest(house_db):
    _, _, statement = told(house_db)
    assert [r.way for r in read(house_db, statement).remedies] == [Way.ASK_US, Way.COURT]
    house_db.run(lambda tx: charter.set(tx, "remedies.own_complaint", False, IOANA, "no people"))
    assert [r.way for r in read(house_db, statement).remedies] == [Way.COURT]


def test_a_wrong_link_opens_nothing(house_db):
    told(house_db)
    assert house_db.ask(lambda conn: views.statement(conn, house_db.vault, "guessed")) is None


def test_an_erased_text_is_gone_from_it(house_db):
    _, _, statement = told(house_db)
    house_db.vault.destroy(SubjectId(statement.account), house_db.clock.now())
    shown = house_db.ask(lambda conn: views.read(conn, house_db.vault, statement))
    assert (shown.posted, shown.decision.notes) == (None, {})
