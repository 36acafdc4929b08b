"""How a body comes onto the register, and what does not bring it there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beffroi.ground.kernel.errors import Conflict, Invalid, NotAllowed
from beffroi.ground.kernel.ids import AuthorityId, PersonId
from beffroi.parties import register_rules as rules
from beffroi.parties.model import Authority, AuthorityState, AuthorityTerms, ContactPoint, Function
from tests.unit.parties.invented import OFFICE, PHONE

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
IOANA, ADA = PersonId("prs_ioana"), PersonId("prs_ada")


def proposed(terms: AuthorityTerms = OFFICE) -> Authority:
    [event] = rules.propose(terms, AuthorityId("aut_1"), IOANA, NOW)
    return rules.apply(None, event)


def pinned(terms: AuthorityTerms = OFFICE, at: datetime = NOW) -> Authority:
    entry = proposed(terms)
    [event] = rules.pin(entry, ADA, PHONE, at)
    return rules.apply(entry, event)


def test_two_persons_and_the_number_of_the_list() -> None:
    with pytest.raises(NotAllowed):
        rules.pin(proposed(), IOANA, PHONE, NOW)
    with pytest.raises(Invalid) as refused:
        rules.pin(proposed(), ADA, "+00 55 55555", NOW)
    assert refused.value.code == "not-the-registered-number"
    assert rules.pin(proposed(), ADA, PHONE.replace(" ", "-"), NOW), "how a number is written does not matter"


def test_a_proposal_counts_for_nothing() -> None:
    assert not rules.is_in_force(proposed(), NOW)


def test_a_pin_holds_a_year_and_can_be_renewed() -> None:
    entry, year = pinned(), timedelta(days=365)
    assert rules.is_in_force(entry, NOW)
    assert rules.is_in_force(entry, NOW + year - timedelta(seconds=1))
    assert not rules.is_in_force(entry, NOW + year)
    [again] = rules.pin(entry, ADA, PHONE, NOW + year)
    assert rules.is_in_force(rules.apply(entry, again), NOW + year)


def test_only_for_what_the_list_says() -> None:
    entry = pinned(replace(OFFICE, functions=(Function.INVESTIGATE,)))
    assert rules.is_in_force(entry, NOW, Function.INVESTIGATE)
    assert not rules.is_in_force(entry, NOW, Function.ISSUE)


def test_not_before_and_not_after_its_own_validity() -> None:
    terms = replace(OFFICE, valid_from=NOW + timedelta(days=1), valid_to=NOW + timedelta(days=9))
    entry = pinned(terms)
    assert entry.expires_at == terms.valid_to
    assert [rules.is_in_force(entry, NOW + timedelta(days=day)) for day in (0, 1, 8, 9)] == [False, True, True, False]
    with pytest.raises(Conflict):
        rules.pin(proposed(terms), ADA, PHONE, NOW + timedelta(days=9))


def test_taken_off_for_good() -> None:
    entry = pinned()
    [event] = rules.end(entry, IOANA, "the office was closed", NOW)
    ended = rules.apply(entry, event)
    assert ended.state is AuthorityState.ENDED
    assert not rules.is_in_force(ended, NOW)
    for again in (lambda: rules.end(ended, IOANA, "again", NOW), lambda: rules.pin(ended, ADA, PHONE, NOW)):
        with pytest.raises(Conflict):
            again()
    with pytest.raises(Invalid):
        rules.end(entry, IOANA, " ", NOW)


@pytest.mark.parametrize(
    ("where", "terms"),
    [
        ("name", replace(OFFICE, name=" ")),
        ("name", replace(OFFICE, name="x" * 501)),
        ("source", replace(OFFICE, source="")),
        ("country", replace(OFFICE, country="Austria")),
        ("functions", replace(OFFICE, functions=())),
        ("functions", replace(OFFICE, functions=(Function.ISSUE, Function.ISSUE))),
        ("languages", replace(OFFICE, languages=())),
        ("languages", replace(OFFICE, languages=("German",))),
        ("email", replace(OFFICE, contact=ContactPoint("nobody", phone=PHONE))),
        ("phone", replace(OFFICE, contact=ContactPoint("orders@office.example"))),
        ("postal", replace(OFFICE, contact=ContactPoint("orders@office.example", "x" * 2001, PHONE))),
        ("valid_to", replace(OFFICE, valid_to=OFFICE.valid_from)),
    ],
)
def test_what_cannot_be_entered(where: str, terms: AuthorityTerms) -> None:
    with pytest.raises(Invalid) as refused:
        proposed(terms)
    assert refused.value.where == where


def test_an_event_without_its_entry() -> None:
    with pytest.raises(Conflict):
        rules.apply(None, rules.pin(proposed(), ADA, PHONE, NOW)[0])
