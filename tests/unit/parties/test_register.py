"""The register in the database, on both."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beffroi.ground.kernel.errors import NotAllowed, NotFound
from beffroi.ground.kernel.ids import AuthorityId, PersonId
from beffroi.parties import register, store
from beffroi.parties.model import Authority, AuthorityState, AuthorityTerms, Function
from tests.databases import HouseDb
from tests.unit.parties.invented import OFFICE, PHONE

IOANA, ADA = PersonId("prs_ioana"), PersonId("prs_ada")


def pinned(house_db: HouseDb, terms: AuthorityTerms = OFFICE) -> Authority:
    entry = house_db.run(lambda tx: register.propose(tx, terms, IOANA))
    return house_db.run(lambda tx: register.pin(tx, entry.id, ADA, PHONE))


def test_from_the_list_to_its_end(house_db: HouseDb) -> None:
    entry = pinned(house_db)
    assert (entry.state, entry.version) == (AuthorityState.PINNED, 2)
    house_db.run(lambda tx: register.end(tx, entry.id, IOANA, "the office was closed"))
    [ended] = house_db.ask(store.authorities)
    assert ended.state is AuthorityState.ENDED
    assert house_db.ask(store.AUTHORITIES.disagreements) == []


def test_who_is_competent(house_db: HouseDb) -> None:
    here = pinned(house_db)
    police = pinned(house_db, replace(OFFICE, name="Valmere Police", functions=(Function.INVESTIGATE,)))
    there = pinned(house_db, replace(OFFICE, country="BE"))
    house_db.run(lambda tx: register.propose(tx, OFFICE, IOANA))
    now = house_db.clock.now()

    def competent(function: Function, country: str | None = None, at=now) -> set[AuthorityId]:
        return {one.id for one in house_db.ask(lambda conn: register.competent(conn, function, at, country))}

    assert competent(Function.ISSUE) == {here.id, there.id}
    assert competent(Function.ISSUE, "AT") == {here.id}
    assert competent(Function.INVESTIGATE, "AT") == {police.id}
    assert competent(Function.INVESTIGATE, "BE") == set()
    assert competent(Function.ISSUE, at=now + timedelta(days=400)) == set()


def test_a_look_alike_is_nobody(house_db: HouseDb) -> None:
    entry, now = pinned(house_db), house_db.clock.now()
    found = house_db.ask(lambda conn: register.by_address(conn, "Orders@Office.example ", now))
    assert found == entry
    for address in ("orders@0ffice.example", "orders@office.example.net", ""):
        assert house_db.ask(lambda conn, a=address: register.by_address(conn, a, now)) is None


def test_what_is_refused_leaves_nothing(house_db: HouseDb) -> None:
    entry = house_db.run(lambda tx: register.propose(tx, OFFICE, IOANA))
    with pytest.raises(NotAllowed):
        house_db.run(lambda tx: register.pin(tx, entry.id, IOANA, PHONE))
    with pytest.raises(NotFound):
        house_db.run(lambda tx: register.pin(tx, AuthorityId("aut_none"), ADA, PHONE))
    assert house_db.ask(store.authorities) == [entry]
    assert len(house_db.recorded) == 1
